import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_DIGEST, formatDigest } from '../../base/digest.ts';
import { parseResourceName } from './resource-name.ts';

const NAMED = formatDigest(EMPTY_DIGEST);
const plain = { instance: '', digest: EMPTY_DIGEST, isZstd: false, upload: undefined };

test('parseResourceName() reads each form of a name', () => {
  const cases: readonly [string, object][] = [
    [`blobs/${NAMED}`, plain],
    [`a/b/blobs/${NAMED}`, { ...plain, instance: 'a/b' }],
    [`compressed-blobs/zstd/${NAMED}`, { ...plain, isZstd: true }],
    [`compressed-blobs/identity/${NAMED}`, plain],
    [`uploads/u-1/blobs/${NAMED}`, { ...plain, upload: 'u-1' }],
    [`i/uploads/u/blobs/${NAMED}/any/thing`, { ...plain, instance: 'i', upload: 'u' }],
    [`uploads/u/compressed-blobs/zstd/${NAMED}/x`, { ...plain, isZstd: true, upload: 'u' }],
  ];
  for (const [text, name] of cases) assert.deepEqual(parseResourceName(text), name, text);
});

test('parseResourceName() reads nothing else', () => {
  const bad = [
    '',
    'blobs',
    `blobs/${NAMED}/more`,
    `blobs/../${NAMED}`,
    `blobs/${NAMED.toUpperCase()}`,
    `blobs/${EMPTY_DIGEST.hash}/-1`,
    `blobs/${EMPTY_DIGEST.hash}/1e3`,
    `uploads/${NAMED}`,
    `uploads//blobs/${NAMED}`,
    `compressed-blobs/${NAMED}`,
    `compressed-blobs/brotli/${NAMED}`,
    `operations/blobs/${NAMED}`,
    `${'i/'.repeat(600)}blobs/${NAMED}`,
  ];
  for (const text of bad) assert.equal(parseResourceName(text), undefined, text);
});
