/**
 * What the worker is told: options and environment with all questions answered, in a form that travels
 * from the process that planned to each worker that is started.
 */
import { fstatSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';

import type { LogLevel } from '../base/log.ts';
import type { Network } from '../net/network.ts';
import type { DistccdOptions } from './distccd-options.ts';

export interface WorkerSettings {
  /** As the daemon was called, for the log. */
  readonly name: string;
  /** Set when clients are brought by `distccd --inetd`: how long to wait for the next one; 0 for one client only. */
  readonly carried: { readonly keepSeconds: number } | undefined;
  readonly networks: readonly Network[];
  readonly jobs: number;
  readonly niceness: number;
  readonly jobLifetimeSeconds: number;
  readonly ioTimeoutSeconds: number;
  readonly logLevel: LogLevel;
  /** `stderr`, `syslog`, or an absolute path. The system's log puts name and process id before each line itself. */
  readonly logTarget: string;
  /** Compilers may be called whatever they like. */
  readonly anyCompiler: boolean;
  readonly compilerList: { readonly file: string; readonly words: number } | undefined;
  readonly masqueradeDirectories: readonly string[];
  readonly tempParent: string;
  /** $DISTCC_SAVE_TEMPS: files of jobs are left where they are. */
  readonly savesTemps: boolean;
  /** Whose files -specs may name. */
  readonly sysroot: string | undefined;
  /** $DISTCCD_PATH: where compilers are looked for, if it was set. */
  readonly compilerPath: string | undefined;
  /** Most bytes of requests and replies in memory. */
  readonly memoryBytes: number;
}

export interface DistccdEnvironment {
  readonly compilerList: WorkerSettings['compilerList'];
  readonly compilerPath: string | undefined;
  readonly tempParent: string;
  readonly ioTimeoutSeconds: number;
  readonly drainSeconds: number;
  readonly savesTemps: boolean;
  readonly defersAccept: boolean;
  /** How long a worker of `distccd --inetd` waits for another client. */
  readonly keepSeconds: number;
}

/** No more than the parent process keeps places for. */
const MAX_JOBS = 1000;
const SPARE_JOBS = 2;
const IO_TIMEOUT_SECONDS = 300;
const DRAIN_SECONDS = 20;
const KEEP_SECONDS = 300;

/** Reads what distccd takes from its environment. @returns a sentence when something there cannot be. */
export function readDistccdEnvironment(): DistccdEnvironment | string {
  const { env } = process;
  const ioTimeoutSeconds = seconds(env['DISTCC_IO_TIMEOUT'], IO_TIMEOUT_SECONDS);
  if (!(ioTimeoutSeconds > 0))
    return `DISTCC_IO_TIMEOUT=${env['DISTCC_IO_TIMEOUT']} is no number of seconds above 0`;
  const drainSeconds = seconds(env['DISTCCD_DRAIN_SECONDS'], DRAIN_SECONDS);
  if (!(drainSeconds >= 0))
    return `DISTCCD_DRAIN_SECONDS=${env['DISTCCD_DRAIN_SECONDS']} is no number of seconds`;
  const keepSeconds = seconds(env['DISTCCD_KEEP_SECONDS'], KEEP_SECONDS);
  if (!(keepSeconds >= 0))
    return `DISTCCD_KEEP_SECONDS=${env['DISTCCD_KEEP_SECONDS']} is no number of seconds`;
  const file = env['DISTCC_CMDLIST'];
  const words = Number(env['DISTCC_CMDLIST_NUMWORDS'] ?? 1);
  const savesTemps = flag('DISTCC_SAVE_TEMPS', false);
  const defersAccept = flag('DISTCC_TCP_DEFER_ACCEPT', true);
  for (const sentence of [savesTemps, defersAccept]) if (typeof sentence === 'string') return sentence;
  return {
    compilerList:
      file === undefined
        ? undefined
        : { file: path.resolve(file), words: words >= 1 ? Math.trunc(words) : 1 },
    compilerPath: env['DISTCCD_PATH'] || undefined,
    tempParent: path.resolve(env['TMPDIR'] || '/tmp'),
    ioTimeoutSeconds,
    drainSeconds,
    keepSeconds,
    savesTemps: savesTemps === true,
    defersAccept: defersAccept === true,
  };
}

export interface SettingsParts {
  readonly name: string;
  readonly options: DistccdOptions;
  readonly environment: DistccdEnvironment;
  readonly networks: readonly Network[];
  readonly masqueradeDirectories: readonly string[];
}

export function settingsFor({
  name,
  options,
  environment,
  networks,
  masqueradeDirectories,
}: SettingsParts): WorkerSettings {
  const isInetd = (options.mode ?? modeOfInput()) === 'inetd';
  const target = logTarget(options, isInetd);
  return {
    name,
    // A log on the standard error of one caller cannot outlive that one.
    carried: isInetd ? { keepSeconds: target === 'stderr' ? 0 : environment.keepSeconds } : undefined,
    networks,
    jobs: Math.min(MAX_JOBS, options.jobs ?? availableParallelism() + SPARE_JOBS),
    niceness: options.niceness,
    jobLifetimeSeconds: options.jobLifetimeSeconds,
    ioTimeoutSeconds: environment.ioTimeoutSeconds,
    logLevel: options.logLevel,
    logTarget: target,
    anyCompiler: options.anyCompiler,
    compilerList: environment.compilerList,
    masqueradeDirectories,
    tempParent: environment.tempParent,
    savesTemps: environment.savesTemps,
    sysroot: options.sysroot && path.resolve(options.sysroot),
    compilerPath: environment.compilerPath,
    memoryBytes: mostBytesInMemory(),
  };
}

/**
 * What is counted is what has come; while it is put together, twice as much and more lies about. So an
 * eighth of the memory that there is for us.
 */
function mostBytesInMemory(): number {
  return Math.min(2 ** 31, Math.min(totalmem(), process.constrainedMemory() || Infinity) / 8);
}

function logTarget({ logTo, detach }: DistccdOptions, isInetd: boolean): string {
  if (logTo.kind === 'file') return path.resolve(logTo.file);
  return logTo.kind === 'stderr' || (!detach && !isInetd) ? 'stderr' : 'syslog';
}

/** Whoever starts a server with a socket for standard input has a client for it. */
function modeOfInput(): 'inetd' | 'daemon' {
  return fstatSync(0).isSocket() ? 'inetd' : 'daemon';
}

/** The environment that compilers inherit; all of ours but what is for this program alone. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

/** As distcc reads such variables: 0 or 1. @returns a sentence for anything else. */
function flag(name: string, otherwise: boolean): boolean | string {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  return /^[01]$/.test(text) ? text === '1' : `${name}=${text} is neither 0 nor 1`;
}

function seconds(text: string | undefined, otherwise: number): number {
  return text === undefined || text === '' ? otherwise : Number(text);
}
