/**
 * Keeps a directory within its bound: the files used least recently go first.
 *
 * How large it is, is counted at the start and whenever much has been written since, in slices; in between each
 * process adds what it writes itself. Several processes may do so at once: what one has removed the other does not find.
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { quietly, type DiskDirectory, type Kind } from './disk-directory.ts';

export interface StoredFile {
  readonly path: string;
  readonly kind: Kind;
  readonly bytes: number;
  readonly usedMs: number;
}

/** So much is left after a clearance, and so much may be written before it is counted again. */
const LEFT_SHARE = 0.9;
const RECOUNT_SHARE = 0.05;
/** What was just written is needed just now. */
const SPARED_MS = 10_000;
const KINDS: readonly Kind[] = ['cas', 'ac'];

export class Eviction {
  readonly #directory: DiskDirectory;
  readonly #maxBytes: number;
  #writtenBytes = Infinity;
  #running: Promise<void> | undefined;

  constructor(directory: DiskDirectory, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    directory.onWritten = (bytes) => this.#note(bytes);
  }

  /** Resolves when a clearance that is under way has ended. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #note(bytes: number): void {
    this.#writtenBytes += bytes;
    this.#clearWhereDue();
  }

  #clearWhereDue(): void {
    if (this.#running !== undefined || this.#writtenBytes < this.#maxBytes * RECOUNT_SHARE) return;
    this.#writtenBytes = 0;
    this.#running = this.#clear().finally(() => {
      this.#running = undefined;
      // What came meanwhile was not counted.
      this.#clearWhereDue();
    });
  }

  async #clear(): Promise<void> {
    const files: StoredFile[] = [];
    for await (const some of listFiles(this.#directory)) files.push(...some);
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes <= this.#maxBytes) return;
    const spared = Date.now() - SPARED_MS;
    for (const file of files.sort((one, other) => one.usedMs - other.usedMs)) {
      if (bytes <= this.#maxBytes * LEFT_SHARE) return;
      if (file.usedMs > spared && bytes <= this.#maxBytes) return;
      quietly(() => unlinkSync(file.path));
      bytes -= file.bytes;
    }
  }
}

/** All files of a store, a part at a time, so that others may go on in between. */
export async function* listFiles(directory: DiskDirectory): AsyncGenerator<readonly StoredFile[]> {
  for (const kind of KINDS) {
    for (const part of namesIn(path.join(directory.path, kind))) {
      const parent = path.join(directory.path, kind, part);
      yield namesIn(parent).flatMap((name) => {
        const file = path.join(parent, name);
        const stats = statSync(file, { throwIfNoEntry: false });
        return stats === undefined ? [] : [{ path: file, kind, bytes: stats.size, usedMs: stats.mtimeMs }];
      });
      await setImmediate();
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
