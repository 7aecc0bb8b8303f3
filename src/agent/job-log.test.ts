import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { PLAIN_SETTINGS } from '../../test/rig/plain-settings.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import { JobLog } from './job-log.ts';

function openLog(t: TestContext, settings: Partial<ClientSettings>): { log: JobLog; directory: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'job-log-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return {
    log: new JobLog(7, { directory, settings: { ...PLAIN_SETTINGS, ...settings }, job: 'a-1' }),
    directory,
  };
}

test('JobLog appends to the file that the caller names, and says nothing else', (t) => {
  const { log, directory } = openLog(t, { logFile: 'log' });
  for (const line of ['one', 'two']) {
    log.say('info', line);
    assert.equal(log.flush(0o22), '');
  }
  assert.equal(readFileSync(path.join(directory, 'log'), 'utf8'), 'distcc[7] one\ndistcc[7] two\n');
});

test('JobLog does not wait for the reader of a fifo: the lines go to standard error', (t) => {
  const { log, directory } = openLog(t, { logFile: 'fifo' });
  assert.equal(spawnSync('mkfifo', [path.join(directory, 'fifo')]).status, 0);
  log.say('warning', 'here');
  assert.match(
    log.flush(0o22),
    /^distcc\[7\] ERROR: failed to open logfile .*fifo: ENXIO\ndistcc\[7\] Warning: here\n$/,
  );
});

test('JobLog chooses by level what goes where, as distcc does', (t) => {
  const cases: readonly [Partial<ClientSettings>, terminal: string, file: string | undefined][] = [
    [{}, 'w', undefined],
    [{ verbose: true }, 'w i d', undefined],
    [{ logFile: 'log' }, '', 'w i'],
    [{ logFile: 'log', verbose: true }, '', 'w i d'],
    [{ logFile: 'none/log' }, 'failed w', undefined],
    [{ logFile: 'none/log', verbose: true }, 'failed w i d', undefined],
  ];
  const words = (text: string): string => text.match(/(?<= )(?:failed|[wid])\b/g)?.join(' ') ?? '';
  for (const [settings, terminal, file] of cases) {
    const { log, directory } = openLog(t, settings);
    log.say('warning', 'w');
    log.say('info', 'i');
    log.say('debug', 'd');
    assert.equal(words(log.flush(0o22)), terminal, JSON.stringify(settings));
    const name = path.join(directory, 'log');
    assert.equal(existsSync(name) ? words(readFileSync(name, 'utf8')) : undefined, file);
  }
});
