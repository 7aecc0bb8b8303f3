import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from './event.ts';
import { History } from './history.ts';

function begin(history: History, job: number): void {
  const what = { pid: 7, directory: '/w', source: `${job}.c`, argv: ['gcc', `${job}.c`] };
  history.add({ kind: 'started', job, atMs: 1000, ...what });
}

const FINISHED: Omit<Extract<Event, { kind: 'finished' }>, 'job'> = {
  kind: 'finished',
  atMs: 1500,
  ending: 'remote',
  host: 'b',
  reason: '',
  detail: '',
  elapsedMs: 500,
  bytesSent: 10,
  bytesReceived: 20,
};

/** A question that all stories here answer. */
const ALL = { kind: 'all' } as const;

test('a job’s story has its phases, what went wrong, and how it ended', () => {
  const history = new History();
  begin(history, 1);
  history.add({ kind: 'phase', job: 1, atMs: 1003, phase: 'connect', host: 'a' });
  history.add({ kind: 'trouble', job: 1, atMs: 1004, host: 'a', reason: 'unreachable', detail: 'refused' });
  history.add({ kind: 'phase', job: 1, atMs: 1005, phase: 'compile', host: 'b' });
  assert.equal(history.find(ALL)[0]?.ending, undefined);
  assert.equal(history.find(ALL)[0]?.host, 'b');
  history.add({ ...FINISHED, job: 1 });
  assert.deepEqual(history.find(ALL), [
    {
      job: 1,
      pid: 7,
      directory: '/w',
      source: '1.c',
      argv: ['gcc', '1.c'],
      startedMs: 1000,
      phases: [
        ['connect', 3],
        ['compile', 5],
      ],
      steps: [{ kind: 'trouble', host: 'a', reason: 'unreachable', detail: 'refused' }],
      ending: 'remote',
      host: 'b',
      reason: '',
      detail: '',
      elapsedMs: 500,
      bytesSent: 10,
      bytesReceived: 20,
    },
  ]);
});

test('the oldest stories go, and before them their commands', () => {
  const history = new History({ mostStories: 3, mostCommands: 2 });
  for (let job = 1; job <= 5; job++) begin(history, job);
  history.add({ ...FINISHED, job: 1 });
  assert.deepEqual(
    history.find(ALL).map(({ job, argv }) => [job, argv.length]),
    [
      [3, 0],
      [4, 2],
      [5, 2],
    ],
  );
});

test('stories are found by file, by how they ended, and by what went wrong', () => {
  const history = new History();
  for (const job of [1, 2, 3, 4]) begin(history, job);
  history.add({ ...FINISHED, job: 1, ending: 'local', reason: 'x' });
  history.add({ ...FINISHED, job: 2 });
  history.add({ kind: 'demotion', job: 3, atMs: 1001, host: '', reason: 'y', detail: '' });
  const jobs = (question: Parameters<History['find']>[0]) => history.find(question).map(({ job }) => job);
  assert.deepEqual(jobs({ kind: 'local' }), [1]);
  assert.deepEqual(jobs({ kind: 'last' }), [2]);
  assert.deepEqual(jobs({ kind: 'trouble' }), [3]);
  assert.deepEqual(jobs({ kind: 'file', file: '../w/4.c', directory: '/x' }), [4]);
  assert.deepEqual(jobs({ kind: 'file', file: '4.c', directory: '/elsewhere' }), [4]);
  assert.deepEqual(jobs({ kind: 'file', file: '5.c', directory: '/w' }), []);
});

test('what a host says of its refusal is kept as far as it is short', () => {
  const history = new History();
  begin(history, 1);
  const trouble = { kind: 'trouble', job: 1, atMs: 1001, host: 'a', reason: 'refused' } as const;
  history.add({ ...trouble, detail: 'x'.repeat(1_000_000) });
  assert.equal(history.find(ALL)[0]?.steps[0]?.detail.length, 501);
});
