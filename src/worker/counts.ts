/**
 * What this worker did since it started, under the names that distcc's statistics have, and a few of ours.
 *
 * Source of the names: a stock distccd's --stats page.
 */
import type { JobResult } from './distcc-job.ts';

export interface Counts {
  dcc_tcp_accept: number;
  dcc_rej_bad_req: number;
  dcc_rej_overload: number;
  dcc_compile_ok: number;
  dcc_compile_error: number;
  dcc_compile_timeout: number;
  dcc_cli_disconnect: number;
  /** Refused jobs, and failures of our own. */
  dcc_other: number;
  /** Of dcc_other: commands that the rules do not allow. */
  manyhands_refused: number;
  /** Connections from addresses that are not allowed. */
  manyhands_denied: number;
  /** Actions of the native wire that were run. */
  manyhands_executed: number;
  /** Actions whose result was here. */
  manyhands_cached: number;
  /** Bytes of blobs that came in. */
  manyhands_uploaded_bytes: number;
}

export function noCounts(): Counts {
  return {
    dcc_tcp_accept: 0,
    dcc_rej_bad_req: 0,
    dcc_rej_overload: 0,
    dcc_compile_ok: 0,
    dcc_compile_error: 0,
    dcc_compile_timeout: 0,
    dcc_cli_disconnect: 0,
    dcc_other: 0,
    manyhands_refused: 0,
    manyhands_denied: 0,
    manyhands_executed: 0,
    manyhands_cached: 0,
    manyhands_uploaded_bytes: 0,
  };
}

/** One `name value` a line. */
export function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** Adds a job that has ended so. */
export function count(counts: Counts, result: JobResult): void {
  switch (result) {
    case 'COMPILE_OK':
      counts.dcc_compile_ok++;
      return;
    case 'COMPILE_ERROR':
      counts.dcc_compile_error++;
      return;
    case 'COMPILE_TIMEOUT':
      counts.dcc_compile_timeout++;
      return;
    case 'CLI_DISCONN':
      counts.dcc_cli_disconnect++;
      return;
    case 'REJ_BAD_REQ':
      counts.dcc_rej_bad_req++;
      return;
    case 'REFUSED':
      counts.manyhands_refused++;
      counts.dcc_other++;
      return;
    case 'OTHER':
      counts.dcc_other++;
  }
}
