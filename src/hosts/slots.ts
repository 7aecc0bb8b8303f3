/**
 * Who may run a job where: the agent's memory of the slots in use.
 *
 * distcc takes the first free slot 0 of the hosts in list order, then slot 1, and so on, and sleeps a
 * second when there is none. Here a job gets the candidate with the fewest slots in use, the earlier one
 * among equals, which fills an idle list in the same order; and a slot that becomes free goes at once to
 * the job that has waited longest and can use it. Nothing polls.
 */

export interface Candidate {
  /** Names the place: what has the same key shares its slots. */
  readonly key: string;
  /** How many slots may be in use there, all jobs counted, for this job to join. At least 1. */
  readonly limit: number;
}

export interface SlotsSnapshot {
  /** Slots in use, by key; without the idle ones. */
  readonly inUse: ReadonlyMap<string, number>;
  readonly waiting: number;
}

const DEFAULT_MAX_WAITING = 65_536;

/** The right to run one job at one place, until disposed. Disposing twice is harmless. */
export class Slot implements Disposable {
  readonly key: string;
  #release: (() => void) | undefined;

  constructor(key: string, release: () => void) {
    this.key = key;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}

interface Waiter {
  readonly candidates: readonly Candidate[];
  readonly grant: (slot: Slot) => void;
}

export class Slots {
  readonly #inUse = new Map<string, number>();
  /** Who waits for a key, longest first. A waiter stands in the queue of each of its candidates. */
  readonly #queues = new Map<string, Set<Waiter>>();
  readonly #maxWaiting: number;
  #waiting = 0;

  constructor({ maxWaiting = DEFAULT_MAX_WAITING }: { readonly maxWaiting?: number } = {}) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Takes a slot of one of the candidates, given in order of preference; waits until there is one.
   *
   * Jobs with a larger limit for a key may pass those with a smaller one. Where that must not be, give
   * them keys of their own.
   *
   * @throws the signal's reason once it is aborted; an Error when there are no candidates, or too many
   * jobs are waiting.
   */
  async acquire(candidates: readonly Candidate[], signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    if (candidates.length === 0) throw new Error('No candidates to take a slot of');
    const free = this.#findFree(candidates);
    if (free !== undefined) return this.#take(free);
    if (this.#waiting >= this.#maxWaiting)
      throw new Error(`${this.#waiting} jobs are waiting for slots already`);
    return await this.#wait(candidates, signal);
  }

  /** Takes a slot if one is free now. */
  tryAcquire(candidates: readonly Candidate[]): Slot | undefined {
    const free = this.#findFree(candidates);
    return free === undefined ? undefined : this.#take(free);
  }

  snapshot(): SlotsSnapshot {
    return { inUse: new Map(this.#inUse), waiting: this.#waiting };
  }

  #wait(candidates: readonly Candidate[], signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        candidates,
        grant: (slot) => {
          signal.removeEventListener('abort', abort);
          this.#leave(waiter);
          resolve(slot);
        },
      };
      const abort = () => {
        this.#leave(waiter);
        // oxlint-disable-next-line prefer-promise-reject-errors -- the reason is the caller's own
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#enter(waiter);
    });
  }

  #enter(waiter: Waiter): void {
    this.#waiting++;
    for (const { key } of waiter.candidates) {
      const queue = this.#queues.get(key) ?? new Set();
      this.#queues.set(key, queue.add(waiter));
    }
  }

  #leave(waiter: Waiter): void {
    this.#waiting--;
    for (const { key } of waiter.candidates) {
      const queue = this.#queues.get(key);
      queue?.delete(waiter);
      if (queue?.size === 0) this.#queues.delete(key);
    }
  }

  #findFree(candidates: readonly Candidate[]): string | undefined {
    let best: string | undefined;
    let fewest = Infinity;
    for (const { key, limit } of candidates) {
      const count = this.#inUse.get(key) ?? 0;
      if (count < limit && count < fewest) {
        best = key;
        fewest = count;
      }
    }
    return best;
  }

  #take(key: string): Slot {
    this.#inUse.set(key, (this.#inUse.get(key) ?? 0) + 1);
    return new Slot(key, () => this.#release(key));
  }

  #release(key: string): void {
    const left = (this.#inUse.get(key) ?? 1) - 1;
    if (left === 0) this.#inUse.delete(key);
    else this.#inUse.set(key, left);
    for (const waiter of this.#queues.get(key) ?? []) {
      const canUse = waiter.candidates.some((candidate) => candidate.key === key && left < candidate.limit);
      if (canUse) return waiter.grant(this.#take(key));
    }
  }
}
