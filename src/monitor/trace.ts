/**
 * A build as a file that Perfetto and Chrome's about:tracing show: a process for each host, a thread for each lane.
 *
 * Source: "Trace Event Format": complete events (`X`) with times in microseconds, and metadata (`M`).
 */
import type { BuildModel } from './build-model.ts';

interface TraceEvent {
  readonly ph: 'X' | 'M';
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

export function traceOf(model: BuildModel): { readonly traceEvents: readonly TraceEvent[] } {
  const traceEvents: TraceEvent[] = [];
  for (const [host, { name, lanes }] of model.shown.entries()) {
    const pid = host + 1;
    traceEvents.push({ ph: 'M', name: 'process_name', pid, tid: 0, args: { name } });
    for (const [lane, { bars }] of lanes.entries()) {
      for (const { job, stretches, toMs = model.lastMs } of bars) {
        const { number, source, ending = '', reason } = job;
        for (const [index, { colour, fromMs }] of stretches.entries()) {
          const endMs = stretches[index + 1]?.fromMs ?? toMs;
          const times = { ts: fromMs * 1000, dur: Math.max(0, endMs - fromMs) * 1000 };
          const args = { job: number, ending, reason };
          traceEvents.push({ ph: 'X', name: source, cat: colour, pid, tid: lane + 1, ...times, args });
        }
      }
    }
  }
  return { traceEvents };
}
