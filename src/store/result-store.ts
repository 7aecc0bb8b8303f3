/**
 * Results by the digests of their actions: the contract of all stores, which result-store.contract.ts tests.
 *
 * A result is an encoded ActionResult of the Remote Execution API: it names blobs, which may be gone. Who may
 * write results that others believe is decided by those who hold the store.
 */
import type { Digest } from '../base/digest.ts';
import type { Result } from '../base/result.ts';
import type { StoreFailure } from './blob-store.ts';

export interface ResultStore {
  /** undefined where there is none, or it turned out to be damaged. */
  find(action: Digest): Promise<Uint8Array | undefined>;
  put(action: Digest, result: Uint8Array): Promise<Result<void, StoreFailure>>;
}
