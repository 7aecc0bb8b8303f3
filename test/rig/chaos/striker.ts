/** Kills and stops, of whom and when the seed says; and a list of what was done. */
import type { Chance } from './chance.ts';
import { signal } from './processes.ts';

export type Blow = 'kill' | 'stop-and-resume' | 'stop-and-kill';

export interface StrikerOptions {
  readonly chance: Chance;
  readonly blows: readonly Blow[];
  /** Whom to hit now, given the launcher of the job that came into the phase; undefined: nobody is there. */
  readonly findVictim: (launcher: number | undefined) => number | undefined;
  /** How long after the sighting, at most. */
  readonly delayMs: number;
  /** Whether there is only one to hit, who is not killed while he is to be stopped. */
  readonly isAlone: boolean;
}

/** Between two blows, so that each meets a build that has got over the last. */
const GAP_MS = 30;
/** Not every occurrence, so that each position in a build has its turn. */
const SHARE = 0.8;
/** How long who is stopped stays so: up to more than a launcher waits in silence. */
const STOP_MS = [200, 1200] as const;

export class Striker {
  readonly #options: StrikerOptions;
  readonly #left: Blow[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #freeAt = 0;
  #isBusy = false;
  /** Blows that met a living process. */
  readonly done: Blow[] = [];

  constructor(options: StrikerOptions) {
    this.#options = options;
    this.#left = options.chance.shuffle(options.blows);
  }

  get isDone(): boolean {
    return this.#left.length === 0;
  }

  /** A job has come into the phase. */
  sight(launcher?: number, isCurrent?: () => boolean): void {
    const { chance, delayMs } = this.#options;
    const isSkipped = !chance.isLess(SHARE);
    if (isSkipped || this.#isBusy || this.isDone || performance.now() < this.#freeAt) return;
    this.#isBusy = true;
    this.#later(chance.between(0, delayMs), () => {
      this.#isBusy = false;
      if (isCurrent?.() !== false) this.#strike(launcher);
    });
  }

  #strike(launcher: number | undefined): void {
    const { chance, findVictim, isAlone } = this.#options;
    const victim = findVictim(launcher);
    const blow = this.#left.at(-1);
    if (victim === undefined || blow === undefined) return;
    if (!signal(victim, blow === 'kill' ? 'SIGKILL' : 'SIGSTOP')) return;
    this.#left.pop();
    this.done.push(blow);
    this.#freeAt = performance.now() + GAP_MS;
    if (blow === 'kill') return;
    const heldMs = chance.between(...STOP_MS);
    if (isAlone) this.#freeAt += heldMs;
    this.#later(heldMs, () => {
      if (blow === 'stop-and-kill') signal(victim, 'SIGKILL');
      signal(victim, 'SIGCONT');
    });
  }

  /** Nobody stays stopped, and nobody is hit any more. */
  async settle(): Promise<void> {
    while (this.#timers.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
