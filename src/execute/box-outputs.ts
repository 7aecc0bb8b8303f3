/** What a command has left of its outputs: looked at without following any link that it made. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { fromText } from '../base/byte-string.ts';
import type { BoxedOutput } from './box.ts';

export interface WantedOutput {
  /** As it was asked for. */
  readonly name: ByteString;
  /** Where it is on this machine. */
  readonly file: string;
}

const MOST_ENTRIES = 100_000;

/** Those that are there. @returns undefined where they are more than `mostBytes` together, or too many. */
export function collectOutputs(
  wanted: readonly WantedOutput[],
  mostBytes: number,
): readonly BoxedOutput[] | undefined {
  const collector = new Collector(mostBytes);
  const outputs = wanted.flatMap(({ name, file }) => collector.collect(name, file));
  return collector.isOver ? undefined : outputs;
}

class Collector {
  #bytesLeft: number;
  #entriesLeft = MOST_ENTRIES;

  constructor(mostBytes: number) {
    this.#bytesLeft = mostBytes;
  }

  get isOver(): boolean {
    return this.#bytesLeft < 0 || this.#entriesLeft < 0;
  }

  /** Nothing where it is not there, or is neither file, link nor directory. */
  collect(path: ByteString, file: string): BoxedOutput[] {
    const stats = lstatIfThere(file);
    if (stats === undefined || --this.#entriesLeft < 0) return [];
    if (stats.isSymbolicLink()) return [{ kind: 'link', path, target: fromText(readlinkSync(file)) }];
    if (stats.isDirectory()) {
      const entries = readdirSync(file).flatMap((name) => this.collect(fromText(name), `${file}/${name}`));
      return [{ kind: 'directory', path, entries }];
    }
    return stats.isFile() ? this.#read(path, file) : [];
  }

  #read(path: ByteString, file: string): BoxedOutput[] {
    // All processes of the box have ended: nobody exchanges it for a link now.
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size, mode } = fstatSync(descriptor);
      this.#bytesLeft -= size;
      if (this.#bytesLeft < 0) return [];
      return [{ kind: 'file', path, bytes: readFileSync(descriptor), isExecutable: (mode & 0o100) !== 0 }];
    } finally {
      closeSync(descriptor);
    }
  }
}

/** A directory above it may be none: then it is not there. */
function lstatIfThere(file: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
