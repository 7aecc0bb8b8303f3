/**
 * What the worker is told: options and environment with all questions answered, in a form that travels
 * from the process that planned to each worker that is started.
 */
import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';

import type { LogLevel } from '../base/log.ts';
import type { Network } from '../net/network.ts';
import type { DistccdOptions } from './distccd-options.ts';

export interface WorkerSettings {
  readonly networks: readonly Network[];
  readonly jobs: number;
  readonly niceness: number;
  readonly jobLifetimeSeconds: number;
  readonly ioTimeoutSeconds: number;
  readonly logLevel: LogLevel;
  /** The system's log puts name and process id before each line itself. */
  readonly logsToSystem: boolean;
  /** Compilers may be called whatever they like. */
  readonly anyCompiler: boolean;
  readonly compilerList: { readonly file: string; readonly words: number } | undefined;
  readonly masqueradeDirectories: readonly string[];
  readonly tempParent: string;
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
}

/** No more than the parent process keeps places for. */
const MAX_JOBS = 1000;
const SPARE_JOBS = 2;
const IO_TIMEOUT_SECONDS = 300;
const DRAIN_SECONDS = 20;

/** Reads what distccd takes from its environment. @returns a sentence when something there cannot be. */
export function readDistccdEnvironment(): DistccdEnvironment | string {
  const { env } = process;
  const ioTimeoutSeconds = seconds(env['DISTCC_IO_TIMEOUT'], IO_TIMEOUT_SECONDS);
  if (!(ioTimeoutSeconds > 0))
    return `DISTCC_IO_TIMEOUT=${env['DISTCC_IO_TIMEOUT']} is no number of seconds above 0`;
  const drainSeconds = seconds(env['DISTCCD_DRAIN_SECONDS'], DRAIN_SECONDS);
  if (!(drainSeconds >= 0))
    return `DISTCCD_DRAIN_SECONDS=${env['DISTCCD_DRAIN_SECONDS']} is no number of seconds`;
  const file = env['DISTCC_CMDLIST'];
  const words = Number(env['DISTCC_CMDLIST_NUMWORDS'] ?? 1);
  return {
    compilerList:
      file === undefined
        ? undefined
        : { file: path.resolve(file), words: words >= 1 ? Math.trunc(words) : 1 },
    compilerPath: env['DISTCCD_PATH'] || undefined,
    tempParent: path.resolve(env['TMPDIR'] || '/tmp'),
    ioTimeoutSeconds,
    drainSeconds,
  };
}

export interface SettingsParts {
  readonly options: DistccdOptions;
  readonly environment: DistccdEnvironment;
  readonly networks: readonly Network[];
  readonly masqueradeDirectories: readonly string[];
}

export function settingsFor({
  options,
  environment,
  networks,
  masqueradeDirectories,
}: SettingsParts): WorkerSettings {
  return {
    networks,
    jobs: Math.min(MAX_JOBS, options.jobs ?? availableParallelism() + SPARE_JOBS),
    niceness: options.niceness,
    jobLifetimeSeconds: options.jobLifetimeSeconds,
    ioTimeoutSeconds: environment.ioTimeoutSeconds,
    logLevel: options.logLevel,
    logsToSystem: logTarget(options) === 'syslog',
    anyCompiler: options.anyCompiler,
    compilerList: environment.compilerList,
    masqueradeDirectories,
    tempParent: environment.tempParent,
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

/** `stderr`, `syslog`, or a file's name. */
export function logTarget({ logTo, detach }: DistccdOptions): string {
  if (logTo.kind === 'file') return logTo.file;
  return logTo.kind === 'stderr' || !detach ? 'stderr' : 'syslog';
}

/** The environment that compilers inherit; all of ours but what is for this program alone. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}

function seconds(text: string | undefined, otherwise: number): number {
  return text === undefined || text === '' ? otherwise : Number(text);
}
