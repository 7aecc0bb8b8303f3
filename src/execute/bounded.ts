/**
 * Runs at most so many Actions at the same time; the others wait, first come, first served. A place that
 * becomes free goes to the head of the queue at once.
 */
import { err } from '../base/result.ts';
import type { Executor } from './executor.ts';

export interface Bounded {
  readonly execute: Executor;
  readonly running: () => number;
  readonly waiting: () => number;
}

export function bounded(inner: Executor, limit: number): Bounded {
  let running = 0;
  const queue = new Set<() => void>();

  /** Waits for a place; false if `signal` came first. */
  const acquire = (signal: AbortSignal): Promise<boolean> => {
    if (signal.aborted) return Promise.resolve(false);
    if (running < limit) {
      running++;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      queue.delete(enter);
      resolve(false);
    };
    const enter = (): void => {
      signal.removeEventListener('abort', leave);
      resolve(true);
    };
    queue.add(enter);
    signal.addEventListener('abort', leave, { once: true });
    return promise;
  };

  const release = (): void => {
    const [next] = queue;
    if (next === undefined) {
      running--;
      return;
    }
    queue.delete(next);
    next(); // the place goes over to it: the number of running ones stays
  };

  return {
    execute: async (action, signal) => {
      const hasPlace = await acquire(signal);
      if (!hasPlace) return err({ kind: 'cancelled', message: 'The client left while its job was queued' });
      try {
        return await inner(action, signal);
      } finally {
        release();
      }
    },
    running: () => running,
    waiting: () => queue.size,
  };
}
