/** Blobs and results in memory: for tests, and for a worker without a directory. Bounded, least recently used first out. */
import { digestOf, EMPTY_DIGEST, isSameDigest, type Digest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { BlobReceiver, StoreFailure, StreamedBlobStore } from './blob-store.ts';
import type { ResultStore } from './result-store.ts';

const NOTHING = new Uint8Array();
const PIECE_BYTES = 64 << 10;

export class MemoryBlobs implements StreamedBlobStore {
  readonly #maxBytes: number;
  /** In the order of their use. */
  readonly #blobs = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  findMissing(digests: readonly Digest[]): Promise<readonly Digest[]> {
    const missing = new Map<string, Digest>();
    for (const digest of digests) if (this.#find(digest) === undefined) missing.set(digest.hash, digest);
    return Promise.resolve([...missing.values()]);
  }

  read(digest: Digest): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#find(digest));
  }

  write(digest: Digest, bytes: Uint8Array): Promise<Result<void, StoreFailure>> {
    return Promise.resolve(this.#write(digest, bytes));
  }

  readPieces(digest: Digest, offset: number, limit?: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const blob = this.#find(digest);
    return Promise.resolve(blob && piecesOf(blob.subarray(offset, limit && offset + limit)));
  }

  receive(digest: Digest): Promise<BlobReceiver> {
    return Promise.resolve(new MemoryReceiver(digest, (bytes) => this.#write(digest, bytes)));
  }

  #find(digest: Digest): Uint8Array | undefined {
    if (isSameDigest(digest, EMPTY_DIGEST)) return NOTHING;
    const blob = this.#blobs.get(digest.hash);
    if (blob?.length !== digest.sizeBytes) return undefined;
    this.#blobs.delete(digest.hash);
    this.#blobs.set(digest.hash, blob);
    return blob;
  }

  #write(digest: Digest, bytes: Uint8Array): Result<void, StoreFailure> {
    if (!isSameDigest(digestOf(bytes), digest)) return mismatch(digest);
    if (bytes.length > this.#maxBytes)
      return err({ kind: 'full', message: `${bytes.length} bytes are too many` });
    if (this.#find(digest) !== undefined) return ok(undefined);
    this.#blobs.set(digest.hash, bytes);
    this.#bytes += bytes.length;
    for (const [hash, { length }] of this.#blobs) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#blobs.delete(hash);
      this.#bytes -= length;
    }
    return ok(undefined);
  }
}

export class MemoryResults implements ResultStore {
  readonly #most: number;
  readonly #results = new Map<string, Uint8Array>();

  /** @param most how many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  find({ hash }: Digest): Promise<Uint8Array | undefined> {
    const result = this.#results.get(hash);
    if (result !== undefined) {
      this.#results.delete(hash);
      this.#results.set(hash, result);
    }
    return Promise.resolve(result);
  }

  put({ hash }: Digest, result: Uint8Array): Promise<Result<void, StoreFailure>> {
    this.#results.delete(hash);
    this.#results.set(hash, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > this.#most && oldest !== undefined) this.#results.delete(oldest);
    return Promise.resolve(ok(undefined));
  }
}

class MemoryReceiver implements BlobReceiver {
  readonly #digest: Digest;
  readonly #store: (bytes: Uint8Array) => Result<void, StoreFailure>;
  readonly #pieces: Uint8Array[] = [];
  receivedBytes = 0;

  constructor(digest: Digest, store: (bytes: Uint8Array) => Result<void, StoreFailure>) {
    this.#digest = digest;
    this.#store = store;
  }

  push(piece: Uint8Array): Promise<Result<void, StoreFailure>> {
    this.receivedBytes += piece.length;
    if (this.receivedBytes > this.#digest.sizeBytes) return Promise.resolve(mismatch(this.#digest));
    this.#pieces.push(piece);
    return Promise.resolve(ok(undefined));
  }

  finish(): Promise<Result<void, StoreFailure>> {
    return Promise.resolve(this.#store(Buffer.concat(this.#pieces)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#pieces.length = 0;
    return Promise.resolve();
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function mismatch({ hash, sizeBytes }: Digest): Result<never, StoreFailure> {
  return err({ kind: 'mismatch', message: `The bytes are not those of ${hash}, ${sizeBytes} bytes` });
}
