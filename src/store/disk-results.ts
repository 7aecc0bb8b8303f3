/**
 * Results as files:
 *
 *    0   magic     4 bytes     "mhr1"
 *    4   checksum  32 bytes    SHA-256 of the result
 *    36  result
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Digest } from '../base/digest.ts';
import type { Result } from '../base/result.ts';
import type { StoreFailure } from './blob-store.ts';
import type { DiskDirectory } from './disk-directory.ts';
import type { ResultStore } from './result-store.ts';

const MAGIC = Buffer.from('mhr1');
const HEAD_BYTES = 36;
const RESULT_MODE = 0o600;

export class DiskResults implements ResultStore {
  readonly #directory: DiskDirectory;

  constructor(directory: DiskDirectory) {
    this.#directory = directory;
  }

  find({ hash: action }: Digest): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#find(this.#directory.pathOf('ac', action)));
  }

  put({ hash: action }: Digest, result: Uint8Array): Promise<Result<void, StoreFailure>> {
    const pieces = [MAGIC, hash('sha256', result, 'buffer'), result];
    return Promise.resolve(this.#directory.write(this.#directory.pathOf('ac', action), pieces, RESULT_MODE));
  }

  #find(file: string): Uint8Array | undefined {
    if (this.#directory.use(file) === undefined) return undefined;
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      return undefined;
    }
    if (isWholeResult(bytes)) return bytes.subarray(HEAD_BYTES);
    this.#directory.remove(file);
    return undefined;
  }
}

export function isWholeResult(bytes: Buffer): boolean {
  const checksum = bytes.subarray(MAGIC.length, HEAD_BYTES);
  return (
    bytes.length >= HEAD_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    hash('sha256', bytes.subarray(HEAD_BYTES), 'buffer').equals(checksum)
  );
}
