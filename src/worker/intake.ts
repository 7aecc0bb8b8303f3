/**
 * Bounds the bytes that all connections together have sent and that still lie in memory. At the bound
 * nothing is refused: senders are made to wait (by not reading), until jobs have run and gone.
 *
 * Two go on reading all the same, or a crowd of half requests would wait for itself for ever: those that
 * hold little (their requests may be small, or not have come to the source), and the eldest of the others,
 * which then can only end: it becomes whole, or it stalls and is timed out sooner than usual.
 */
const LITTLE_BYTES = 64 << 10;

export interface Sender {
  pause(): void;
  /** `isUrgent`: the others wait for this one. */
  resume(isUrgent: boolean): void;
}

export class Intake {
  readonly #limitBytes: number;
  #heldBytes = 0;
  /** Those that still send, the eldest first, with the bytes that each has sent. */
  readonly #senders = new Map<Sender, number>();
  readonly #paused = new Set<Sender>();

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Counts bytes that have come from `sender`. It may be paused before this returns. */
  received(sender: Sender, bytes: number): void {
    this.#senders.set(sender, (this.#senders.get(sender) ?? 0) + bytes);
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.#limitBytes) this.#squeeze();
  }

  /** The sender's request is whole, or it has left. Its bytes count until they are released. */
  finished(sender: Sender): void {
    this.#senders.delete(sender);
    this.#paused.delete(sender);
    if (this.#paused.size > 0) this.#squeeze();
  }

  /** Other bytes that lie about: replies that wait for their readers. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
  }

  /** They have left the memory. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
    if (this.#paused.size > 0) this.#squeeze();
  }

  #squeeze(): void {
    if (this.#heldBytes <= this.#limitBytes) {
      const waiting = [...this.#paused];
      this.#paused.clear();
      for (const sender of waiting) sender.resume(false);
      return;
    }
    let hasEldest = false;
    for (const [sender, bytes] of this.#senders) {
      if (bytes <= LITTLE_BYTES) continue;
      if (!hasEldest) {
        hasEldest = true;
        this.#paused.delete(sender);
        sender.resume(true);
      } else if (!this.#paused.has(sender)) {
        this.#paused.add(sender);
        sender.pause();
      }
    }
  }
}
