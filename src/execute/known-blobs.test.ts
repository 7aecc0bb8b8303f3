import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../base/digest.ts';
import { KnownBlobs } from './known-blobs.ts';

const blob = (text: string) => ({ digest: digestOf(Buffer.from(text)), bytes: Buffer.from(text) });

test('lacks() tells of a list what is not known to be there, whenever it is asked', () => {
  const known = new KnownBlobs();
  const list = [blob('a'), blob('b')];
  const [a, b] = list.map(({ digest }) => digest);
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(known.lacks(list), list);
  known.learn([a]);
  assert.deepEqual(known.lacks(list), list.slice(1));
  known.learn([b]);
  assert.deepEqual(known.lacks(list), []);
  assert.deepEqual(known.lacks(list), []);
  known.forget([b]);
  assert.deepEqual(known.lacks(list), list.slice(1));
  known.learn([b]);
  assert.deepEqual(known.lacks(list), []);
  known.clear();
  assert.deepEqual(known.lacks(list), list);
});

test('basesOf() gives what was sent last of the same directories, as long as it is there', () => {
  const known = new KnownBlobs();
  const directory = (place: string, text: string) => ({ ...blob(text.repeat(400)), place });
  const [a1, a2, b1, b2] = [
    directory('/a/', '1'),
    directory('/a/', '2'),
    directory('/b/', '3'),
    directory('/b/', '4'),
  ];
  const next = [directory('/a/', '5'), directory('/b/', '6'), directory('/c/', '7'), blob('8'.repeat(400))];
  assert.deepEqual(known.basesOf(next, 1000), []);
  known.learn([a1, a2, b1, b2].map(({ digest }) => digest));
  known.keep([a1, b1, blob('9'.repeat(400))]);
  assert.deepEqual(known.basesOf(next, 1000), [a1, b1]);
  assert.deepEqual(known.basesOf(next, 700), [a1]);
  known.keep([a2]);
  known.forget([b1.digest]);
  assert.deepEqual(known.basesOf(next, 1000), [a2]);
  known.keep([{ ...blob('short'), place: '/c/' }]);
  assert.deepEqual(known.basesOf(next, 1000), [a2]);
  known.clear();
  known.learn([a2.digest]);
  assert.deepEqual(known.basesOf(next, 1000), []);
});
