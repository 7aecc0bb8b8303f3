/** What a server has, as far as we know: what it was sent, or said that it has. It may forget any of it. */
import type { Digest } from '../base/digest.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';

/** Of what is kept of directories. */
const MOST_KEPT_BYTES = 8 << 20;
/** A digest costs as much as it would save. */
const LEAST_BASE_BYTES = 300;
/** 100 bytes each. */
const MOST_KNOWN = 500_000;

export interface Coming {
  /** As in Upload. */
  readonly begun: Promise<readonly string[]>;
  /** Whether it came through. */
  readonly isThere: Promise<boolean>;
}

export class KnownBlobs {
  readonly #known = new Set<string>();
  /** What some job is uploading. */
  readonly #coming = new Map<string, Coming>();
  /** Of lists that were there whole: how often anything had been lost by then. */
  readonly #whole = new WeakMap<readonly Blob[], number>();
  /** What was sent last of each directory. */
  readonly #latest = new Map<string, Blob>();
  #latestBytes = 0;
  #losses = 0;

  has({ hash }: Digest): boolean {
    return this.#known.has(hash);
  }

  /** Those of the list that it is not known to have. Cheap for a list that was asked for before, and was all there. */
  lacks(list: readonly Blob[]): readonly Blob[] {
    if (this.#whole.get(list) === this.#losses) return [];
    const lacking = list.filter(({ digest }) => !this.has(digest));
    if (lacking.length === 0) this.#whole.set(list, this.#losses);
    return lacking;
  }

  /** Another job's upload of it, under way. */
  comingOf({ hash }: Digest): Coming | undefined {
    return this.#coming.get(hash);
  }

  /**
   * Blobs that are there and resemble these: earlier states of the same directories.
   *
   * @param mostBytes of all of them.
   */
  basesOf(blobs: readonly Blob[], mostBytes: number): readonly Blob[] {
    const bases = new Set<Blob>();
    let bytes = 0;
    for (const { place } of blobs) {
      const base = place === undefined ? undefined : this.#latest.get(place);
      if (base === undefined || !this.has(base.digest) || bytes + base.bytes.length > mostBytes) continue;
      bases.add(base);
      bytes += base.bytes.length;
    }
    return [...bases];
  }

  /** They are there now. */
  keep(blobs: readonly Blob[]): void {
    for (const blob of blobs) {
      if (blob.place === undefined || blob.bytes.length < LEAST_BASE_BYTES) continue;
      if (this.#latestBytes > MOST_KEPT_BYTES) this.#forgetLatest();
      this.#latestBytes += blob.bytes.length - (this.#latest.get(blob.place)?.bytes.length ?? 0);
      this.#latest.set(blob.place, blob);
    }
  }

  learn(digests: readonly Digest[]): void {
    if (this.#known.size >= MOST_KNOWN) this.clear();
    for (const { hash } of digests) this.#known.add(hash);
  }

  forget(digests: readonly Digest[]): void {
    this.#losses++;
    for (const { hash } of digests) this.#known.delete(hash);
  }

  clear(): void {
    this.#losses++;
    this.#known.clear();
    this.#forgetLatest();
  }

  /** Until `upload` is settled, others may wait for it instead of sending the same. */
  expect(digests: readonly Digest[], upload: Coming): void {
    for (const { hash } of digests) this.#coming.set(hash, upload);
    void upload.isThere.then((isThere) => {
      for (const { hash } of digests) if (this.#coming.get(hash) === upload) this.#coming.delete(hash);
      if (isThere) this.learn(digests);
    });
  }

  #forgetLatest(): void {
    this.#latest.clear();
    this.#latestBytes = 0;
  }
}
