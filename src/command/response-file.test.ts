import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandResponseFiles, splitResponse } from './response-file.ts';

test('splitResponse() parts words as gcc does', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['', []],
    [' \n\t ', []],
    ['-c a.c\n-O2\r\n', ['-c', 'a.c', '-O2']],
    [`"a b" 'c d'`, ['a b', 'c d']],
    [`a"b c"d`, ['ab cd']],
    [`"" ''`, ['', '']],
    [`-DX=\\"y\\" a\\ b \\\\`, ['-DX="y"', 'a b', '\\']],
    [`"it's"`, [`it's`]],
  ];
  for (const [text, words] of cases) assert.deepEqual(splitResponse(text), words, JSON.stringify(text));
});

test('splitResponse() leaves alone what releases of gcc read differently', () => {
  for (const text of [`'a\\b'`, `"a\\"b"`, 'a\\', 'a\\\nb', `"open`, 'a\0b']) {
    assert.equal(splitResponse(text), undefined, JSON.stringify(text));
  }
});

test('expandResponseFiles() puts the words of a file in its place, and those of files in files', () => {
  const files: Readonly<Record<string, string>> = { a: '-x @b -y', b: '-z', deep: '@deep' };
  const readText = (path: string) => files[path];
  assert.deepEqual(expandResponseFiles(['gcc', '1', '@a', '2', '@'], readText), {
    argv: ['gcc', '1', '-x', '-z', '-y', '2', '@'],
  });
  assert.deepEqual(expandResponseFiles(['gcc', '@none'], readText), { failedAt: '@none' });
  assert.deepEqual(expandResponseFiles(['gcc', '@deep'], readText), { failedAt: '@deep' });
});

test('expandResponseFiles() bounds files that multiply', () => {
  const readText = () => '@x @x @x @x @x @x @x @x @x @x';
  assert.deepEqual(expandResponseFiles(['gcc', '@x'], readText), { failedAt: '@x' });
  const long = () => 'a '.repeat(1000) + '@y '.repeat(10);
  assert.ok('failedAt' in expandResponseFiles(['gcc', '@y'], long));
});
