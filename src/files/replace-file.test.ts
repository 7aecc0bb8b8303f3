import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { replaceFile } from './replace-file.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'replace-file-'));
after(() => rmSync(directory, { recursive: true }));

test('replaceFile() makes a file, and the directories above it', () => {
  const file = path.join(directory, 'a', 'b', 'hosts');
  replaceFile(file, 'one\n');
  assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], ['one\n', 0o644]);
});

test('replaceFile() keeps the mode, and leaves nothing beside', () => {
  const file = path.join(directory, 'a', 'hosts');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'old', { mode: 0o600 });
  replaceFile(file, 'new');
  assert.deepEqual([readFileSync(file, 'utf8'), statSync(file).mode & 0o777], ['new', 0o600]);
  assert.deepEqual(
    readdirSync(path.dirname(file)).filter((name) => name.startsWith('hosts')),
    ['hosts'],
  );
});

test('replaceFile() leaves a link where it is', () => {
  const [real, link] = [path.join(directory, 'real'), path.join(directory, 'link')];
  writeFileSync(real, 'old');
  symlinkSync('real', link);
  replaceFile(link, 'new');
  assert.deepEqual([readFileSync(real, 'utf8'), lstatSync(link).isSymbolicLink()], ['new', true]);
});

test('replaceFile() that cannot be leaves the old as it was', () => {
  const file = path.join(directory, 'directory');
  mkdirSync(path.join(file, 'full'), { recursive: true });
  assert.throws(() => replaceFile(file, 'new'));
  assert.deepEqual(readdirSync(file), ['full']);
  assert(!readdirSync(directory).some((name) => name.endsWith('.new')));
});
