/**
 * Sends a trace of each job that has ended to where its caller wants them, some times a minute. It is nobody's hurry: what
 * cannot be sent is dropped, and so is what is too much.
 */
import { randomUUID } from 'node:crypto';
import type { TraceTarget } from '../../base/trace-target.ts';
import type { Event } from '../../events/event.ts';
import { History } from '../../events/history.ts';
import { traceRequestOf, type TracedJob } from './trace-request.ts';

const SEND_EVERY_MS = 1000;
const ANSWER_MS = 5000;
/** Of each target, between two times. */
const MOST_JOBS = 5000;
const MOST_UNDER_WAY = 10_000;

export class TraceExporter implements Disposable {
  readonly #version: string;
  readonly #agent = randomUUID();
  /** Jobs under way that are to be traced, by their target. */
  readonly #targets = new Map<number, TraceTarget>();
  readonly #history = new History({ mostStories: MOST_UNDER_WAY, mostCommands: 1 });
  /** By the target, as text. */
  readonly #ended = new Map<string, { readonly target: TraceTarget; readonly jobs: TracedJob[] }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(version: string) {
    this.#version = version;
  }

  add(event: Event): void {
    if (event.kind === 'started' && event.traces !== undefined) this.#targets.set(event.job, event.traces);
    const target = this.#targets.get(event.job);
    if (target === undefined) return;
    this.#history.add(event);
    if (event.kind !== 'finished') return;
    this.#targets.delete(event.job);
    const story = this.#history.story(event.job);
    if (story === undefined) return;
    const key = JSON.stringify(target);
    const some = this.#ended.get(key) ?? { target, jobs: [] };
    this.#ended.set(key, some);
    if (some.jobs.length < MOST_JOBS) some.jobs.push({ story, agent: this.#agent });
    this.#timer ??= setTimeout(() => void this.#send(), SEND_EVERY_MS);
  }

  /** Sends what is left. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    void this.#send();
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const all = [...this.#ended.values()];
    this.#ended.clear();
    await Promise.allSettled(
      all.map(({ target: { endpoint, headers, service }, jobs }) =>
        fetch(endpoint, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(traceRequestOf(jobs, service, this.#version)),
          signal: AbortSignal.timeout(ANSWER_MS),
        }),
      ),
    );
  }
}
