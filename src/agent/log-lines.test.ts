import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exited } from '../base/wait-status.ts';
import { elapsedLine, executionLine, exitLine, startLine, statusLine, transferLine } from './log-lines.ts';

test('the lines of the log are spelled as distcc spells them', () => {
  assert.equal(startLine('a.c', 'a.o'), 'compile from a.c to a.o');
  assert.equal(executionLine('h:1/2,lzo', ['gcc', '-c', 'a.c']), 'exec on h:1/2,lzo: gcc -c a.c');
  const transfer = { source: 'a.c', bytes: 2048, hostName: 'h', elapsedMs: 22.94 };
  assert.equal(transferLine(transfer), '2048 bytes from a.c compiled on h in 0.0229s, rate 87kB/s');
  assert.equal(
    transferLine({ ...transfer, elapsedMs: 0 }),
    '2048 bytes from a.c compiled on h in 0.0000s, rate 0kB/s',
  );
  const ended = (status: number) => statusLine('compile', { source: 'a.c', host: 'h', status });
  assert.deepEqual(ended(0), ['info', 'compile a.c on h completed ok']);
  assert.deepEqual(ended(exited(3)), ['error', 'compile a.c on h failed with exit code 3']);
  assert.deepEqual(ended(11), ['error', 'compile a.c on h died with signal 11']);
  assert.equal(elapsedLine(24.343), 'elapsed compilation time 0.024343s');
  assert.equal(
    exitLine(1, { userUs: 5078, systemUs: 1_003_678 }),
    'exit: code 1; self: 0.000000 user 0.000000 sys; children: 0.005078 user 1.003678 sys',
  );
});
