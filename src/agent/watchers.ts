/**
 * Tools that are told every event from when they ask: at once, or what happens within a moment in one piece, which costs
 * less. One that does not read is dropped: work never waits for a monitor.
 */
import type { Socket } from 'node:net';
import type { Journal } from '../events/journal.ts';
import { encodeReport } from '../wire/launcher/agent-message.ts';

/** What one may leave unread. */
const MOST_UNREAD_BYTES = 4 << 20;

export class Watchers {
  readonly #journal: Journal;
  readonly #heldMs: number;
  readonly #sockets = new Set<Socket>();
  #frames: Uint8Array[] = [];
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param heldMs how long an event may be held back; 0: not at all. */
  constructor(journal: Journal, heldMs: number) {
    this.#journal = journal;
    this.#heldMs = heldMs;
  }

  add(socket: Socket): void {
    // What was before is not its business.
    this.#tell();
    this.#sockets.add(socket);
    socket.once('close', () => this.#leave(socket));
    this.#subscription ??= this.#journal.subscribe((event) => {
      this.#frames.push(encodeReport(JSON.stringify(event)));
      if (this.#heldMs === 0) this.#tell();
      else this.#timer ??= setTimeout(() => this.#tell(), this.#heldMs);
    });
  }

  #leave(socket: Socket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size > 0) return;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#frames = [];
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#frames.length === 0) return;
    const bytes = Buffer.concat(this.#frames);
    this.#frames = [];
    for (const socket of this.#sockets) {
      socket.write(bytes);
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
    }
  }
}
