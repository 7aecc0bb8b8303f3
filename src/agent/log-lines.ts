/**
 * The lines of a job's log that scripts look for, spelled as distcc spells them. The host is the entry of
 * the host list as it was written.
 *
 * Source: the log of distcc 3.4.
 */
import { exitCodeOf, signalOf, type WaitStatus } from '../base/wait-status.ts';
import type { LogLevel } from '../base/log.ts';

export function startLine(source: string, output: string): string {
  return `compile from ${source} to ${output}`;
}

export function executionLine(host: string, argv: readonly string[]): string {
  return `exec on ${host}: ${argv.join(' ')}`;
}

export interface Transfer {
  readonly source: string;
  /** Of the preprocessed text. */
  readonly bytes: number;
  /** The host's name alone. */
  readonly hostName: string;
  readonly elapsedMs: number;
}

export function transferLine({ source, bytes, hostName, elapsedMs }: Transfer): string {
  const rate = elapsedMs > 0 ? bytes / 1024 / (elapsedMs / 1000) : 0;
  const seconds = (elapsedMs / 1000).toFixed(4);
  return `${bytes} bytes from ${source} compiled on ${hostName} in ${seconds}s, rate ${rate.toFixed(0)}kB/s`;
}

/** How a step ended, `cpp` or `compile`. */
export function statusLine(
  step: string,
  { source, host, status }: { source: string; host: string; status: WaitStatus },
): readonly [LogLevel, string] {
  const what = `${step} ${source} on ${host}`;
  if (status === 0) return ['info', `${what} completed ok`];
  const signal = signalOf(status);
  return signal === 0
    ? ['error', `${what} failed with exit code ${exitCodeOf(status)}`]
    : ['error', `${what} died with signal ${signal}`];
}

export function elapsedLine(elapsedMs: number): string {
  return `elapsed compilation time ${(elapsedMs / 1000).toFixed(6)}s`;
}

/** `self` is what a client of distcc's spent; here all clients share one agent, which cannot tell. */
export function exitLine(code: number, { userUs, systemUs }: { userUs: number; systemUs: number }): string {
  const seconds = (us: number): string => (us / 1e6).toFixed(6);
  const children = `children: ${seconds(userUs)} user ${seconds(systemUs)} sys`;
  return `exit: code ${code}; self: ${seconds(0)} user ${seconds(0)} sys; ${children}`;
}
