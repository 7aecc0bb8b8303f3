/** What an agent has done, as metrics. docs/metrics.md says the same. */
import { PHASES } from '../events/event.ts';
import type { Summary } from '../events/summary.ts';
import { formatMetrics, type Metric, type Sample } from '../wire/monitor/prometheus.ts';

export interface AgentMetricsOptions {
  readonly summary: Summary;
  readonly identity: { readonly version: string; readonly startedMs: number };
  readonly rssBytes: number;
}

export function formatAgentMetrics({ summary, identity, rssBytes }: AgentMetricsOptions): string {
  const { totals, running } = summary;
  const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name: `manyhands_agent_${name}_total`,
    help,
    type: 'counter',
    samples,
  });
  const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name: `manyhands_agent_${name}`,
    help,
    type: 'gauge',
    samples,
  });
  const by = (label: string, table: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(table).map(([name, value]) => ({ labels: { [label]: name }, value }));
  const inPhase = PHASES.map((phase) => ({
    labels: { phase },
    value: running.filter((job) => job.phase === phase).length,
  }));
  return formatMetrics([
    gauge('info', 'Always 1; the version is its label', [
      { labels: { version: identity.version }, value: 1 },
    ]),
    gauge('start_time_seconds', 'When it started, since 1970', [{ value: identity.startedMs / 1000 }]),
    gauge('resident_memory_bytes', 'Memory that it has', [{ value: rssBytes }]),
    gauge('jobs_running', 'Jobs under way, by what they do', inPhase),
    counter('jobs', 'Jobs, by how they ended', by('ending', totals.endings)),
    counter('jobs_not_remote', 'Jobs that no host compiled, by why', by('reason', totals.reasons)),
    counter('jobs_remote', 'Jobs that hosts compiled', by('host', totals.hosts)),
    counter('troubles', 'Failures of hosts, by kind', by('reason', totals.troubles)),
    counter('demotions', 'Jobs sent in a lesser form, by why', by('reason', totals.demotions)),
    counter('sent_bytes', 'Bytes sent to hosts', [{ value: totals.bytesSent }]),
    counter('received_bytes', 'Bytes that came from hosts', [{ value: totals.bytesReceived }]),
  ]);
}
