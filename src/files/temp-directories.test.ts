import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { TempDirectories } from './temp-directories.ts';

function withParent(run: (parent: string) => void): void {
  const parent = mkdtempSync(path.join(tmpdir(), 'manyhands-test-'));
  try {
    run(parent);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

test('TempDirectories makes closed directories, and removes each with all that is in it', () => {
  withParent((parent) => {
    using directories = new TempDirectories(parent, 'distccd');
    const first = directories.make();
    const second = directories.make();
    assert.notEqual(first.path, second.path);
    assert.equal(statSync(first.path).mode & 0o777, 0o700);
    mkdirSync(path.join(first.path, 'a/b'), { recursive: true });
    writeFileSync(path.join(first.path, 'a/b/c'), '');
    first[Symbol.dispose]();
    assert.equal(existsSync(first.path), false);
    directories[Symbol.dispose]();
    assert.deepEqual(readdirSync(parent), []);
  });
});

test('TempDirectories removes what dead processes left, and nothing else', () => {
  withParent((parent) => {
    using alive = new TempDirectories(parent, 'distccd');
    const living = path.basename(alive.make().path);
    const [, namespace = '', pid = '', start = ''] = living.split('_');
    const keep = [
      living,
      `distccd_1_999999999_5_abcdef`, // another pid namespace
      `other_${namespace}_999999999_5_abcdef`,
      'distccd_notes',
    ];
    const stale = [
      `distccd_${namespace}_999999999_5_abcdef`,
      `distccd_${namespace}_${pid}_${Number(start) - 1}_abcdef`, // our number, but another process
    ];
    for (const name of [...keep.slice(1), ...stale]) mkdirSync(path.join(parent, name));
    const link = `distccd_${namespace}_999999998_5_abcdef`;
    symlinkSync(path.join(parent, 'distccd_notes'), path.join(parent, link));
    using _next = new TempDirectories(parent, 'distccd');
    assert.deepEqual(readdirSync(parent).sort(), [...keep, link].sort());
  });
});

test('TempDirectories says at once when nothing can be written', () => {
  assert.throws(() => new TempDirectories('/nowhere', 'distccd'), /ENOENT/);
});
