import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSize } from './size.ts';

test('parseSize() reads numbers with units', () => {
  const cases: readonly [string, number | undefined][] = [
    ['0', 0],
    ['100', 100],
    ['1K', 1024],
    ['500M', 500 * 2 ** 20],
    ['5g', 5 * 2 ** 30],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['2TB', 2 * 2 ** 40],
    ['', undefined],
    ['G', undefined],
    ['-1', undefined],
    ['5X', undefined],
    ['1e3', undefined],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text), bytes, text);
});
