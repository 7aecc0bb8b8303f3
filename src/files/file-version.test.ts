import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { versionOf } from './file-version.ts';

test('versionOf() is another one for another content, and empty for no file', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'file-version-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'f');
  writeFileSync(file, 'a');
  const before = versionOf(file);
  assert.equal(versionOf(file), before);
  writeFileSync(file, 'ab');
  assert.notEqual(versionOf(file), before);
  const loop = path.join(directory, 'loop');
  symlinkSync('loop', loop);
  for (const none of [loop, path.join(directory, 'none'), path.join(file, 'x')])
    assert.equal(versionOf(none), '');
});
