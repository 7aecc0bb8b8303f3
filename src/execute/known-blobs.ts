/** What a server has, as far as we know: what it was sent, or said that it has. It may forget any of it. */
import type { Digest } from '../base/digest.ts';

/** 100 bytes each. */
const MOST_KNOWN = 500_000;

export class KnownBlobs {
  readonly #known = new Set<string>();
  /** What some job is uploading; resolves with whether it came through. */
  readonly #coming = new Map<string, Promise<boolean>>();

  has({ hash }: Digest): boolean {
    return this.#known.has(hash);
  }

  /** Another job's upload of it, under way. */
  comingOf({ hash }: Digest): Promise<boolean> | undefined {
    return this.#coming.get(hash);
  }

  learn(digests: readonly Digest[]): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    for (const { hash } of digests) this.#known.add(hash);
  }

  forget(digests: readonly Digest[]): void {
    for (const { hash } of digests) this.#known.delete(hash);
  }

  clear(): void {
    this.#known.clear();
  }

  /** Until `upload` is settled, others may wait for it instead of sending the same. */
  expect(digests: readonly Digest[], upload: Promise<boolean>): void {
    for (const { hash } of digests) this.#coming.set(hash, upload);
    void upload.then((isThere) => {
      for (const { hash } of digests) if (this.#coming.get(hash) === upload) this.#coming.delete(hash);
      if (isThere) this.learn(digests);
    });
  }
}
