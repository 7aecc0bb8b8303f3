import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { JobLog } from './job-log.ts';

function openLog(t: TestContext, logFile: string): { log: JobLog; directory: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'job-log-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const settings = {
    hosts: undefined,
    fallback: true,
    skipLocalRetry: false,
    backoffMs: 0,
    ioTimeoutMs: 1,
    logFile,
    verbose: false,
    ssh: { words: ['ssh'], environment: {} },
  };
  return { log: new JobLog(7, directory, settings), directory };
}

test('JobLog appends to the file that the caller names, and says nothing else', (t) => {
  const { log, directory } = openLog(t, 'log');
  for (const line of ['one', 'two']) {
    log.say('info', line);
    assert.equal(log.flush(0o22), '');
  }
  assert.equal(readFileSync(path.join(directory, 'log'), 'utf8'), 'distcc[7] one\ndistcc[7] two\n');
});

test('JobLog does not wait for the reader of a fifo: the lines go to standard error', (t) => {
  const { log, directory } = openLog(t, 'fifo');
  assert.equal(spawnSync('mkfifo', [path.join(directory, 'fifo')]).status, 0);
  log.say('warning', 'here');
  assert.equal(log.flush(0o22), 'distcc[7] Warning: here\n');
});
