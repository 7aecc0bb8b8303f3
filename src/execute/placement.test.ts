import assert from 'node:assert/strict';
import { test } from 'node:test';

import { place } from './placement.ts';

test('place() puts the text and the output where the job has them', () => {
  const rows: [argv: string[], placed: string[]][] = [
    [
      ['gcc', '-O2', '-c', 'src/a.c', '-o', 'obj/a.o'],
      ['gcc', '-O2', '-c', 'a.i', '-o', 'a.o'],
    ],
    [
      ['g++', '-c', '/x/a.cc', '-oobj/a.o'],
      ['g++', '-c', 'a.ii', '-oa.o'],
    ],
    [
      ['g++', '-c', 'a.C'],
      ['g++', '-c', 'a.ii', '-o', 'a.o'],
    ],
    [
      ['gcc', '-S', 'a.m', '-o', 'b.s'],
      ['gcc', '-S', 'a.mi', '-o', 'a.s'],
    ],
    [
      ['g++', '-c', 'a.mm'],
      ['g++', '-c', 'a.mii', '-o', 'a.o'],
    ],
    [
      ['gcc', '-c', 'a.i'],
      ['gcc', '-c', 'a.i', '-o', 'a.o'],
    ],
    // Operands that look like sources are none.
    [
      ['gcc', '-include', 'x.c', '-o', 'y.c', '-c', 'a.c'],
      ['gcc', '-include', 'x.c', '-o', 'a.o', '-c', 'a.i'],
    ],
    // A name that would be an option, a hidden file or a long story.
    [
      ['gcc', '-c', './-x.c'],
      ['gcc', '-c', '_x.i', '-o', '_x.o'],
    ],
    [
      ['gcc', '-c', 'a b\n\xff.c'],
      ['gcc', '-c', 'a_b__.i', '-o', 'a_b__.o'],
    ],
    [
      ['gcc', '-c', '../..c'],
      ['gcc', '-c', '_.i', '-o', '_.o'],
    ],
  ];
  for (const [argv, placed] of rows) {
    const [compiler, mode, ...rest] = place(argv, '/d')?.argv.map((word) => word.replace('/d/', '')) ?? [];
    assert.deepEqual([compiler, ...rest], placed, argv.join(' '));
    assert.equal(mode, argv.includes('-S') ? '-S' : '-c', 'where no option can swallow it');
  }
});

test('place() keeps names short enough for every file system', () => {
  const placement = place(['gcc', '-c', `${'x'.repeat(1000)}.c`], '/d');
  assert.ok((placement?.inputPath.length ?? 0) < 255);
});

test('place() finds no place for a command without a source', () => {
  assert.equal(place(['gcc', '-c', 'a.o'], '/d'), undefined);
  assert.equal(place(['gcc'], '/d'), undefined);
});
