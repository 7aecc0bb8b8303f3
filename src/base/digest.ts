/**
 * The name of a blob by what is in it: SHA-256 and size, as the Remote Execution API has it.
 *
 * Two digests with one hash are the same: maps have the hash as their key.
 */
import { hash } from 'node:crypto';

export interface Digest {
  /** 64 hex digits, lowercase. */
  readonly hash: string;
  readonly sizeBytes: number;
}

const HASH = /^[0-9a-f]{64}$/;

export function digestOf(bytes: Uint8Array): Digest {
  return { hash: hash('sha256', bytes, 'hex'), sizeBytes: bytes.length };
}

export const EMPTY_DIGEST: Digest = digestOf(new Uint8Array());

/** Whether a peer's word is a digest: a name of a file may be made of it then. */
export function isDigest({ hash, sizeBytes }: Digest): boolean {
  return HASH.test(hash) && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0;
}

export function isSameDigest(one: Digest, other: Digest): boolean {
  return one.hash === other.hash && one.sizeBytes === other.sizeBytes;
}

/** `HASH/SIZE`, as in the names of resources. */
export function formatDigest({ hash, sizeBytes }: Digest): string {
  return `${hash}/${sizeBytes}`;
}

/** @returns undefined for what formatDigest() does not write. */
export function parseDigest(text: string): Digest | undefined {
  const [, hash = '', size = ''] = /^([0-9a-f]{64})\/(0|[1-9]\d{0,15})$/.exec(text) ?? [];
  const digest = { hash, sizeBytes: Number(size) };
  return isDigest(digest) ? digest : undefined;
}
