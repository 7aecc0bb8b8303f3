/** What an agent has done, as metrics. docs/metrics.md says the same. */
import { PHASES } from '../events/event.ts';
import type { Summary } from '../events/summary.ts';
import { formatMetrics, MetricNames, type Sample } from '../wire/monitor/prometheus.ts';

export interface AgentMetricsOptions {
  readonly summary: Summary;
  readonly identity: { readonly version: string; readonly startedMs: number };
  readonly rssBytes: number;
}

export function formatAgentMetrics({ summary, identity, rssBytes }: AgentMetricsOptions): string {
  const { totals, running } = summary;
  const names = new MetricNames('manyhands_agent');
  const by = (label: string, table: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(table).map(([name, value]) => ({ labels: { [label]: name }, value }));
  const inPhase = PHASES.map((phase) => ({
    labels: { phase },
    value: running.filter((job) => job.phase === phase).length,
  }));
  return formatMetrics([
    names.gauge('info', 'Always 1; the version is its label', [
      { labels: { version: identity.version }, value: 1 },
    ]),
    names.gauge('start_time_seconds', 'When it started, since 1970', [{ value: identity.startedMs / 1000 }]),
    names.gauge('resident_memory_bytes', 'Memory that it has', [{ value: rssBytes }]),
    names.gauge('jobs_running', 'Jobs under way, by what they do', inPhase),
    names.counter('jobs', 'Jobs, by how they ended', by('ending', totals.endings)),
    names.counter('jobs_not_remote', 'Jobs that no host compiled, by why', by('reason', totals.reasons)),
    names.counter('jobs_remote', 'Jobs that hosts compiled', by('host', totals.hosts)),
    names.counter('troubles', 'Failures of hosts, by kind', by('reason', totals.troubles)),
    names.counter('demotions', 'Jobs sent in a lesser form, by why', by('reason', totals.demotions)),
    names.counter('sent_bytes', 'Bytes sent to hosts', [{ value: totals.bytesSent }]),
    names.counter('received_bytes', 'Bytes that came from hosts', [{ value: totals.bytesReceived }]),
  ]);
}
