/**
 * Which connections bring blobs just now: an execution waits for those of its own connection, since a client may send
 * a small upload and the word to execute it in one go.
 */
export class Uploads {
  readonly #running = new Map<string, Set<Promise<void>>>();

  /** Disposing it ends it. */
  begin(connection: string): Disposable {
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = this.#running.get(connection) ?? new Set();
    this.#running.set(connection, running.add(promise));
    return {
      [Symbol.dispose]: () => {
        running.delete(promise);
        if (running.size === 0 && this.#running.get(connection) === running) this.#running.delete(connection);
        resolve();
      },
    };
  }

  /** Resolves when those that run now have ended. */
  async settled(connection: string): Promise<void> {
    const now = Array.from(this.#running.get(connection) ?? []);
    await Promise.all(now);
  }
}
