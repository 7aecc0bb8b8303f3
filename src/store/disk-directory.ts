/**
 * A directory for blobs and results, which several processes of one user may share:
 *
 *    v1/cas/AB/HASH   blobs, mode 0444: never changed, since others may hold links to them
 *    v1/ac/AB/HASH    results
 *    v1/tmp/          files on their way: written here and then renamed, so that a name has the whole file or none
 *
 * Nothing is synced to the disk: after a crash of the machine a file may be damaged, but blobs are compared with their
 * digests and results with their checksums whenever they are read (docs/decisions/0021-stores-are-not-synced.md).
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { StoreFailure } from './blob-store.ts';

export type Kind = 'cas' | 'ac';

const LAYOUT = 'v1';
/** When a file was used last is told by its time of modification, to the hour: not each use is written down. */
const USE_GRANULARITY_MS = 3_600_000;
const OLD_TEMPORARY_MS = 24 * 3_600_000;

let serial = 0;

export class DiskDirectory {
  readonly path: string;
  readonly #madeParts = new Set<string>();
  #onWritten: (bytes: number) => void = () => {};

  private constructor(directory: string) {
    this.path = directory;
  }

  /** Makes it where it is not there. The error is a sentence. */
  static open(directory: string): Result<DiskDirectory, string> {
    const root = path.join(directory, LAYOUT);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const { uid } = statSync(directory);
      // What others could put there would be taken for ours.
      if (uid !== process.getuid?.()) return err(`${directory} belongs to another user`);
      for (const part of ['cas', 'ac', 'tmp'])
        mkdirSync(path.join(root, part), { recursive: true, mode: 0o700 });
      const opened = new DiskDirectory(root);
      opened.#removeLeftovers();
      return ok(opened);
    } catch (error) {
      return err(`Cannot use ${directory}: ${(error as Error).message}`);
    }
  }

  /** Called with the size of each file that is written. */
  set onWritten(listener: (bytes: number) => void) {
    this.#onWritten = listener;
  }

  pathOf(kind: Kind, hash: string): string {
    return `${this.path}/${kind}/${hash.slice(0, 2)}/${hash}`;
  }

  temporaryName(): string {
    return `${this.path}/tmp/${process.pid}-${serial++}`;
  }

  /** Marks a file as used. @returns its size; undefined where it is not there. */
  use(file: string): number | undefined {
    const stats = regular(file);
    if (stats === undefined) return undefined;
    const now = Date.now();
    if (now - stats.mtimeMs > USE_GRANULARITY_MS) quietly(() => utimesSync(file, now / 1000, now / 1000));
    return stats.size;
  }

  /** Writes a file whole, or not at all. */
  write(file: string, pieces: readonly Uint8Array[], mode: number): Result<void, StoreFailure> {
    const temporary = this.temporaryName();
    try {
      writeFileSync(temporary, pieces.length === 1 ? (pieces[0] ?? '') : Buffer.concat(pieces), {
        mode,
        flag: 'wx',
      });
    } catch (error) {
      quietly(() => unlinkSync(temporary));
      return err(failureOf(error));
    }
    return this.place(temporary, file);
  }

  /** Gives a finished file its name. The temporary one is gone afterwards in any case. */
  place(temporary: string, file: string): Result<void, StoreFailure> {
    try {
      const { size } = statSync(temporary);
      this.#makePart(path.dirname(file));
      renameSync(temporary, file);
      this.#onWritten(size);
      return ok(undefined);
    } catch (error) {
      quietly(() => unlinkSync(temporary));
      this.#madeParts.clear();
      return err(failureOf(error));
    }
  }

  /** Removes a file that turned out to be damaged. */
  remove(file: string): void {
    quietly(() => unlinkSync(file));
  }

  #makePart(part: string): void {
    if (this.#madeParts.has(part)) return;
    mkdirSync(part, { recursive: true, mode: 0o700 });
    this.#madeParts.add(part);
  }

  /** Of processes that were killed in the middle. */
  #removeLeftovers(): void {
    const directory = path.join(this.path, 'tmp');
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const pid = Number(/^\d+/.exec(name)?.[0]);
      const stats = regular(file);
      if (stats === undefined) continue;
      const isOld = Date.now() - stats.mtimeMs > OLD_TEMPORARY_MS;
      if (isOld || !existsSync(`/proc/${pid}`)) quietly(() => unlinkSync(file));
    }
  }
}

function regular(file: string): Stats | undefined {
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats : undefined;
  } catch {
    return undefined;
  }
}

export function failureOf(error: unknown): StoreFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return { kind: isFull ? 'full' : 'failed', message };
}

/** What does not matter if it fails: the file has gone, or will be found the next time. */
export function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // As said.
  }
}
