import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from './statistics.ts';

test('summarize() gives the whole range of five and the second to ninth of ten', () => {
  assert.deepEqual(summarize([5, 1, 4, 2, 3]), { n: 5, median: 3, low: 1, high: 5 });
  // P(X <= 1) for ten coins is 1.1 %, P(X <= 2) is 5.5 %: one may go at each end, two may not.
  assert.deepEqual(summarize([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), { n: 10, median: 5.5, low: 2, high: 9 });
});
