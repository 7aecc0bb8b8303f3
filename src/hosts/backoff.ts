/**
 * Which places have failed of late, and are left alone for a while.
 *
 * A place fails when it cannot be reached, or breaks off or damages a transfer; never because a compile
 * failed there on its merits (distcc punishes for that too, and one bad source removes a host for a minute).
 */
import type { Clock } from '../base/clock.ts';

const MAX_PLACES = 10_000;

export class Backoff {
  readonly #clock: Clock;
  /** When a place failed last, by key; the longest ago first. */
  readonly #failedAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The place failed now. */
  fail(key: string): void {
    this.#failedAtMs.delete(key);
    this.#failedAtMs.set(key, this.#clock.monotonicMs());
    if (this.#failedAtMs.size <= MAX_PLACES) return;
    for (const oldest of this.#failedAtMs.keys()) {
      this.#failedAtMs.delete(oldest);
      return;
    }
  }

  /** A transfer went through. */
  succeed(key: string): void {
    this.#failedAtMs.delete(key);
  }

  /** How long the place is still left alone by a job whose period is `periodMs`; 0 when it is not. */
  remainingMs(key: string, periodMs: number): number {
    const failedAtMs = this.#failedAtMs.get(key);
    return failedAtMs === undefined ? 0 : Math.max(0, failedAtMs + periodMs - this.#clock.monotonicMs());
  }
}
