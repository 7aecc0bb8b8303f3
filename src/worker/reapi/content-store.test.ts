import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { inMessage, TestDoor } from '../../../test/rig/reapi-door.ts';
import { digestOf, EMPTY_DIGEST } from '../../base/digest.ts';
import {
  Capabilities,
  Compressor_Value,
  ContentAddressableStorage,
  DigestFunction_Value,
  DirectorySchema,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

const { batchReadBlobs, batchUpdateBlobs, findMissingBlobs, getTree, splitBlob } =
  ContentAddressableStorage.method;
const HELLO = Buffer.from('hello '.repeat(1000));
const DIGEST = inMessage(digestOf(HELLO));
const OTHER = inMessage(digestOf(Buffer.from('other')));

test('blobs are stored, found and read, packed or not', async () => {
  await using door = await TestDoor.open();
  for (const isPacked of [false, true]) {
    const blob = Buffer.concat([HELLO, Buffer.from(`${isPacked}`)]);
    const digest = inMessage(digestOf(blob));
    const compressor = isPacked ? Compressor_Value.ZSTD : Compressor_Value.IDENTITY;
    const missing = await door.call(findMissingBlobs, {
      blobDigests: [digest, OTHER, inMessage(EMPTY_DIGEST)],
    });
    assert.equal(missing.answers[0]?.missingBlobDigests.length, 2);
    const data = isPacked ? zstdCompressSync(blob) : blob;
    const updated = await door.call(batchUpdateBlobs, { requests: [{ digest, data, compressor }] });
    assert.equal(updated.answers[0]?.responses[0]?.status?.code ?? 0, 0);
    const read = await door.call(batchReadBlobs, {
      digests: [digest, OTHER],
      acceptableCompressors: [compressor],
    });
    const [found, absent] = read.answers[0]?.responses ?? [];
    assert.equal(absent?.status?.code, 5);
    assert.equal(found?.compressor, compressor);
    const bytes = found?.data ?? Buffer.alloc(0);
    assert.deepEqual(Buffer.from(isPacked ? zstdDecompressSync(bytes) : bytes), blob);
  }
});

test('what is no blob is not stored', async () => {
  await using door = await TestDoor.open();
  const { hash } = DIGEST;
  const ZSTD = { compressor: Compressor_Value.ZSTD };
  const wrong = [
    { digest: OTHER, data: HELLO },
    { digest: { hash, sizeBytes: 5n }, data: HELLO },
    { digest: { hash: hash.toUpperCase(), sizeBytes: DIGEST.sizeBytes }, data: HELLO },
    { digest: { hash: `../../${hash.slice(6)}`, sizeBytes: DIGEST.sizeBytes }, data: HELLO },
    { digest: { hash, sizeBytes: -1n }, data: HELLO },
    { data: HELLO },
    { digest: DIGEST, data: HELLO, ...ZSTD },
    { digest: DIGEST, data: zstdCompressSync(Buffer.alloc(100 << 20)), ...ZSTD },
    { digest: { hash, sizeBytes: 2n ** 40n }, data: zstdCompressSync(HELLO), ...ZSTD },
    { digest: DIGEST, data: HELLO, compressor: Compressor_Value.DEFLATE },
  ];
  const { answers } = await door.call(batchUpdateBlobs, { requests: wrong });
  assert.deepEqual(
    answers[0]?.responses.map(({ status }) => status?.code),
    wrong.map(() => 3),
  );
  const missing = await door.call(findMissingBlobs, { blobDigests: [DIGEST] });
  assert.equal(missing.answers[0]?.missingBlobDigests.length, 1);
});

test('what is asked for wrongly is refused', async () => {
  await using door = await TestDoor.open();
  const bad = { hash: 'x', sizeBytes: 1n };
  const large = { hash: DIGEST.hash, sizeBytes: 5_000_000n };
  assert.equal((await door.call(findMissingBlobs, { blobDigests: [bad] })).status, 3);
  assert.equal((await door.call(batchReadBlobs, { digests: [bad] })).status, 3);
  assert.equal((await door.call(batchReadBlobs, { digests: [large] })).status, 3);
  assert.equal((await door.call(findMissingBlobs, { digestFunction: DigestFunction_Value.MD5 })).status, 3);
  assert.equal((await door.call(splitBlob, { blobDigest: DIGEST })).status, 12);
});

test('a tree is given out with each Directory once', async () => {
  await using door = await TestDoor.open();
  const leaf = toBinary(DirectorySchema, create(DirectorySchema, { files: [{ name: 'a', digest: DIGEST }] }));
  const leafDigest = inMessage(await door.store(leaf));
  const root = create(DirectorySchema, {
    directories: [
      { name: 'one', digest: leafDigest },
      { name: 'two', digest: leafDigest },
    ],
  });
  const rootDigest = inMessage(await door.store(toBinary(DirectorySchema, root)));
  const { answers } = await door.call(getTree, { rootDigest });
  assert.equal(answers.flatMap(({ directories }) => directories).length, 2);
  assert.equal((await door.call(getTree, { rootDigest: OTHER })).status, 5);
  const none = inMessage(await door.store(HELLO));
  assert.equal((await door.call(getTree, { rootDigest: none })).status, 3);
});

test('without a box nothing can be run, and clients are told so', async () => {
  await using door = await TestDoor.open();
  const { answers } = await door.call(Capabilities.method.getCapabilities, {});
  assert.equal(answers[0]?.executionCapabilities?.execEnabled, false);
});
