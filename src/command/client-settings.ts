/** What one caller wants of distribution, whichever way it was said. */
import type { LogFormat } from '../base/log.ts';
import type { TraceTarget } from '../base/trace-target.ts';

export interface ClientSettings {
  /** The host list that counts for this caller; undefined when none was given anywhere. */
  readonly hosts: HostListText | undefined;
  /** Whether a job that cannot be distributed may be compiled here. */
  readonly fallback: boolean;
  /** Whether a remote compile error is believed without compiling here again. */
  readonly skipLocalRetry: boolean;
  /** Whether a remote host is told the compiler’s full name, `x86_64-linux-gnu-gcc` for `gcc`. */
  readonly namesCompilerInFull: boolean;
  /** How long a host that failed is left alone; 0 for not at all. */
  readonly backoffMs: number;
  /** How long a peer may be silent in the middle of a job. */
  readonly ioTimeoutMs: number;
  /** File that log lines are appended to; empty for standard error. */
  readonly logFile: string;
  readonly verbose: boolean;
  readonly logFormat: LogFormat;
  readonly ssh: SshSettings;
  /** Who makes TCP connections for this caller: HOST, HOST:PORT or a Unix socket's path; undefined for nobody. */
  readonly socksProxy: string | undefined;
  /** Whether hosts may be spoken to on the native wire. */
  readonly mayBeNative: boolean;
  /** Where results are kept; undefined where they are not. */
  readonly cache: CachePlace | undefined;
  /** Where traces of its jobs are sent; undefined where none are wanted. */
  readonly traces: TraceTarget | undefined;
  /** Directory to keep the files of each job in; undefined where none are kept. */
  readonly saveTempsIn: string | undefined;
  /** Why no job of this caller can be sent; undefined when all is well. */
  readonly mistake: SettingMistake | undefined;
}

export interface CachePlace {
  /** Absolute. */
  readonly directory: string;
  readonly maxBytes: number;
}

/** A variable that says what cannot be. */
export interface SettingMistake {
  /** One sentence for the user. */
  readonly message: string;
  /** distcc's own, where the job fails for it. */
  readonly exitCode: number;
  /** The job fails even where falling back is allowed. */
  readonly isFatal: boolean;
}

/** How connections to `@host` are made. */
export interface SshSettings {
  /** DISTCC_SSH, in words. */
  readonly words: readonly string[];
  /** What of the caller's environment ssh gets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface HostListText {
  readonly text: string;
  /** The variable or file that it came from, for messages. */
  readonly from: string;
}
