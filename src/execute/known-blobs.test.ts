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
