/**
 * Installed somewhere else, our programs work from there and know nothing of where they were built; and
 * what was installed can be taken away.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assertCompiles, make, namesBelow } from '../rig/installed.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

test('make install puts all below PREFIX, be there blanks in it, and uninstall takes just that away', async () => {
  using scratch = new Scratch();
  const prefix = scratch.path('a prefix', "of one's own");
  await make('install', { PREFIX: prefix });
  for (const name of [
    'bin/distcc',
    'bin/distccd',
    'bin/manyhands',
    'lib/distcc/gcc',
    'lib/manyhands/installed',
  ])
    assert.ok(existsSync(path.join(prefix, name)), name);
  for (const name of namesBelow(prefix)) {
    const forOthers = statSync(path.join(prefix, name)).mode & 0o005;
    assert.ok((forOthers & 0o004) !== 0, `${name} can be read by everybody`);
  }
  for (const name of namesBelow(path.join(prefix, 'bin'))) {
    const { stdout } = await runWell([path.join(prefix, 'bin', name), '--help'], { env: {} });
    assert.match(stdout, /Usage/, name);
  }
  await assertCompiles(prefix);
  await make('install', { PREFIX: prefix });
  // As update-distcc-symlinks makes it for a compiler that came later.
  symlinkSync('../../bin/distcc', path.join(prefix, 'lib/distcc/gcc-99'));
  writeFileSync(path.join(prefix, 'bin', 'other'), '');
  await make('uninstall', { PREFIX: prefix });
  assert.deepEqual(namesBelow(prefix), ['bin', 'bin/other']);
});

test('with DESTDIR nothing is written elsewhere, and all works once it stands at PREFIX', async () => {
  using scratch = new Scratch();
  const prefix = scratch.path('final');
  const staging = scratch.path('stage');
  await make('install', { PREFIX: prefix, DESTDIR: staging });
  assert.ok(!existsSync(prefix));
  for (const name of namesBelow(staging).filter((name) => /\/bin\/manyhands$|\.service$/.test(name)))
    assert.doesNotMatch(readFileSync(path.join(staging, name), 'utf8'), /stage/);
  mkdirSync(path.dirname(prefix), { recursive: true });
  renameSync(path.join(staging, prefix), prefix);
  await assertCompiles(prefix);
});

test('a second version replaces the first and removes what only that had', async () => {
  using scratch = new Scratch();
  const prefix = scratch.path('prefix');
  await make('install', { PREFIX: prefix });
  const before = namesBelow(prefix);
  writeFileSync(path.join(prefix, 'bin', 'older'), '');
  const record = path.join(prefix, 'lib/manyhands/installed');
  writeFileSync(record, `${readFileSync(record, 'utf8')}bin/older\n`);
  await make('install', { PREFIX: prefix });
  assert.deepEqual(namesBelow(prefix), before);
  assert.doesNotMatch(readFileSync(record, 'utf8'), new RegExp(ROOT));
});
