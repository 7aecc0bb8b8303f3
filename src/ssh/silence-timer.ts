/** Tells when nothing has happened for a while; for streams that are no sockets. */
export class SilenceTimer {
  #timer: NodeJS.Timeout | undefined;

  /** From now on; 0 for never. */
  start(timeoutMs: number, onSilence: () => void): void {
    this.stop();
    if (timeoutMs > 0) this.#timer = setTimeout(onSilence, timeoutMs);
  }

  /** Something has happened. */
  touch(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
