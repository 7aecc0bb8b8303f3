/**
 * Buffers for whole files, used again: memory of a megabyte that comes and goes with each job is work for
 * the garbage collector, which was 6 to 9 % of the agent's time in profiles.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file's content, until disposed. */
export interface Lease extends Disposable {
  readonly bytes: Uint8Array;
}

const KEPT_MAX_BYTES = 64 << 20;
const SMALLEST_BYTES = 1 << 20;

export class BufferPool {
  readonly #idle: Buffer[] = [];
  #idleBytes = 0;

  /** Reads a whole file. @throws as openSync() and readSync() do. */
  readFile(name: string): Lease {
    const file = openSync(name, 'r');
    try {
      const { size } = fstatSync(file);
      const buffer = this.#take(size);
      let length = 0;
      while (length < size) {
        const read = readSync(file, buffer, length, size - length, null);
        if (read === 0) break;
        length += read;
      }
      return { bytes: buffer.subarray(0, length), [Symbol.dispose]: () => this.#give(buffer) };
    } finally {
      closeSync(file);
    }
  }

  #take(bytes: number): Buffer {
    const index = this.#idle.findIndex((buffer) => buffer.length >= bytes);
    const [found] = index < 0 ? [] : this.#idle.splice(index, 1);
    if (found === undefined) return Buffer.allocUnsafeSlow(roomFor(bytes));
    this.#idleBytes -= found.length;
    return found;
  }

  #give(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > KEPT_MAX_BYTES) return;
    this.#idle.push(buffer);
    this.#idleBytes += buffer.length;
  }
}

/** The next power of two, so that one buffer fits many files. */
function roomFor(bytes: number): number {
  return Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
}
