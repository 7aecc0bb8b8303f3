/**
 * Runs at most so many Actions at the same time, whatever door they came in by; the others wait, first come, first
 * served. A place that becomes free goes to the head of the queue at once.
 */
import { err } from '../base/result.ts';
import type { Executor } from './executor.ts';

export class Places {
  readonly #limit: number;
  readonly #queue = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** The same executor, which takes one of the places for each Action. */
  bound<A, R, F>(inner: Executor<A, R, F>): Executor<A, R, F> {
    return async (action, signal) => {
      const hasPlace = await this.#acquire(signal);
      if (!hasPlace) return err({ kind: 'cancelled', message: 'The client left while its job was queued' });
      try {
        return await inner(action, signal);
      } finally {
        this.#release();
      }
    };
  }

  /** Waits for a place; false if `signal` came first. */
  #acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#running < this.#limit) {
      this.#running++;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      this.#queue.delete(enter);
      resolve(false);
    };
    const enter = (): void => {
      signal.removeEventListener('abort', leave);
      resolve(true);
    };
    this.#queue.add(enter);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  }

  #release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#queue.delete(next);
    next(); // the place goes over to it: the number of running ones stays
  }
}
