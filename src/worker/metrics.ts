/** What a worker does and has done, as metrics. docs/monitoring.md says the same. */
import { loadavg } from 'node:os';
import { BUILD } from '../base/build.ts';
import { formatMetrics, MetricNames } from '../wire/monitor/prometheus.ts';
import type { Counts } from './counts.ts';

export interface MetricsSources {
  readonly counts: Counts;
  readonly startedMs: number;
  /** How many run at most at a time. */
  readonly jobs: number;
  readonly running: number;
  readonly queued: number;
  readonly connections: number;
}

/** How many jobs have ended how. */
export function endingsOf(counts: Counts): readonly (readonly [ending: string, value: number])[] {
  return [
    ['ok', counts.dcc_compile_ok],
    ['error', counts.dcc_compile_error],
    ['timeout', counts.dcc_compile_timeout],
    ['cancelled', counts.dcc_cli_disconnect],
    ['refused', counts.manyhands_refused],
    ['failed', counts.dcc_other - counts.manyhands_refused],
  ];
}

export function formatWorkerMetrics(sources: MetricsSources): string {
  const { counts, startedMs, jobs, running, queued, connections } = sources;
  const ended = endingsOf(counts);
  const names = new MetricNames('manyhands_worker');
  return formatMetrics([
    names.gauge('info', 'Always 1; the version is its label', [
      { labels: { version: BUILD.version }, value: 1 },
    ]),
    names.gauge('start_time_seconds', 'When it started, since 1970', [{ value: startedMs / 1000 }]),
    names.gauge('job_slots', 'How many compiles it runs at a time', [{ value: jobs }]),
    names.gauge('jobs_running', 'Compiles that run', [{ value: running }]),
    names.gauge('jobs_queued', 'Compiles that wait', [{ value: queued }]),
    names.gauge('connections', 'Connections of clients', [{ value: connections }]),
    names.gauge('load1', 'The machine’s load of the last minute', [{ value: loadavg()[0] ?? 0 }]),
    names.gauge('resident_memory_bytes', 'Memory that it has', [{ value: process.memoryUsage.rss() }]),
    names.counter(
      'jobs',
      'Compiles, by how they ended',
      ended.map(([ending, value]) => ({ labels: { ending }, value })),
    ),
    names.counter('actions_run', 'Compiles of the native wire', [{ value: counts.manyhands_executed }]),
    names.counter('actions_cached', 'Results that were kept here', [{ value: counts.manyhands_cached }]),
    names.counter('uploaded_bytes', 'Bytes of blobs that came in', [
      { value: counts.manyhands_uploaded_bytes },
    ]),
    names.counter('accepted_connections', 'Connections that were let in', [{ value: counts.dcc_tcp_accept }]),
    names.counter('denied_connections', 'Connections that were not', [{ value: counts.manyhands_denied }]),
    names.counter('bad_requests', 'Clients that spoke no protocol of ours', [
      { value: counts.dcc_rej_bad_req },
    ]),
  ]);
}
