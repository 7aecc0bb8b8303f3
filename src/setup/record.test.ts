import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { formatRecord, readRecord, RECORD, removeNames } from './record.ts';

test('removeNames() leaves what others have put into our directories', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'manyhands-record-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const name of ['bin', 'lib/distcc', 'share/man'])
    mkdirSync(path.join(root, name), { recursive: true });
  for (const name of ['bin/distcc', 'bin/other', 'lib/distcc/gcc']) writeFileSync(path.join(root, name), '');
  removeNames(root, ['bin/distcc', 'lib/distcc/gcc', 'gone', 'bin/', 'lib/', 'lib/distcc/', 'share/man/']);
  assert.ok(!existsSync(path.join(root, 'bin/distcc')));
  assert.ok(existsSync(path.join(root, 'bin/other')));
  assert.ok(!existsSync(path.join(root, 'lib')));
  assert.ok(existsSync(path.join(root, 'share')));
});

test('readRecord() gives no name outside of the prefix', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'manyhands-record-'));
  t.after(() => rmSync(root, { recursive: true }));
  assert.equal(readRecord(root), undefined);
  mkdirSync(path.join(root, path.dirname(RECORD)), { recursive: true });
  writeFileSync(
    path.join(root, RECORD),
    formatRecord(['bin/distcc', '../a', '/etc/passwd', 'lib/../../b', 'lib/']),
  );
  assert.deepEqual(readRecord(root), ['bin/distcc', 'lib/']);
});
