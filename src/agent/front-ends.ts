/**
 * What is known of the front ends that compilers' drivers start: asked for when a kind of job comes the
 * second time, because in some builds no two jobs are alike.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { versionOf } from '../files/file-version.ts';
import type { FrontEnd } from '../command/front-end.ts';

/**
 * - ask: nobody knows; the one who is told so asks, and says what it was with learn();
 * - drive: leave it to the driver, this time or for ever;
 * - else start this.
 */
export type Advice = 'ask' | 'drive' | FrontEnd;

interface Learnt {
  readonly frontEnd: FrontEnd;
  /** Of the program, and of the directories where a file of specs would change what the driver says. */
  readonly surroundings: string;
}

type Known = 'seen' | 'asked' | 'none' | Learnt;

/** For all words of all front ends; as much again is what comes with them. */
const KEPT_MAX_CHARACTERS = 8 << 20;
const KINDS_MAX = 20_000;
const DRIVER_MAX_BYTES = 32 << 20;

export class FrontEnds {
  readonly #known = new Map<string, Known>();
  readonly #drivers = new Map<string, boolean>();
  #characters = 0;

  advise(kind: readonly string[]): Advice {
    const key = keyOf(kind);
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#remember(key, 'seen');
      return 'drive';
    }
    if (known === 'asked' || known === 'none') return 'drive';
    if (known !== 'seen' && known.surroundings === surroundingsOf(known.frontEnd)) return known.frontEnd;
    this.#remember(key, 'asked');
    return 'ask';
  }

  /** undefined: the driver is to be left alone with jobs of this kind. */
  learn(kind: readonly string[], frontEnd: FrontEnd | undefined): void {
    const learnt = frontEnd && { frontEnd, surroundings: surroundingsOf(frontEnd) };
    this.#remember(keyOf(kind), learnt ?? 'none');
    this.#characters += lengthOf(frontEnd);
  }

  /** The one who was to ask could not: the next one does. */
  giveUp(kind: readonly string[]): void {
    const key = keyOf(kind);
    if (this.#known.get(key) === 'asked') this.#known.set(key, 'seen');
  }

  /**
   * Whether a file is gcc's driver itself. A script, or a program that calls the driver in the end (ccache,
   * a vendor's wrapper), may do more than the driver says, or call another one the next time.
   */
  isDriver(file: string): boolean {
    const key = `${file}\0${versionOf(file)}`;
    const before = this.#drivers.get(key);
    if (before !== undefined) return before;
    const isDriver = holdsDriver(file);
    this.#drivers.set(key, isDriver);
    return isDriver;
  }

  #remember(key: string, known: Known): void {
    if (this.#known.size >= KINDS_MAX || this.#characters > KEPT_MAX_CHARACTERS) {
      this.#known.clear();
      this.#characters = 0;
    }
    this.#known.set(key, known);
  }
}

function keyOf(kind: readonly string[]): string {
  return createHash('sha256').update(kind.join('\0')).digest('base64');
}

function surroundingsOf({ program }: FrontEnd): string {
  const directory = path.dirname(program);
  return [program, directory, path.dirname(directory)].map(versionOf).join(' ');
}

function lengthOf(frontEnd: FrontEnd | undefined): number {
  if (frontEnd === undefined) return 0;
  return frontEnd.parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
}

/** The variable by which the driver tells its programs how it was called. */
function holdsDriver(file: string): boolean {
  try {
    const { size } = statSync(file);
    if (size > DRIVER_MAX_BYTES) return false;
    const bytes = readFileSync(file);
    return bytes.subarray(0, 4).toString('latin1') === '\x7fELF' && bytes.includes('COLLECT_GCC_OPTIONS');
  } catch {
    return false;
  }
}
