/**
 * What the worker is told: options and environment with all questions answered, in a form that travels
 * from the process that planned to each worker that is started.
 */
import { fstatSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';

import type { LogFormat, LogLevel } from '../base/log.ts';
import type { Admits } from '../execute/box.ts';
import type { Network } from '../net/network.ts';
import type { DistccdOptions } from './distccd-options.ts';
import { DISTCCD_VARIABLES } from './distccd-variables.ts';
import type { DistccdVariable, VariableRow } from './distccd-variables.ts';

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
  readonly logFormat: LogFormat;
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
  /** Where blobs and results are kept; undefined: in a temporary directory. */
  readonly cacheDirectory: string | undefined;
  readonly cacheBytes: number;
  readonly admits: Admits;
  readonly takesClientResults: boolean;
  readonly keepsHttp: boolean;
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

/** Reads what distccd takes from its environment. @returns a sentence when something there cannot be. */
export function readDistccdEnvironment(): DistccdEnvironment | string {
  const ioTimeoutSeconds = Number(valueOf('DISTCC_IO_TIMEOUT'));
  if (!(ioTimeoutSeconds > 0))
    return `DISTCC_IO_TIMEOUT=${valueOf('DISTCC_IO_TIMEOUT')} is no number of seconds above 0`;
  for (const name of ['DISTCCD_DRAIN_SECONDS', 'DISTCCD_KEEP_SECONDS'] as const)
    if (!(Number(valueOf(name)) >= 0)) return `${name}=${valueOf(name)} is no number of seconds`;
  const file = valueOf('DISTCC_CMDLIST');
  const words = Number(valueOf('DISTCC_CMDLIST_NUMWORDS'));
  return {
    compilerList:
      file === undefined
        ? undefined
        : { file: path.resolve(file), words: words >= 1 ? Math.trunc(words) : 1 },
    compilerPath: valueOf('DISTCCD_PATH'),
    tempParent: path.resolve(valueOf('TMPDIR') ?? ''),
    ioTimeoutSeconds,
    drainSeconds: Number(valueOf('DISTCCD_DRAIN_SECONDS')),
    savesTemps: isOn('DISTCC_SAVE_TEMPS'),
    defersAccept: isOn('DISTCC_TCP_DEFER_ACCEPT'),
    keepSeconds: Number(valueOf('DISTCCD_KEEP_SECONDS')),
  };
}

/** What it is set to; its default when that is empty or not set. */
function valueOf(name: DistccdVariable): string | undefined {
  const row: VariableRow = DISTCCD_VARIABLES[name];
  return process.env[name] || row.default;
}

/** As distcc reads a switch: 1 and 0; anything else is the default. */
function isOn(name: 'DISTCC_SAVE_TEMPS' | 'DISTCC_TCP_DEFER_ACCEPT'): boolean {
  const text = valueOf(name);
  return (text === '0' || text === '1' ? text : DISTCCD_VARIABLES[name].default) === '1';
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
    logFormat: options.logFormat,
    logTarget: target,
    anyCompiler: options.anyCompiler,
    compilerList: environment.compilerList,
    masqueradeDirectories,
    tempParent: environment.tempParent,
    savesTemps: environment.savesTemps,
    sysroot: options.sysroot && path.resolve(options.sysroot),
    compilerPath: environment.compilerPath,
    memoryBytes: mostBytesInMemory(),
    cacheDirectory: options.cacheDirectory && path.resolve(options.cacheDirectory),
    cacheBytes: options.cacheBytes,
    admits: options.admits,
    takesClientResults: options.takesClientResults,
    keepsHttp: options.keepsHttp,
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
