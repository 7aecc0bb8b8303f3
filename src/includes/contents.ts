/**
 * The contents of files that have been read, each once, whatever names it has.
 *
 * What changed within the file system's granularity before we looked may change again without a trace: it is
 * not settled, and is not what it was, even if its stat is the same.
 */
import type { Clock } from '../base/clock.ts';
import { Content } from './content.ts';
import type { FileStat, Reader } from './reader.ts';

/** Linux stamps with the tick's time: 4 or 10 ms. */
const FINE_GRANULARITY_MS = 25;
/** FAT counts in 2 s, others in 1 s: then stamps are whole seconds. */
const COARSE_GRANULARITY_MS = 2500;

const MOST_CONTENTS = 50_000;

export class Contents {
  readonly #reader: Reader;
  readonly #clock: Clock;
  /** By device, inode and times, because one file may have several names. */
  readonly #contents = new Map<string, Content>();
  #sizeBytes = 0;
  #sinceMs: number;

  constructor(reader: Reader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    this.#sinceMs = clock.wallMs();
  }

  /** What is looked at was so at this time or later: between a look and its judgement much may pass. */
  lookFromNow(): void {
    this.#sinceMs = this.#clock.wallMs();
  }

  /** Of all that was read, even if it is forgotten. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The content as of `stat`, or of later, if it changes just now. */
  read(path: string, stat: FileStat): { stat: FileStat; content: Content } | undefined {
    const key = keyOf(stat);
    const known = this.isSettled(stat) ? this.#contents.get(key) : undefined;
    if (known !== undefined) return { stat, content: known };
    const read = this.#reader.read(path);
    if (read === undefined) return undefined;
    const content = new Content(read.bytes);
    this.#sizeBytes += read.bytes.length;
    if (this.isSettled(read.stat)) {
      if (this.#contents.size >= MOST_CONTENTS) this.#contents.clear();
      this.#contents.set(keyOf(read.stat), content);
    }
    return { stat: read.stat, content };
  }

  /** By the change of status: a modification's time can be set to anything. */
  isSettled({ ctimeMs }: FileStat): boolean {
    const isCoarse = Number.isInteger(ctimeMs / 1000);
    return this.#sinceMs - ctimeMs > (isCoarse ? COARSE_GRANULARITY_MS : FINE_GRANULARITY_MS);
  }
}

function keyOf({ dev, ino, size, mtimeMs, ctimeMs }: FileStat): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}
