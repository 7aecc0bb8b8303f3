/** The agent's status, for people. */
import type { RunningJob, Totals } from '../events/summary.ts';

export interface AgentStatus extends Totals {
  readonly agent: { readonly pid: number; readonly version: string; readonly startedMs: number };
  readonly running: readonly RunningJob[];
}

export function formatStatus(status: AgentStatus): string {
  const { agent, endings, hosts, reasons, demotions, running } = status;
  const lines = [
    `agent ${agent.pid}, version ${agent.version}, since ${new Date(agent.startedMs).toLocaleString()}`,
    `${endings.remote} compiled remotely, ${endings.cached} out of the cache, ${endings.local} here, ${endings.failed} failed, ${endings.cancelled} cancelled`,
    ...table('by host', hosts),
    ...table('not remote, by reason', reasons),
    ...table('preprocessed here for hosts with ,cpp, by reason', demotions),
    ...(running.length === 0 ? [] : ['now']),
    ...running.map(({ phase, host, source }) => `  ${phase.padEnd(10)}  ${host.padEnd(20)}  ${source}`),
  ];
  return lines.join('\n');
}

function table(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return rows.length === 0
    ? []
    : [title, ...rows.map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`)];
}
