import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { digestOf } from '../../base/digest.ts';
import type { Blob } from './client-messages.ts';
import { UpdateRequestSchema } from './gen/manyhands/v1/inputs_pb.js';
import { encodeUpdate, fromKnown, unpackUpdate } from './inputs.ts';

const blobOf = (bytes: Uint8Array): Blob => ({ digest: digestOf(bytes), bytes });
const BLOBS = ['', 'one', 'two '.repeat(10_000)].map((text) => blobOf(Buffer.from(text)));

test('blobs come out of a frame as they went in', () => {
  const bases = [blobOf(randomBytes(2000)), blobOf(randomBytes(3000))];
  const alike = blobOf(Buffer.concat(bases.map(({ bytes }) => bytes)).subarray(100, 4900));
  for (const level of [1, 6]) {
    for (const dictionary of [[], bases]) {
      for (const blobs of [[], BLOBS, [alike, ...BLOBS]]) {
        const message = encodeUpdate(blobs, { bases: dictionary, level });
        const request = fromBinary(UpdateRequestSchema, message);
        assert.deepEqual(
          request.dictionary.map(fromKnown),
          dictionary.map(({ digest }) => digest),
        );
        const out = unpackUpdate(
          request,
          dictionary.map(({ bytes }) => bytes),
        );
        assert.deepEqual(
          out.map((bytes) => digestOf(bytes)),
          blobs.map(({ digest }) => digest),
        );
        if (blobs.includes(alike)) assert.equal(message.length < 1000, dictionary.length > 0);
      }
    }
  }
});

test('what is no frame of those sizes is none', () => {
  const request = fromBinary(UpdateRequestSchema, encodeUpdate(BLOBS, { bases: [], level: 1 }));
  const { sizes, frame } = request;
  for (const wrong of [
    { sizes: sizes.slice(1, 2), frame },
    { sizes: [...sizes, 1n], frame },
    { sizes: [2n ** 50n], frame },
    { sizes, frame: frame.subarray(1) },
    { sizes, frame: frame.subarray(0, -1) },
    { sizes, frame: new Uint8Array() },
  ])
    assert.throws(() => unpackUpdate(wrong, []), RangeError);
});
