/**
 * What is known of the front ends that compilers' drivers start: asked for when a kind of job comes the
 * second time, because in some builds no two jobs are alike.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { FrontEnd } from '../command/front-end.ts';

/**
 * - ask: nobody knows; the one who is told so asks, and says what it was with learn();
 * - drive: leave it to the driver, this time or for ever;
 * - else start this.
 */
export type Advice = 'ask' | 'drive' | FrontEnd;

type Known = 'seen' | 'asked' | 'none' | FrontEnd;

/** More than a big build has directories and kinds; each is a few hundred bytes. */
const KEPT_MAX = 4096;
const ELF = '\x7fELF';

export class FrontEnds {
  readonly #known = new Map<string, Known>();

  advise(kind: string): Advice {
    const known = this.#known.get(kind);
    if (known === undefined) {
      if (this.#known.size >= KEPT_MAX) this.#known.clear();
      this.#known.set(kind, 'seen');
      return 'drive';
    }
    if (known === 'seen') {
      this.#known.set(kind, 'asked');
      return 'ask';
    }
    return typeof known === 'string' ? 'drive' : known;
  }

  /** What was learnt, if it was anything. */
  find(kind: string): FrontEnd | undefined {
    const known = this.#known.get(kind);
    return typeof known === 'object' ? known : undefined;
  }

  /** undefined: the driver is to be left alone with jobs of this kind. */
  learn(kind: string, frontEnd: FrontEnd | undefined): void {
    this.#known.set(kind, frontEnd ?? 'none');
  }
}

/** A compiler that is a script may do more than the driver that it starts in the end. */
export function isNativeProgram(file: string): boolean {
  try {
    const opened = openSync(file, 'r');
    try {
      const start = Buffer.alloc(ELF.length);
      readSync(opened, start);
      return start.toString('latin1') === ELF;
    } finally {
      closeSync(opened);
    }
  } catch {
    return false;
  }
}
