import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { findVariable, isVariableName, setVariable } from './environment-file.ts';

test('findVariable() reads lines as a shell does', () => {
  const text = [
    '# DISTCC_LOG="none"',
    'DISTCC_LOG=""',
    "  export SINGLE='a $b'  # why",
    'BARE=plain',
    'DOUBLE="a \\"b\\" \\$c \\\\ d"',
    'TWICE="1"',
    'TWICE="2"',
    'BROKEN="open',
    '',
  ].join('\n');
  const values = ['DISTCC_LOG', 'SINGLE', 'BARE', 'DOUBLE', 'TWICE', 'BROKEN', 'NONE'].map((name) =>
    findVariable(text, name),
  );
  assert.deepEqual(values, ['', 'a $b', 'plain', 'a "b" $c \\ d', '2', undefined, undefined]);
});

test('setVariable() changes one line, or adds one', () => {
  const text = '# ours\nDISTCC_LOG=""\nDISTCC_VERBOSE="0"\n';
  assert.equal(setVariable(text, 'DISTCC_LOG', '/x'), '# ours\nDISTCC_LOG="/x"\nDISTCC_VERBOSE="0"\n');
  assert.equal(setVariable(text, 'NEW', '1'), `${text}NEW="1"\n`);
  assert.equal(setVariable('', 'NEW', '1'), 'NEW="1"\n');
  assert.equal(setVariable('A=1', 'B', '2'), 'A=1\nB="2"\n');
});

test('setVariable() writes what findVariable() and a shell read', () => {
  for (const value of ['', 'a b', '"', '\\', '$HOME', '`id`', "it's", '#x', 'a=b']) {
    const text = setVariable('X="0"\n', 'X', value);
    assert.equal(findVariable(text, 'X'), value);
    assert.equal(execFileSync('sh', ['-c', `${text}printf %s "$X"`], { encoding: 'utf8' }), value);
  }
});

test('isVariableName() knows names', () => {
  for (const name of ['A', '_', 'DISTCC_SSH', 'a1']) assert(isVariableName(name), name);
  for (const name of ['', '1', 'A-B', 'A B', 'A=', 'Ä']) assert(!isVariableName(name), name);
});
