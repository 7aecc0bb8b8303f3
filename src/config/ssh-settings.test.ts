import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readSshSettings } from './ssh-settings.ts';

test('readSshSettings() splits DISTCC_SSH on blanks', () => {
  const rows: [value: string | undefined, words: string[]][] = [
    [undefined, ['ssh']],
    ['', ['ssh']],
    ['  ', ['ssh']],
    ['ssh -p 2222\t-i  key', ['ssh', '-p', '2222', '-i', 'key']],
    ['/opt/my-ssh', ['/opt/my-ssh']],
  ];
  for (const [value, words] of rows) {
    const environment = new Map(value === undefined ? [] : [['DISTCC_SSH', value]]);
    assert.deepEqual(readSshSettings(environment).words, words, value);
  }
});

test("readSshSettings() takes what is ssh's, and nothing that asks, or is the build's", () => {
  const given = ['HOME', 'PATH', 'SSH_AUTH_SOCK', 'KRB5CCNAME', 'https_proxy'];
  const dropped = ['SSH_ASKPASS', 'SSH_TTY', 'DISPLAY', 'LD_PRELOAD', 'MAKEFLAGS', 'LC_ALL'];
  const environment = new Map([...dropped, ...given].map((name) => [name, 'x']));
  assert.deepEqual(readSshSettings(environment).environment, {
    ...Object.fromEntries(given.map((name) => [name, 'x'])),
    SSH_ASKPASS_REQUIRE: 'never',
    LC_ALL: 'C.UTF-8',
  });
});

test('readSshSettings() gives the same for the same variables in another order', () => {
  const one = readSshSettings(
    new Map([
      ['HOME', '/h'],
      ['PATH', '/bin'],
      ['PWD', '/a'],
    ]),
  );
  const other = readSshSettings(
    new Map([
      ['PATH', '/bin'],
      ['PWD', '/b'],
      ['HOME', '/h'],
    ]),
  );
  assert.equal(JSON.stringify(one), JSON.stringify(other));
});
