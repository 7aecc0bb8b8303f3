/**
 * How busy the worker was in the last quarter of an hour, second by second: how many compilers ran on
 * average, how many ended. Nothing is done between events; an idle worker sleeps.
 */
import type { Clock } from '../base/clock.ts';
import type { Executor } from '../execute/executor.ts';

const KEPT_SECONDS = 15 * 60;

export class Activity {
  readonly #clock: Clock;
  readonly #startedMs: number;
  /** Of each second, at its number modulo KEPT_SECONDS: runs ended, and seconds run by all together. */
  readonly #ended = new Float64Array(KEPT_SECONDS);
  readonly #busy = new Float64Array(KEPT_SECONDS);
  #running = 0;
  #seenMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = this.#seenMs = clock.monotonicMs();
  }

  /** The same executor, watched. */
  watch<A, R, F>(inner: Executor<A, R, F>): Executor<A, R, F> {
    return async (action, signal) => {
      this.#advance();
      this.#running++;
      try {
        return await inner(action, signal);
      } finally {
        this.#advance();
        this.#running--;
        this.#ended[secondOf(this.#seenMs)]!++;
      }
    };
  }

  /** How many have ended within the last `minutes` (15 at most). */
  endedWithin(minutes: number): number {
    this.#advance();
    return this.#sum(this.#ended, minutes);
  }

  /** How many ran at the same time within the last `minutes`, or since the start if that is less. */
  averageWithin(minutes: number): number {
    this.#advance();
    const livedSeconds = Math.max(1, (this.#seenMs - this.#startedMs) / 1000);
    return this.#sum(this.#busy, minutes) / Math.min(minutes * 60, livedSeconds);
  }

  /** Of each of the last whole seconds, the oldest first. */
  lastSeconds(count: number): {
    readonly endedEach: readonly number[];
    readonly runningEach: readonly number[];
  } {
    this.#advance();
    const last = secondOf(this.#seenMs) + KEPT_SECONDS;
    const places = Array.from({ length: count }, (_, index) => (last - count + index) % KEPT_SECONDS);
    const read = (values: Float64Array): readonly number[] =>
      places.map((place) => Math.round((values[place] ?? 0) * 100) / 100);
    return { endedEach: read(this.#ended), runningEach: read(this.#busy) };
  }

  #sum(values: Float64Array, minutes: number): number {
    const last = secondOf(this.#seenMs) + KEPT_SECONDS;
    let sum = 0;
    for (let back = 0; back < minutes * 60; back++) sum += values[(last - back) % KEPT_SECONDS] ?? 0;
    return sum;
  }

  /** Brings the seconds up to now. */
  #advance(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#seenMs >= KEPT_SECONDS * 1000) {
      this.#ended.fill(0);
      this.#busy.fill(0);
      this.#seenMs = nowMs - (KEPT_SECONDS - 1) * 1000;
    }
    while (this.#seenMs < nowMs) {
      const endMs = Math.min((Math.floor(this.#seenMs / 1000) + 1) * 1000, nowMs);
      this.#busy[secondOf(this.#seenMs)]! += (this.#running * (endMs - this.#seenMs)) / 1000;
      this.#seenMs = endMs;
      if (endMs % 1000 !== 0) continue;
      this.#ended[secondOf(endMs)] = 0; // a new second, where one of a quarter of an hour ago was
      this.#busy[secondOf(endMs)] = 0;
    }
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000) % KEPT_SECONDS;
}
