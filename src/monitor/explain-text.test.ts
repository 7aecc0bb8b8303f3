import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Story } from '../events/history.ts';
import { explain } from './explain-text.ts';

const STORY: Story = {
  job: 1,
  pid: 7,
  directory: '/w',
  source: 'a b.c',
  argv: ['/usr/bin/gcc', '-c', 'a b.c'],
  startedMs: 0,
  phases: [
    ['connect', 0],
    ['compile', 5],
    ['receive', 490],
    ['compile', 494],
    ['receive', 495],
  ],
  steps: [],
  ending: 'remote',
  host: 'b',
  reason: '',
  detail: '',
  elapsedMs: 500.4,
  bytesSent: 10,
  bytesReceived: 20,
};
const REASONS = {
  sentenceOf: (reason: string) => (reason === 'r' ? 'It is so' : undefined),
  remedyOf: (reason: string) => (reason === 'r' ? 'change it' : undefined),
};
const tell = (parts: Partial<Story>): string[] =>
  explain([{ ...STORY, ...parts }], 'last', REASONS).split('\n');

test('a job that was compiled elsewhere: where, how long, and how much went over the wire', () => {
  assert.deepEqual(tell({}), [
    'a b.c in /w: compiled on b in 0.50 s',
    '  took  connect 5 ms, compile 486 ms, receive 9 ms',
    '  wire  sent 10 bytes, received 20 bytes',
  ]);
});

test('a job that was compiled here: why, what to do, and what to try', () => {
  const none = { phases: [], bytesSent: 0, bytesReceived: 0 };
  assert.deepEqual(tell({ ...none, ending: 'local', host: 'localhost', reason: 'r', detail: '-x' }), [
    'a b.c in /w: compiled here in 0.50 s',
    '  why   It is so: -x',
    '  do    change it',
    "  try   cd /w && DISTCC_VERBOSE=1 DISTCC_FALLBACK=0 distcc gcc -c 'a b.c'",
  ]);
});

test('what went wrong on the way, with the host', () => {
  const lines = tell({
    phases: [],
    steps: [
      { kind: 'trouble', host: 'a', reason: 'unreachable', detail: 'Cannot connect\u001b[2J' },
      { kind: 'demotion', host: '', reason: 'r', detail: 'x.h' },
    ],
  });
  assert.deepEqual(lines.slice(1, 4), [
    '  then  a: Cannot connect?[2J',
    '  then  sent in a lesser form: It is so: x.h',
    '  do    change it',
  ]);
});

test('all that were compiled here, the most frequent reason first', () => {
  const local = (source: string, reason: string): Story => ({ ...STORY, ending: 'local', source, reason });
  const stories = [local('z.c', 'other'), ...'abcdefg'.split('').map((name) => local(`${name}.c`, 'r'))];
  assert.deepEqual(explain(stories, 'local', REASONS).split('\n'), [
    '7 compiled here: It is so',
    '  such as a.c, b.c, c.c, d.c, e.c, and 2 more',
    '  do    change it',
    '1 compiled here: other',
    '  such as z.c',
  ]);
});

test('where there is nothing to tell, that is said', () => {
  for (const kind of ['file', 'last', 'local', 'trouble'] as const)
    assert.match(explain([], kind, REASONS), /^[A-Z]\w+ /);
});
