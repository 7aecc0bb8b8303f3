/**
 * Names of blobs in ByteStream calls:
 *
 *    [INSTANCE/]blobs/HASH/SIZE
 *    [INSTANCE/]compressed-blobs/COMPRESSOR/HASH/SIZE
 *    [INSTANCE/]uploads/UUID/blobs/HASH/SIZE[/ANYTHING]
 *    [INSTANCE/]uploads/UUID/compressed-blobs/COMPRESSOR/HASH/SIZE[/ANYTHING]
 *
 * The size is always that of the blob itself. An instance's name has none of these words in it.
 */
import { parseDigest, type Digest } from '../../base/digest.ts';

export interface ResourceName {
  readonly instance: string;
  readonly digest: Digest;
  readonly isZstd: boolean;
  /** Set for uploads. */
  readonly upload: string | undefined;
}

const MOST_CHARACTERS = 1000;
const KEYWORDS = new Set([
  'blobs',
  'uploads',
  'actions',
  'actionResults',
  'operations',
  'capabilities',
  'compressed-blobs',
]);

/** @returns undefined for what is no such name. */
export function parseResourceName(text: string): ResourceName | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const words = text.split('/');
  const start = words.findIndex((word) => KEYWORDS.has(word));
  if (start < 0) return undefined;
  const instance = words.slice(0, start).join('/');
  const rest = words.slice(start);
  if (rest[0] !== 'uploads') {
    const blob = parseBlob(rest);
    return blob?.left.length === 0 ? { instance, ...blob.value, upload: undefined } : undefined;
  }
  const [, upload = '', ...named] = rest;
  const blob = upload === '' ? undefined : parseBlob(named);
  return blob && { instance, ...blob.value, upload };
}

interface Parsed {
  readonly value: Pick<ResourceName, 'digest' | 'isZstd'>;
  readonly left: readonly string[];
}

function parseBlob(words: readonly string[]): Parsed | undefined {
  const isPacked = words[0] === 'compressed-blobs';
  if (!isPacked && words[0] !== 'blobs') return undefined;
  const compressor = isPacked ? words[1] : 'identity';
  const [hash, size, ...left] = words.slice(isPacked ? 2 : 1);
  const digest = parseDigest(`${hash}/${size}`);
  if (digest === undefined || (compressor !== 'zstd' && compressor !== 'identity')) return undefined;
  return { value: { digest, isZstd: compressor === 'zstd' }, left };
}
