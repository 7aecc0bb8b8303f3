/** What a worker of ours tells of itself to those whom it lets in. */

export interface WorkerFacts {
  readonly version: string;
  readonly slots: number;
  readonly running: number;
  readonly queued: number;
  /** Its clock less ours. */
  readonly skewMs: number;
}

const ANSWER_MS = 4000;

/** undefined where it is none of ours, or does not let us in. */
export async function askWorker(host: {
  readonly host: string;
  readonly port: number;
}): Promise<WorkerFacts | undefined> {
  const name = host.host.includes(':') ? `[${host.host}]` : host.host;
  try {
    const startedMs = Date.now();
    const answer = await fetch(`http://${name}:${host.port}/metrics`, {
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await answer.text();
    // Its date is in whole seconds, and was said some time between.
    const nowMs = (startedMs + Date.now()) / 2;
    const date = Date.parse(answer.headers.get('date') ?? '');
    const version = /^manyhands_worker_info\{version="([^"]*)"\}/m.exec(text)?.[1];
    if (version === undefined) return undefined;
    return {
      version,
      slots: numberOf(text, 'job_slots'),
      running: numberOf(text, 'jobs_running'),
      queued: numberOf(text, 'jobs_queued'),
      skewMs: Number.isNaN(date) ? 0 : date + 500 - nowMs,
    };
  } catch {
    return undefined;
  }
}

function numberOf(text: string, name: string): number {
  return Number(new RegExp(`^manyhands_worker_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
