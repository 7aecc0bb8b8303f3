/**
 * Which uploads have ended, by the names that clients give them: an execution waits for those that were sent before it, whichever
 * comes first.
 */
export class Uploads {
  /** The oldest first. */
  readonly #ended = new Set<string>();
  readonly #awaited = new Map<string, Awaited>();

  /** Disposing it ends it. @param name undefined where the client gives none. */
  begin(name: string | undefined): Disposable {
    return {
      [Symbol.dispose]: () => {
        if (name !== undefined) this.#end(name.slice(0, MOST_NAME_LENGTH));
      },
    };
  }

  /** Resolves when all of these have ended, and at last after LONGEST_WAIT_MS: one that broke off may never come. */
  async ended(names: readonly string[], signal: AbortSignal): Promise<void> {
    const open = names
      .slice(0, MOST_NAMES)
      .map((name) => name.slice(0, MOST_NAME_LENGTH))
      .filter((name) => !this.#ended.has(name));
    if (open.length === 0 || signal.aborted) return;
    const { promise: given, resolve: giveUp } = Promise.withResolvers<void>();
    const timer = setTimeout(giveUp, LONGEST_WAIT_MS);
    signal.addEventListener('abort', () => giveUp(), { once: true });
    const awaited = open.map((name) => this.#await(name));
    await Promise.race([Promise.all(awaited.map(({ promise }) => promise)), given]);
    clearTimeout(timer);
    for (const [index, one] of awaited.entries()) {
      one.waiting--;
      if (one.waiting === 0) this.#awaited.delete(open[index] ?? '');
    }
  }

  #await(name: string): Awaited {
    const known = this.#awaited.get(name);
    const awaited = known ?? { ...Promise.withResolvers<void>(), waiting: 0 };
    if (known === undefined) this.#awaited.set(name, awaited);
    awaited.waiting++;
    return awaited;
  }

  #end(name: string): void {
    const [oldest] = this.#ended;
    if (this.#ended.size >= MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    this.#ended.add(name);
    this.#awaited.get(name)?.resolve();
  }
}

interface Awaited {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  waiting: number;
}

/** Of all clients; a client names those alone that it has no answer to. */
const MOST_ENDED = 10_000;
const MOST_NAMES = 1000;
const MOST_NAME_LENGTH = 40;
const LONGEST_WAIT_MS = 5000;
