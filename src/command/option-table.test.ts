import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS, findOption } from './option-table.ts';
import { STAY_REASONS } from './stay-reason.ts';

test('findOption() takes the longest name that fits', () => {
  const cases: readonly [string, string | undefined][] = [
    ['-MD', '-MD'],
    ['-MDx', '-M'],
    ['-MFx', '-MF'],
    ['-iwithprefixbefore', '-iwithprefixbefore'],
    ['-iwithprefixbeforex', '-iwithprefixbefore'],
    ['-iwithprefixx', '-iwithprefix'],
    ['-include-pch', '-include-pch'],
    ['-includex', '-include'],
    ['-dumpbase', '-dumpbase'],
    ['-dumpbasex', '-d'],
    ['-emit-llvm', '-emit-'],
    ['-c', '-c'],
    ['-cx', undefined],
    ['-O2', undefined],
    ['-', undefined],
  ];
  for (const [word, name] of cases) assert.equal(findOption(word)?.name, name, word);
});

test('OPTIONS has one row for each name, and a reason exactly where a command stays', () => {
  const names = OPTIONS.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  for (const { name, effect, reason } of OPTIONS) {
    assert.equal(reason !== undefined, effect === 'stays', name);
  }
});

test('STAY_REASONS has one sentence for each reason, without a full stop', () => {
  for (const [reason, sentence] of Object.entries(STAY_REASONS)) {
    assert.match(reason, /^[a-z]+(?:-[a-z]+)*$/);
    assert.match(sentence, /^[A-Z].*[^.]$/, reason);
  }
});
