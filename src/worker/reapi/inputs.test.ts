import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { TestDoor } from '../../../test/rig/reapi-door.ts';
import { digestOf } from '../../base/digest.ts';
import type { Blob } from '../../wire/reapi/client-messages.ts';
import { Inputs, UpdateRequestSchema } from '../../wire/reapi/gen/manyhands/v1/inputs_pb.js';
import { encodeUpdate, fromKnown, toKnown } from '../../wire/reapi/inputs.ts';
import { MOST_BATCH_BYTES, MOST_DICTIONARY_BLOBS, MOST_DICTIONARY_BYTES } from './limits.ts';

const { update } = Inputs.method;
const blobOf = (bytes: Uint8Array): Blob => ({ digest: digestOf(bytes), bytes });
const requestOf = (blobs: readonly Blob[], bases: readonly Blob[]) =>
  fromBinary(UpdateRequestSchema, encodeUpdate(blobs, { bases, level: 1 }));

test('blobs of a frame are stored, beside a dictionary of those that are there', async () => {
  await using door = await TestDoor.open();
  const base = blobOf(randomBytes(5000));
  const blobs = [blobOf(base.bytes.subarray(7)), blobOf(Buffer.from('another')), blobOf(Buffer.alloc(0))];
  const request = requestOf(blobs, [base]);

  const vain = await door.call(update, request);
  assert.deepEqual(vain.answers[0]?.missing.map(fromKnown), [base.digest]);
  for (const { digest } of blobs.slice(0, 2)) assert.equal(await door.blobs.read(digest), undefined);

  const first = await door.call(update, requestOf([base], []));
  assert.deepEqual(first.answers[0]?.missing, []);
  const second = await door.call(update, request);
  assert.deepEqual([second.status, second.answers[0]?.missing], [0, []]);
  for (const { digest, bytes } of blobs) {
    const found = await door.blobs.read(digest);
    assert.deepEqual(Buffer.from(found ?? []), Buffer.from(bytes));
  }
});

test('a client that lies has nothing stored, and others are served', async () => {
  await using door = await TestDoor.open();
  const there = blobOf(randomBytes(100));
  await door.store(there.bytes);
  const { frame, sizes } = requestOf([there], []);
  const known = toKnown(there.digest);
  const bomb = blobOf(Buffer.alloc(MOST_BATCH_BYTES + 1));
  const wrong = [
    { frame, sizes: [99n] },
    { frame, sizes: [101n] },
    { frame, sizes: [2n ** 63n, 2n ** 63n] },
    { frame: Buffer.from('nonsense'), sizes },
    { frame, sizes, dictionary: [known] },
    { frame: requestOf([bomb], []).frame, sizes: [10n] },
    requestOf([bomb], []),
    { frame, sizes, dictionary: Array.from({ length: MOST_DICTIONARY_BLOBS + 1 }, () => known) },
    { frame, sizes, dictionary: [{ ...known, size: BigInt(MOST_DICTIONARY_BYTES + 1) }] },
    { frame, sizes, dictionary: [{ ...known, hash: Buffer.from('../../x') }] },
    { frame, sizes, dictionary: [{ hash: new Uint8Array(), size: 2n ** 63n }] },
  ];
  const codes: number[] = [];
  for (const request of wrong) codes.push((await door.call(update, request)).status);
  // A dictionary that the frame has no use for does no harm.
  assert.deepEqual(codes, [3, 3, 3, 3, 0, 3, 3, 3, 3, 3, 3]);
  assert.equal((await door.call(update, requestOf([there], []))).status, 0);
});
