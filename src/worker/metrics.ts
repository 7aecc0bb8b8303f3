/** What a worker does and has done, as metrics. docs/monitoring.md says the same. */
import { loadavg } from 'node:os';
import { BUILD } from '../base/build.ts';
import { formatMetrics, type Metric, type Sample } from '../wire/monitor/prometheus.ts';
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

export function formatWorkerMetrics(sources: MetricsSources): string {
  const { counts, startedMs, jobs, running, queued, connections } = sources;
  const ended: readonly (readonly [ending: string, value: number])[] = [
    ['ok', counts.dcc_compile_ok],
    ['error', counts.dcc_compile_error],
    ['timeout', counts.dcc_compile_timeout],
    ['cancelled', counts.dcc_cli_disconnect],
    ['refused', counts.manyhands_refused],
    ['failed', counts.dcc_other - counts.manyhands_refused],
  ];
  return formatMetrics([
    gauge('info', 'Always 1; the version is its label', [{ labels: { version: BUILD.version }, value: 1 }]),
    gauge('start_time_seconds', 'When it started, since 1970', [{ value: startedMs / 1000 }]),
    gauge('job_slots', 'How many compiles it runs at a time', [{ value: jobs }]),
    gauge('jobs_running', 'Compiles that run', [{ value: running }]),
    gauge('jobs_queued', 'Compiles that wait', [{ value: queued }]),
    gauge('connections', 'Connections of clients', [{ value: connections }]),
    gauge('load1', 'The machine’s load of the last minute', [{ value: loadavg()[0] ?? 0 }]),
    gauge('resident_memory_bytes', 'Memory that it has', [{ value: process.memoryUsage.rss() }]),
    counter(
      'jobs',
      'Compiles, by how they ended',
      ended.map(([ending, value]) => ({ labels: { ending }, value })),
    ),
    counter('actions_run', 'Compiles of the native wire', [{ value: counts.manyhands_executed }]),
    counter('actions_cached', 'Results that were kept here', [{ value: counts.manyhands_cached }]),
    counter('uploaded_bytes', 'Bytes of blobs that came in', [{ value: counts.manyhands_uploaded_bytes }]),
    counter('accepted_connections', 'Connections that were let in', [{ value: counts.dcc_tcp_accept }]),
    counter('denied_connections', 'Connections that were not', [{ value: counts.manyhands_denied }]),
    counter('bad_requests', 'Clients that spoke no protocol of ours', [{ value: counts.dcc_rej_bad_req }]),
  ]);
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `manyhands_worker_${name}_total`, help, type: 'counter', samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `manyhands_worker_${name}`, help, type: 'gauge', samples };
}
