/** What every store of blobs keeps to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, EMPTY_DIGEST } from '../base/digest.ts';
import type { BlobStore, StreamedBlobStore } from './blob-store.ts';

const HELLO = Buffer.from('hello');
const ABSENT = digestOf(Buffer.from('absent'));

/** @param open gives an empty store for one test, with room for some megabytes. */
export function testBlobStore(name: string, open: () => Promise<BlobStore>): void {
  test(`${name}: a blob that was written is read, and not missing`, async () => {
    const store = await open();
    const digest = digestOf(HELLO);
    assert.deepEqual(await store.findMissing([digest]), [digest]);
    assert.deepEqual(await store.write(digest, HELLO), { ok: true, value: undefined });
    assert.deepEqual(await store.write(digest, HELLO), { ok: true, value: undefined });
    assert.deepEqual(await store.findMissing([digest, ABSENT, digest, ABSENT]), [ABSENT]);
    assert.deepEqual(Buffer.from((await store.read(digest)) ?? []), HELLO);
    assert.equal(await store.read(ABSENT), undefined);
  });

  test(`${name}: the empty blob is always there`, async () => {
    const store = await open();
    assert.deepEqual(await store.findMissing([EMPTY_DIGEST]), []);
    assert.equal((await store.read(EMPTY_DIGEST))?.length, 0);
    assert.ok((await store.write(EMPTY_DIGEST, new Uint8Array())).ok);
  });

  test(`${name}: bytes of another digest are not stored`, async () => {
    const store = await open();
    for (const bytes of [HELLO.subarray(1), Buffer.from('hellx')]) {
      const written = await store.write(digestOf(HELLO), bytes);
      assert.equal(!written.ok && written.error.kind, 'mismatch');
    }
    assert.deepEqual(await store.findMissing([digestOf(HELLO)]), [digestOf(HELLO)]);
  });

  test(`${name}: a digest with another size is not that blob's`, async () => {
    const store = await open();
    const { hash } = digestOf(HELLO);
    await store.write(digestOf(HELLO), HELLO);
    const wrong = { hash, sizeBytes: 4 };
    assert.deepEqual(await store.findMissing([wrong]), [wrong]);
    assert.equal(await store.read(wrong), undefined);
  });

  test(`${name}: many blobs at once`, async () => {
    const store = await open();
    const blobs = Array.from({ length: 300 }, (_, index) => Buffer.from(`blob ${index}`));
    await Promise.all(blobs.map((blob) => store.write(digestOf(blob), blob)));
    assert.deepEqual(await store.findMissing(blobs.map(digestOf)), []);
    const read = await Promise.all(blobs.map((blob) => store.read(digestOf(blob))));
    assert.deepEqual(
      read.map((bytes) => Buffer.from(bytes ?? [])),
      blobs,
    );
  });
}

/** The same, and what comes and goes in pieces. */
export function testStreamedBlobStore(name: string, open: () => Promise<StreamedBlobStore>): void {
  testBlobStore(name, open);

  test(`${name}: a blob in pieces`, async () => {
    const store = await open();
    const blob = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    {
      await using receiver = await store.receive(digestOf(blob));
      for (let at = 0; at < blob.length; at += 70_000) await receiver.push(blob.subarray(at, at + 70_000));
      assert.equal(receiver.receivedBytes, blob.length);
      assert.ok((await receiver.finish()).ok);
    }
    assert.deepEqual(await all(store, blob, 0), blob);
    assert.deepEqual(await all(store, blob, 100_001), blob.subarray(100_001));
    assert.deepEqual(await all(store, blob, 5, 70_000), blob.subarray(5, 70_005));
    assert.equal((await all(store, blob, blob.length)).length, 0);
    assert.equal(await store.readPieces(ABSENT, 0), undefined);
  });

  test(`${name}: a blob that is given up, or turns out to be another, is not stored`, async () => {
    const store = await open();
    const digest = digestOf(HELLO);
    {
      await using receiver = await store.receive(digest);
      await receiver.push(HELLO.subarray(0, 2));
    }
    {
      await using short = await store.receive(digest);
      await short.push(HELLO.subarray(0, 2));
      const finished = await short.finish();
      assert.equal(!finished.ok && finished.error.kind, 'mismatch');
    }
    {
      await using long = await store.receive(digest);
      const pushed = await long.push(Buffer.concat([HELLO, HELLO]));
      assert.equal(!pushed.ok && pushed.error.kind, 'mismatch');
    }
    assert.deepEqual(await store.findMissing([digest]), [digest]);
  });
}

async function all(
  store: StreamedBlobStore,
  blob: Uint8Array,
  offset: number,
  limit?: number,
): Promise<Buffer> {
  const pieces = await store.readPieces(digestOf(blob), offset, limit);
  assert.ok(pieces);
  return Buffer.concat(await Array.fromAsync(pieces));
}
