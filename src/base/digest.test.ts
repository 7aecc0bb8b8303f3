import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, EMPTY_DIGEST, formatDigest, isDigest, isSameDigest, parseDigest } from './digest.ts';

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test('digestOf() is SHA-256 in lowercase hex, and the size', () => {
  assert.deepEqual(EMPTY_DIGEST, { hash: EMPTY_HASH, sizeBytes: 0 });
  assert.equal(digestOf(Buffer.from('abc')).hash.slice(0, 8), 'ba7816bf');
});

test('parseDigest() reads what formatDigest() writes, and nothing else', () => {
  const digest = digestOf(Buffer.from('abc'));
  assert.deepEqual(parseDigest(formatDigest(digest)), digest);
  const bad = [
    '',
    EMPTY_HASH,
    `${EMPTY_HASH}/`,
    `${EMPTY_HASH}/-1`,
    `${EMPTY_HASH}/01`,
    `../${EMPTY_HASH}/1`,
  ];
  for (const text of [...bad, `${EMPTY_HASH.toUpperCase()}/0`, `${EMPTY_HASH}/9999999999999999`])
    assert.equal(parseDigest(text), undefined, text);
});

test('isDigest() takes no word of a peer that is no digest', () => {
  assert.ok(isDigest(EMPTY_DIGEST));
  for (const digest of [
    { hash: '', sizeBytes: 0 },
    { hash: EMPTY_HASH, sizeBytes: -1 },
    { hash: EMPTY_HASH, sizeBytes: 1.5 },
    { hash: `${EMPTY_HASH.slice(1)}/`, sizeBytes: 0 },
  ])
    assert.ok(!isDigest(digest), JSON.stringify(digest));
});

test('isSameDigest() looks at hash and size', () => {
  assert.ok(isSameDigest(EMPTY_DIGEST, digestOf(new Uint8Array())));
  assert.ok(!isSameDigest(EMPTY_DIGEST, { ...EMPTY_DIGEST, sizeBytes: 1 }));
});
