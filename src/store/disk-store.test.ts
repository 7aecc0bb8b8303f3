import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { rmSync } from 'node:fs';
import { digestOf } from '../base/digest.ts';
import { testStreamedBlobStore } from './blob-store.contract.ts';
import { DiskBlobs } from './disk-blobs.ts';
import { DiskDirectory } from './disk-directory.ts';
import { DiskResults } from './disk-results.ts';
import { Eviction } from './eviction.ts';
import { testResultStore } from './result-store.contract.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'manyhands-test-store '));
after(() => rmSync(scratch, { recursive: true }));

let serial = 0;

function open(name = `store ${serial++}`): DiskDirectory {
  const directory = DiskDirectory.open(path.join(scratch, name));
  assert.ok(directory.ok, directory.ok ? '' : directory.error);
  return directory.value;
}

const MOST_BYTES = 1 << 20;

testStreamedBlobStore('DiskBlobs', () => Promise.resolve(new DiskBlobs(open(), MOST_BYTES)));
testResultStore('DiskResults', () => Promise.resolve(new DiskResults(open())));

test('a damaged blob is not given out, and is gone', async () => {
  const directory = open();
  const store = new DiskBlobs(directory, MOST_BYTES);
  const blob = Buffer.alloc(1000, 'b');
  const digest = digestOf(blob);
  const damages: readonly ((file: string) => void)[] = [
    (file) => writeFileSync(file, Buffer.alloc(1000, 'c')),
    (file) => truncateSync(file, 999),
    (file) => writeFileSync(file, ''),
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ];
  for (const damage of damages) {
    assert.ok((await store.write(digest, blob)).ok);
    const file = store.fileOf(digest);
    assert.ok(file !== undefined);
    chmodSync(file, 0o644);
    damage(file);
    assert.equal(await store.read(digest), undefined);
    assert.equal(await store.readPieces(digest, 0), undefined);
    rmSync(file, { force: true, recursive: true });
  }
});

test('a damaged result is not given out', async () => {
  const directory = open();
  const store = new DiskResults(directory);
  const action = digestOf(Buffer.from('action'));
  await store.put(action, Buffer.from('result'));
  const file = directory.pathOf('ac', action.hash);
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    writeFileSync(file, flipped);
    assert.equal(await store.find(action), undefined, `byte ${at}`);
  }
});

test('what a killed process left on its way is removed by the next one', () => {
  const directory = open('leftovers');
  writeFileSync(path.join(directory.path, 'tmp', '999999999-1'), 'left');
  writeFileSync(path.join(directory.path, 'tmp', `${process.pid}-x`), 'under way');
  open('leftovers');
  assert.deepEqual(readdirSync(path.join(directory.path, 'tmp')), [`${process.pid}-x`]);
});

test('Eviction removes what was used least recently, down to nine tenths', async () => {
  const directory = open();
  const eviction = new Eviction(directory, 100_000);
  const store = new DiskBlobs(directory, MOST_BYTES);
  const blobs = Array.from({ length: 12 }, (_, index) => Buffer.alloc(10_000, `${index} `));
  for (const [index, blob] of blobs.entries()) {
    await store.write(digestOf(blob), blob);
    const file = store.fileOf(digestOf(blob));
    // The fourth was used again.
    const usedSeconds = Date.now() / 1000 - 1000 + (index === 3 ? 500 : index);
    if (file !== undefined) utimesSync(file, usedSeconds, usedSeconds);
    await eviction.settled();
  }
  const left = await store.findMissing(blobs.map(digestOf));
  assert.deepEqual(left.length, blobs.length - [...directorySizes(directory)].length);
  assert.ok(
    left.some(({ hash }) => hash === digestOf(blobs[0] ?? Buffer.alloc(0)).hash),
    'the oldest is gone',
  );
  assert.ok(
    !left.some(({ hash }) => hash === digestOf(blobs[3] ?? Buffer.alloc(0)).hash),
    'the used one is not',
  );
  assert.ok([...directorySizes(directory)].length <= 10);
});

function* directorySizes(directory: DiskDirectory): Generator<string> {
  for (const part of readdirSync(path.join(directory.path, 'cas')))
    yield* readdirSync(path.join(directory.path, 'cas', part));
}

test('DiskDirectory.open() says why a directory cannot be used', () => {
  const file = path.join(scratch, 'a file');
  writeFileSync(file, '');
  const opened = DiskDirectory.open(path.join(file, 'below'));
  assert.match(opened.ok ? '' : opened.error, /Cannot use/);
});
