/** Blobs as files. Each is compared with its digest when it is read: one that was damaged is removed. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { digestOf, EMPTY_DIGEST, isSameDigest, type Digest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { BlobReceiver, FileBlobStore, StoreFailure } from './blob-store.ts';
import { failureOf, quietly, type DiskDirectory } from './disk-directory.ts';

const BLOB_MODE = 0o444;
const NOTHING = new Uint8Array();
const NEVER = (async function* () {})();

export class DiskBlobs implements FileBlobStore {
  readonly #directory: DiskDirectory;
  readonly #mostBytes: number;

  /** @param mostBytes of one blob. */
  constructor(directory: DiskDirectory, mostBytes: number) {
    this.#directory = directory;
    this.#mostBytes = mostBytes;
  }

  findMissing(digests: readonly Digest[]): Promise<readonly Digest[]> {
    const missing = new Map<string, Digest>();
    for (const digest of digests)
      if (!missing.has(digest.hash) && !isEmpty(digest) && !this.#has(digest))
        missing.set(digest.hash, digest);
    return Promise.resolve([...missing.values()]);
  }

  read(digest: Digest, crc?: number): Promise<Uint8Array | undefined> {
    return Promise.resolve(isEmpty(digest) ? NOTHING : this.#read(digest, crc));
  }

  write(digest: Digest, bytes: Uint8Array): Promise<Result<void, StoreFailure>> {
    return Promise.resolve(this.#write(digest, bytes));
  }

  async readPieces(
    digest: Digest,
    offset: number,
    limit?: number,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    if (isEmpty(digest)) return NEVER;
    if (!this.#has(digest)) return undefined;
    const file = this.#pathOf(digest);
    // A part of a blob has no digest of its own: the whole is looked at first.
    if (!(await this.#isWhole(file, digest))) return undefined;
    const end = limit === undefined ? undefined : offset + limit - 1;
    if (offset >= digest.sizeBytes || (end !== undefined && end < offset)) return NEVER;
    return createReadStream(file, { start: offset, ...(end !== undefined && { end }) });
  }

  receive(digest: Digest): Promise<BlobReceiver> {
    return Promise.resolve(new DiskReceiver(digest, this.#directory, this.#mostBytes));
  }

  fileOf(digest: Digest): string | undefined {
    return this.#has(digest) ? this.#pathOf(digest) : undefined;
  }

  #pathOf({ hash }: Digest): string {
    return this.#directory.pathOf('cas', hash);
  }

  #has(digest: Digest): boolean {
    return this.#directory.use(this.#pathOf(digest)) === digest.sizeBytes;
  }

  #read(digest: Digest, crc: number | undefined): Uint8Array | undefined {
    const file = this.#pathOf(digest);
    if (!this.#has(digest)) return undefined;
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(file);
    } catch {
      return undefined;
    }
    const isWhole = crc === undefined ? isSameDigest(digestOf(bytes), digest) : crc32(bytes) === crc;
    if (isWhole && bytes.length === digest.sizeBytes) return bytes;
    this.#directory.remove(file);
    return undefined;
  }

  #write(digest: Digest, bytes: Uint8Array): Result<void, StoreFailure> {
    if (!isSameDigest(digestOf(bytes), digest)) return mismatch(digest);
    if (bytes.length > this.#mostBytes) return tooLarge(digest);
    if (isEmpty(digest) || this.#has(digest)) return ok(undefined);
    return this.#directory.write(this.#pathOf(digest), [bytes], BLOB_MODE);
  }

  async #isWhole(file: string, digest: Digest): Promise<boolean> {
    const hash = createHash('sha256');
    try {
      for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
    } catch {
      return false;
    }
    if (hash.digest('hex') === digest.hash) return true;
    this.#directory.remove(file);
    return false;
  }
}

class DiskReceiver implements BlobReceiver {
  readonly #digest: Digest;
  readonly #directory: DiskDirectory;
  readonly #mostBytes: number;
  readonly #hash: Hash = createHash('sha256');
  readonly #temporary: string;
  #descriptor: number | undefined;
  #isPlaced = false;
  receivedBytes = 0;

  constructor(digest: Digest, directory: DiskDirectory, mostBytes: number) {
    this.#digest = digest;
    this.#directory = directory;
    this.#mostBytes = mostBytes;
    this.#temporary = directory.temporaryName();
  }

  push(piece: Uint8Array): Promise<Result<void, StoreFailure>> {
    return Promise.resolve(this.#push(piece));
  }

  finish(): Promise<Result<void, StoreFailure>> {
    return Promise.resolve(this.#finish());
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    if (!this.#isPlaced) quietly(() => unlinkSync(this.#temporary));
    return Promise.resolve();
  }

  #push(piece: Uint8Array): Result<void, StoreFailure> {
    if (this.receivedBytes + piece.length > this.#digest.sizeBytes) return mismatch(this.#digest);
    if (this.#digest.sizeBytes > this.#mostBytes) return tooLarge(this.#digest);
    try {
      this.#descriptor ??= openSync(this.#temporary, 'wx', BLOB_MODE);
      for (let at = 0; at < piece.length;) at += writeSync(this.#descriptor, piece, at);
    } catch (error) {
      return err(failureOf(error));
    }
    this.#hash.update(piece);
    this.receivedBytes += piece.length;
    return ok(undefined);
  }

  #finish(): Result<void, StoreFailure> {
    const { hash, sizeBytes } = this.#digest;
    if (this.receivedBytes !== sizeBytes || this.#hash.digest('hex') !== hash) return mismatch(this.#digest);
    this.#close();
    if (isEmpty(this.#digest)) return ok(undefined);
    this.#isPlaced = true;
    return this.#directory.place(this.#temporary, this.#directory.pathOf('cas', hash));
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isEmpty(digest: Digest): boolean {
  return isSameDigest(digest, EMPTY_DIGEST);
}

function mismatch({ hash, sizeBytes }: Digest): Result<never, StoreFailure> {
  return err({ kind: 'mismatch', message: `The bytes are not those of ${hash}, ${sizeBytes} bytes` });
}

function tooLarge({ sizeBytes }: Digest): Result<never, StoreFailure> {
  return err({ kind: 'full', message: `${sizeBytes} bytes are more than the store takes` });
}
