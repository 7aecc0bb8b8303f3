/**
 * Fan-out of events to whoever listens, with a bounded memory of the latest. Listeners only listen: one
 * that throws is dropped, and none is waited for.
 */
import type { Event } from './event.ts';

export type Listener = (event: Event) => void;

export class Journal {
  readonly #listeners = new Set<Listener>();

  publish(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A watcher's trouble is never the job's.
        this.#listeners.delete(listener);
      }
    }
  }

  /** Calls `listener` with each later event, until the returned right is disposed. */
  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
