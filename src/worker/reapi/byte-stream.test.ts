import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TestDoor } from '../../../test/rig/reapi-door.ts';
import { digestOf, formatDigest } from '../../base/digest.ts';
import { ByteStream } from '../../wire/reapi/gen/google/bytestream/bytestream_pb.js';

const { queryWriteStatus, read, write } = ByteStream.method;
const BLOB = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 253));
const NAME = `blobs/${formatDigest(digestOf(BLOB))}`;
const PACKED_NAME = `compressed-blobs/zstd/${formatDigest(digestOf(BLOB))}`;

interface Piece {
  resourceName: string;
  writeOffset: bigint;
  finishWrite: boolean;
  data: Uint8Array;
}

function pieces(name: string, bytes: Uint8Array, from = 0): Piece[] {
  const list: Piece[] = [];
  for (let at = from; at < bytes.length; at += 300_000) {
    const data = bytes.subarray(at, at + 300_000);
    const finishWrite = at + data.length === bytes.length;
    list.push({ resourceName: name, writeOffset: BigInt(at), finishWrite, data });
  }
  return list;
}

async function readAll(door: TestDoor, name: string, offset = 0, limit = 0): Promise<Buffer> {
  const request = { resourceName: name, readOffset: BigInt(offset), readLimit: BigInt(limit) };
  const { answers, status, message } = await door.call(read, request);
  assert.equal(status, 0, message);
  return Buffer.concat(answers.map(({ data }) => data));
}

test('a blob goes in and out in pieces', async () => {
  await using door = await TestDoor.open();
  const written = await door.call(write, ...pieces(`uploads/u/${NAME}`, BLOB));
  assert.equal(written.answers[0]?.committedSize, BigInt(BLOB.length));
  assert.deepEqual(await readAll(door, NAME), BLOB);
  assert.deepEqual(await readAll(door, NAME, 999_000), BLOB.subarray(999_000));
  assert.deepEqual(await readAll(door, NAME, 5, 10), BLOB.subarray(5, 15));
  assert.deepEqual(zstdDecompressSync(await readAll(door, PACKED_NAME)), BLOB);
  // It is here: nobody has to send the rest.
  const [first] = pieces(`uploads/v/${NAME}`, BLOB);
  const again = await door.call(write, ...(first === undefined ? [] : [first]));
  assert.equal(again.answers[0]?.committedSize, BigInt(BLOB.length));
});

test('a packed blob goes in', async () => {
  await using door = await TestDoor.open();
  const { status } = await door.call(write, ...pieces(`uploads/u/${PACKED_NAME}`, zstdCompressSync(BLOB)));
  assert.equal(status, 0);
  assert.deepEqual(await readAll(door, NAME), BLOB);
});

test('an upload that broke off goes on', async () => {
  await using door = await TestDoor.open();
  const name = `uploads/u/${NAME}`;
  const [first, second] = pieces(name, BLOB);
  assert.ok(first && second);
  const broken = await door.call(write, first, second);
  assert.equal(broken.answers[0]?.committedSize, 600_000n);
  const status = await door.call(queryWriteStatus, { resourceName: name });
  assert.deepEqual([status.answers[0]?.committedSize, status.answers[0]?.complete], [600_000n, false]);
  assert.equal((await door.call(write, ...pieces(name, BLOB, 600_000))).status, 0);
  const done = await door.call(queryWriteStatus, { resourceName: name });
  assert.equal(done.answers[0]?.complete, true);
  assert.deepEqual(await readAll(door, NAME), BLOB);
});

test('what is wrong with an upload is said, and nothing is stored', async () => {
  await using door = await TestDoor.open();
  const name = `uploads/u/${NAME}`;
  const [first, second, third, last] = pieces(name, BLOB);
  assert.ok(first && second && third && last);
  const wrong: readonly (readonly Piece[])[] = [
    [],
    [{ ...first, resourceName: NAME }],
    [{ ...first, resourceName: 'uploads/u/blobs/../x' }],
    [second],
    [first, { ...second, writeOffset: 0n }],
    [first, { ...second, finishWrite: true }],
    [first, second, third, last, { ...last, writeOffset: BigInt(BLOB.length) }],
    [first, second, third, { ...last, data: Buffer.alloc(last.data.length) }],
    pieces(`uploads/u/${PACKED_NAME}`, BLOB),
    pieces(`uploads/u/${PACKED_NAME}`, zstdCompressSync(Buffer.alloc(BLOB.length * 100))),
  ];
  for (const [index, messages] of wrong.entries()) {
    const { status } = await door.call(write, ...messages);
    assert.equal(status, 3, `case ${index}`);
  }
  assert.equal((await door.call(read, { resourceName: NAME })).status, 5);
  assert.equal((await door.call(read, { resourceName: name })).status, 3);
  assert.equal((await door.call(read, { resourceName: NAME, readOffset: -1n })).status, 11);
  assert.equal((await door.call(read, { resourceName: NAME, readOffset: 2n ** 40n })).status, 11);
});
