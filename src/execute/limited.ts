/** Stops an Action that runs for too long. */
import type { Clock } from '../base/clock.ts';
import { err } from '../base/result.ts';
import type { Executor } from './executor.ts';

/** `limitMs` counts from when the Action begins to run, not from when it was queued. */
export function limited<A, R, F>(inner: Executor<A, R, F>, limitMs: number, clock: Clock): Executor<A, R, F> {
  return async (action, signal) => {
    const startedMs = clock.monotonicMs();
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), limitMs);
    try {
      const result = await inner(action, AbortSignal.any([signal, timer.signal]));
      if (result.ok || signal.aborted || !timer.signal.aborted) return result;
      const seconds = Math.round((clock.monotonicMs() - startedMs) / 1000);
      return err({ kind: 'timed-out', message: `The compile was stopped after ${seconds} s` });
    } finally {
      clearTimeout(timeout);
    }
  };
}
