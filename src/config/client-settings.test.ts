import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { ClientSettings } from '../command/client-settings.ts';
import { CLIENT_VARIABLES } from './client-variables.ts';
import { readClientSettings } from './client-settings.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'client-settings-test-'));
after(() => rmSync(directory, { recursive: true }));
const siteHostsFile = path.join(directory, 'site-hosts');

function read(environment: Readonly<Record<string, string>> = {}): ClientSettings {
  return readClientSettings(new Map(Object.entries(environment)), { siteHostsFile, directory });
}

test('readClientSettings() gives what distcc does where nothing is set', () => {
  assert.deepEqual(read(), {
    hosts: undefined,
    fallback: true,
    skipLocalRetry: false,
    namesCompilerInFull: true,
    backoffMs: 60_000,
    ioTimeoutMs: 300_000,
    logFile: '',
    verbose: false,
    logFormat: 'lines',
    socksProxy: undefined,
    traces: undefined,
    mayBeNative: true,
    cache: undefined,
    saveTempsIn: undefined,
    mistake: undefined,
    ssh: { words: ['ssh'], environment: { LC_ALL: 'C.UTF-8', SSH_ASKPASS_REQUIRE: 'never' } },
  });
});

test('readClientSettings() reads each variable as distcc does', () => {
  const longest = 2 ** 31 - 1;
  const cases: readonly [variable: string, value: string, Partial<ClientSettings>][] = [
    ['DISTCC_FALLBACK', '0', { fallback: false }],
    ['DISTCC_FALLBACK', '1', { fallback: true }],
    ['DISTCC_FALLBACK', 'no', { fallback: true }],
    ['DISTCC_FALLBACK', '', { fallback: true }],
    ['DISTCC_FALLBACK', '00', { fallback: true }],
    ['MANYHANDS_LOG_FORMAT', 'json', { logFormat: 'json' }],
    ['MANYHANDS_LOG_FORMAT', 'other', { logFormat: 'lines' }],
    ['DISTCC_VERBOSE', '1', { verbose: true }],
    ['DISTCC_VERBOSE', 'yes', { verbose: false }],
    ['DISTCC_VERBOSE', '2', { verbose: false }],
    ['DISTCC_SKIP_LOCAL_RETRY', '0', { skipLocalRetry: true }],
    ['DISTCC_SKIP_LOCAL_RETRY', '', { skipLocalRetry: true }],
    ['DISTCC_NO_REWRITE_CROSS', '0', { namesCompilerInFull: false }],
    ['DISTCC_NO_REWRITE_CROSS', '', { namesCompilerInFull: false }],
    ['DISTCC_BACKOFF_PERIOD', '0', { backoffMs: 0 }],
    ['DISTCC_BACKOFF_PERIOD', '5', { backoffMs: 5000 }],
    ['DISTCC_BACKOFF_PERIOD', '5s', { backoffMs: 5000 }],
    ['DISTCC_BACKOFF_PERIOD', '-1', { backoffMs: 0 }],
    ['DISTCC_BACKOFF_PERIOD', 'abc', { backoffMs: 0 }],
    ['DISTCC_BACKOFF_PERIOD', '', { backoffMs: 0 }],
    ['DISTCC_IO_TIMEOUT', '7', { ioTimeoutMs: 7000, mistake: undefined }],
    ['DISTCC_IO_TIMEOUT', ' +7x', { ioTimeoutMs: 7000, mistake: undefined }],
    ['DISTCC_IO_TIMEOUT', '999999999', { ioTimeoutMs: longest, mistake: undefined }],
    ['DISTCC_PAUSE_TIME_MSEC', 'abc', { mistake: undefined }],
    ['DISTCC_TCP_CORK', '7', { mistake: undefined }],
    ['DISTCC_SOCKS_PROXY', '/run/p', { socksProxy: '/run/p' }],
    ['DISTCC_SOCKS_PROXY', '', { socksProxy: undefined }],
    ['DISTCC_LOG', 'log', { logFile: 'log' }],
    ['DISTCC_LOG', '', { logFile: '' }],
    ['DISTCC_SAVE_TEMPS', '1', { saveTempsIn: '/tmp' }],
    ['DISTCC_SAVE_TEMPS', 'true', { saveTempsIn: undefined }],
    ['TMPDIR', '', { mistake: undefined }],
    ['TMPDIR', '.', { mistake: undefined }],
    ['DISTCC_HOSTS', '', { hosts: { text: '', from: '$DISTCC_HOSTS' } }],
  ];
  for (const [variable, value, expected] of cases) {
    const settings = read({ [variable]: value });
    for (const [name, setting] of Object.entries(expected)) {
      assert.deepEqual(settings[name as keyof ClientSettings], setting, `${variable}=${value}`);
    }
    assert.ok(Object.hasOwn(CLIENT_VARIABLES, variable), variable);
  }
  assert.equal(read({ DISTCC_SAVE_TEMPS: '1', TMPDIR: '.' }).saveTempsIn, directory);
});

test('readClientSettings() names what is wrong, and whether the job may go on', () => {
  const cases: readonly [variable: string, value: string, exitCode: number, isFatal: boolean][] = [
    ['DISTCC_IO_TIMEOUT', '0', 101, true],
    ['DISTCC_IO_TIMEOUT', '-3', 101, true],
    ['DISTCC_IO_TIMEOUT', 'abc', 101, true],
    ['DISTCC_IO_TIMEOUT', '', 101, true],
    ['TMPDIR', '/none', 107, false],
    ['TMPDIR', 'none', 107, false],
  ];
  for (const [variable, value, exitCode, isFatal] of cases) {
    const { mistake } = read({ [variable]: value });
    assert.deepEqual({ ...mistake, message: '' }, { exitCode, isFatal, message: '' }, `${variable}=${value}`);
    assert.match(mistake?.message ?? '', new RegExp(`^${variable}=.*${value}`));
  }
});

test('readClientSettings() takes the first host list that is there', () => {
  writeFileSync(siteHostsFile, 'site');
  assert.deepEqual(read({ HOME: directory }).hosts, { text: 'site', from: siteHostsFile });
  mkdirSync(path.join(directory, '.distcc'));
  const own = path.join(directory, '.distcc', 'hosts');
  writeFileSync(own, 'own');
  for (const environment of [
    { HOME: directory },
    { HOME: '/none', DISTCC_DIR: path.dirname(own) },
    { DISTCC_DIR: '.distcc' },
  ]) {
    assert.deepEqual(read(environment).hosts, { text: 'own', from: own });
  }
  const variable = { HOME: directory, DISTCC_HOSTS: 'variable' };
  assert.deepEqual(read(variable).hosts, { text: 'variable', from: '$DISTCC_HOSTS' });
  assert.deepEqual(read().hosts, { text: 'site', from: siteHostsFile }, 'neither HOME nor DISTCC_DIR');
  writeFileSync(own, 'h '.repeat(600_000));
  assert.equal(read({ HOME: directory }).hosts?.from, siteHostsFile, 'more than 1 MiB');
});

test('readClientSettings() does not wait for a host list that is a fifo', () => {
  const DISTCC_DIR = path.join(directory, 'with-fifo');
  mkdirSync(DISTCC_DIR);
  assert.equal(spawnSync('mkfifo', [path.join(DISTCC_DIR, 'hosts')]).status, 0);
  assert.notEqual(read({ DISTCC_DIR }).hosts?.from, path.join(DISTCC_DIR, 'hosts'));
});
