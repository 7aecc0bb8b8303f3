/** What a worker does and has done, for its page. */
import { availableParallelism, freemem, loadavg } from 'node:os';
import { BUILD } from '../base/build.ts';
import type { WorkerFigures } from '../wire/monitor/worker-figures.ts';
import type { Activity } from './activity.ts';
import { endingsOf, type MetricsSources } from './metrics.ts';

const SHOWN_SECONDS = 180;

export function collectFigures(
  { counts, startedMs, jobs, running, queued, connections }: MetricsSources,
  { activity, nowMs }: { readonly activity: Activity; readonly nowMs: number },
): WorkerFigures {
  return {
    version: BUILD.version,
    nowMs,
    startedMs,
    jobs,
    running,
    queued,
    connections,
    ended: { ...Object.fromEntries(endingsOf(counts)), remembered: counts.manyhands_cached },
    uploadedBytes: counts.manyhands_uploaded_bytes,
    load: loadavg(),
    processors: availableParallelism(),
    freeMemoryBytes: freemem(),
    ...activity.lastSeconds(SHOWN_SECONDS),
  };
}
