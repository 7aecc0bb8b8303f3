/** Which stretch of time is on the screen. */

/** What a new build begins with, and what a longer one is shown of while it goes on. */
const FIRST_MS = 10_000;
const USUAL_MS = 60_000;
const LEAST_MS = 500;
const MOST_MS = 24 * 3600_000;

export class TimeWindow {
  spanMs = USUAL_MS;
  /** Until somebody chooses a span. */
  #grows = true;
  /** undefined while it goes with the clock. */
  endMs: number | undefined;

  /** Shows all of a build while it is young. */
  grow(firstMs: number, nowMs: number): void {
    if (this.#grows) this.spanMs = Math.min(USUAL_MS, Math.max(FIRST_MS, (nowMs - firstMs) * 1.05));
  }

  /** @returns from and to. */
  at(nowMs: number): readonly [fromMs: number, toMs: number] {
    const toMs = this.endMs ?? nowMs;
    return [toMs - this.spanMs, toMs];
  }

  get isLive(): boolean {
    return this.endMs === undefined;
  }

  goLive(): void {
    this.endMs = undefined;
  }

  pan(byMs: number, nowMs: number): void {
    const end = (this.endMs ?? nowMs) + byMs;
    this.endMs = end >= nowMs ? undefined : end;
  }

  /** @param around the time that stays where it is. */
  zoom(factor: number, around: number, nowMs: number): void {
    const [, toMs] = this.at(nowMs);
    this.#grows = false;
    const spanMs = Math.min(MOST_MS, Math.max(LEAST_MS, this.spanMs * factor));
    if (!this.isLive) this.endMs = around + (toMs - around) * (spanMs / this.spanMs);
    this.spanMs = spanMs;
  }

  fit(firstMs: number, lastMs: number): void {
    if (firstMs > lastMs) return;
    this.#grows = false;
    const spanMs = Math.min(MOST_MS, Math.max(LEAST_MS, (lastMs - firstMs) * 1.02));
    this.spanMs = spanMs;
    this.endMs = lastMs + spanMs * 0.01;
  }
}
