import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Summary } from '../events/summary.ts';
import { formatStatus } from './status-text.ts';

const AGENT = { pid: 7, version: '1.0', startedMs: 0 };

test('formatStatus() has a table for each kind of count, the greatest first, and none that is empty', () => {
  const summary = new Summary();
  const stamp = { job: 1, atMs: 0 };
  summary.add({ kind: 'demotion', ...stamp, host: '', reason: 'clock', detail: 'a.c' });
  for (const job of [2, 3])
    summary.add({ kind: 'demotion', ...stamp, job, host: 'one', reason: 'failed-with-headers', detail: '' });
  const ended = {
    kind: 'finished',
    ...stamp,
    detail: '',
    elapsedMs: 1,
    bytesSent: 1,
    bytesReceived: 1,
  } as const;
  summary.add({ ...ended, ending: 'remote', host: 'one,lzo,cpp', reason: '' });
  const [first, ...lines] = formatStatus({ ...summary.totals, agent: AGENT, running: [] }).split('\n');
  assert.match(first ?? '', /^agent 7, version 1\.0, since /);
  assert.deepEqual(lines, [
    '1 compiled remotely, 0 out of the cache, 0 here, 0 failed, 0 cancelled',
    'by host',
    '       1  one,lzo,cpp',
    'preprocessed here for hosts with ,cpp, by reason',
    '       2  failed-with-headers',
    '       1  clock',
  ]);
});
