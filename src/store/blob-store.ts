/**
 * Blobs by their digests: the contract of all stores, which blob-store.contract.ts tests.
 *
 * A store may forget any blob at any time, but gives out none whose bytes are not those of its digest. The
 * empty blob is always there.
 */
import type { Digest } from '../base/digest.ts';
import type { Result } from '../base/result.ts';

export type StoreFailure =
  /** The bytes are not those of the digest; nothing was stored. */
  | { readonly kind: 'mismatch'; readonly message: string }
  /** It is larger than the store may become, or there is no room on the disk. */
  | { readonly kind: 'full'; readonly message: string }
  /** The disk or the far side failed. */
  | { readonly kind: 'failed'; readonly message: string };

export interface BlobStore {
  /** Those of the digests whose blobs are not here, each once. What is here counts as used just now. */
  findMissing(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /**
   * The whole blob; undefined where it is not here, or turned out to be damaged. Who knows the blob's CRC-32 may have
   * that compared instead of its digest, which costs four times as much; a store need not.
   */
  read(digest: Digest, crc?: number): Promise<Uint8Array | undefined>;
  /** Stores a blob that the caller has as a whole. The bytes are not changed afterwards by either side. */
  write(digest: Digest, bytes: Uint8Array): Promise<Result<void, StoreFailure>>;
}

/** A store of blobs of any size, which go in and out piece by piece. */
export interface StreamedBlobStore extends BlobStore {
  /**
   * The blob from `offset` on, at most `limit` bytes, in pieces of the store's choice; undefined where it is
   * not here. Throws on the way when it is found to be damaged, at the latest before its last piece.
   */
  readPieces(digest: Digest, offset: number, limit?: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Begins to take a blob in. */
  receive(digest: Digest): Promise<BlobReceiver>;
}

/** Disposing it before it is finished leaves nothing behind. */
export interface BlobReceiver extends AsyncDisposable {
  /** How much has been pushed. */
  readonly receivedBytes: number;
  /** Takes the next piece; resolves when the next one may come. Fails at once for more than the digest's size. */
  push(piece: Uint8Array): Promise<Result<void, StoreFailure>>;
  /** All has been pushed: checks it, and stores it. */
  finish(): Promise<Result<void, StoreFailure>>;
}

/** A store whose blobs are files, to which others may make hard links. */
export interface FileBlobStore extends StreamedBlobStore {
  /** An immutable file of mode 0444 with the blob; it may be gone when it is opened: look again then. */
  fileOf(digest: Digest): string | undefined;
}
