import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { Scratch } from '../../test/rig/scratch.ts';
import { refusalOf } from './refusal.ts';
import { placeSpecs } from './specs.ts';

test('placeSpecs() lets those files pass that are in the directory, and no others', () => {
  using scratch = new Scratch();
  const sysroot = scratch.path('sysroot');
  mkdirSync(`${sysroot}/lib`, { recursive: true });
  writeFileSync(`${sysroot}/lib/nano.specs`, '');
  writeFileSync(scratch.path('outside.specs'), '');
  symlinkSync('loop', `${sysroot}/loop`);
  const outcome = (word: string, directory: string | undefined = sysroot): string | undefined => {
    const { argv, judged } = placeSpecs(['gcc', word, '-c', 'a.c'], directory);
    return refusalOf(judged) === undefined ? argv[1] : undefined;
  };
  for (const word of ['-specs=lib/nano.specs', '--specs=lib/nano.specs']) {
    assert.equal(outcome(word), `-specs=${sysroot}/lib/nano.specs`);
    assert.equal(placeSpecs(['gcc', word], undefined).argv[1], word);
  }
  for (const name of [
    'lib',
    'none',
    '../outside.specs',
    `${sysroot}/lib/nano.specs`,
    'lib/../lib/nano.specs',
    'lib/nano.specs/x',
    'x'.repeat(300),
    'loop',
    '',
  ]) {
    assert.equal(outcome(`-specs=${name}`), undefined, name);
  }
});

test('placeSpecs() hides no other word from the judge', () => {
  using scratch = new Scratch();
  writeFileSync(scratch.path('x'), '');
  for (const option of ['-D', '-x', '-Xclang', '-o', '-I']) {
    const { judged } = placeSpecs(['gcc', option, '-specs=x', '-fplugin=y', '-c', 'a.c'], scratch.directory);
    assert.notEqual(refusalOf(judged), undefined, option);
  }
});
