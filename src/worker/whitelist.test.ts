import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { findCompiler, findWhitelistProblem, type WhitelistSettings } from './whitelist.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'manyhands-test-'));
after(() => rmSync(scratch, { recursive: true }));

const masquerade = path.join(scratch, 'lib', 'distcc');
mkdirSync(masquerade, { recursive: true });
for (const name of ['gcc', 'g++', 'x86_64-linux-gnu-gcc-12']) {
  writeFileSync(path.join(masquerade, name), '');
  chmodSync(path.join(masquerade, name), 0o755);
}
symlinkSync('.', path.join(masquerade, 'bin'));
writeFileSync(path.join(masquerade, 'README'), '');
chmodSync(path.join(masquerade, 'README'), 0o644);
const directories: WhitelistSettings = {
  kind: 'directories',
  directories: [path.join(scratch, 'absent'), masquerade],
};

const isAllowed = (settings: WhitelistSettings, name: string): boolean =>
  'compiler' in findCompiler(settings, name);

test('findCompiler() allows what is in a masquerade directory, by name', () => {
  for (const name of ['gcc', 'g++', 'x86_64-linux-gnu-gcc-12', '/usr/bin/gcc', '/bin/gcc']) {
    assert.deepEqual(findCompiler(directories, name), { compiler: name });
  }
});

test('findCompiler() allows nothing else', () => {
  const names = [
    '',
    '.',
    '..',
    '/',
    'sh',
    'bin',
    'gcc/',
    './gcc',
    '../distcc/gcc',
    '/usr/local/bin/gcc',
    '/usr/bin/sh',
  ];
  for (const name of [
    ...names,
    '/usr/bin//gcc',
    '/usr/bin/../bin/gcc',
    '/USR/BIN/gcc',
    'gcc\0',
    'README',
    'GCC',
  ]) {
    assert.equal(isAllowed(directories, name), false, JSON.stringify(name));
  }
});

test('findCompiler() compares the last words of a list, and runs what is listed', () => {
  const file = path.join(scratch, 'list');
  writeFileSync(file, '\n# a comment\nrelative/gcc\n/opt/a/bin/gcc\n/opt/b/bin/gcc\n/usr/bin/g++\n');
  const one: WhitelistSettings = { kind: 'list', file, words: 1 };
  assert.deepEqual(findCompiler(one, 'gcc'), { compiler: '/opt/a/bin/gcc' });
  assert.deepEqual(findCompiler(one, '/home/me/g++'), { compiler: '/usr/bin/g++' });
  for (const name of ['cc', '', '# a comment', 'comment']) assert.equal(isAllowed(one, name), false, name);
  const three: WhitelistSettings = { kind: 'list', file, words: 3 };
  assert.deepEqual(findCompiler(three, '/x/b/bin/gcc'), { compiler: '/opt/b/bin/gcc' });
  assert.equal(isAllowed(three, 'gcc'), false);
});

test('findCompiler() allows nothing when the list cannot be read', () => {
  const absent: WhitelistSettings = { kind: 'list', file: path.join(scratch, 'absent'), words: 1 };
  assert.match(JSON.stringify(findCompiler(absent, 'gcc')), /cannot be read/);
  const directory: WhitelistSettings = { kind: 'list', file: scratch, words: 1 };
  assert.match(JSON.stringify(findCompiler(directory, 'gcc')), /cannot be read/);
});

test('findWhitelistProblem() sees what cannot work from the start', () => {
  assert.equal(findWhitelistProblem(directories), undefined);
  assert.equal(findWhitelistProblem({ kind: 'anything' }), undefined);
  const none = findWhitelistProblem({ kind: 'directories', directories: ['/nowhere/a', '/nowhere/b'] });
  assert.match(none ?? '', /neither \/nowhere\/a nor \/nowhere\/b is there\. Run update-distcc-symlinks/);
  assert.match(
    findWhitelistProblem({ kind: 'list', file: '/nowhere/c', words: 1 }) ?? '',
    /Cannot read.*\/nowhere\/c/,
  );
});
