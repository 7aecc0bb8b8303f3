import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../base/digest.ts';
import { testStreamedBlobStore } from './blob-store.contract.ts';
import { MemoryBlobs, MemoryResults } from './memory-store.ts';
import { testResultStore } from './result-store.contract.ts';

testStreamedBlobStore('MemoryBlobs', () => Promise.resolve(new MemoryBlobs(4 << 20)));
testResultStore('MemoryResults', () => Promise.resolve(new MemoryResults(10)));

test('MemoryBlobs forgets what was used least recently', async () => {
  const store = new MemoryBlobs(30);
  const [one, two, three, four] = ['one', 'two', 'three', 'four'].map((text) => Buffer.alloc(10, text));
  assert.ok(one && two && three && four);
  for (const blob of [one, two, three]) await store.write(digestOf(blob), blob);
  await store.read(digestOf(one));
  await store.write(digestOf(four), four);
  assert.deepEqual(await store.findMissing([one, two, three, four].map(digestOf)), [digestOf(two)]);
  const large = Buffer.alloc(31);
  const written = await store.write(digestOf(large), large);
  assert.equal(!written.ok && written.error.kind, 'full');
});

test('MemoryResults forgets what was used least recently', async () => {
  const store = new MemoryResults(2);
  const [one, two, three] = ['one', 'two', 'three'].map((text) => digestOf(Buffer.from(text)));
  assert.ok(one && two && three);
  await store.put(one, Buffer.from('1'));
  await store.put(two, Buffer.from('2'));
  await store.find(one);
  await store.put(three, Buffer.from('3'));
  assert.equal(await store.find(two), undefined);
  assert.ok(await store.find(one));
});
