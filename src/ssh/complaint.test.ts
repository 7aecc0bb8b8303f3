import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainCommandEnd, explainSshEnd, isLoginFailure } from './complaint.ts';

test('explainSshEnd() gives the reason in one sentence, with what to do', () => {
  const rows: [said: string, pattern: RegExp][] = [
    [
      'root@127.0.0.1: Permission denied (publickey).\r\n',
      /: .*Permission denied \(publickey\)\. It takes no/,
    ],
    [
      'No ED25519 host key is known for x.\nHost key verification failed.\n',
      /verification failed\. Its host key/,
    ],
    ['@@ REMOTE HOST IDENTIFICATION HAS CHANGED! @@\nfoo\nHost key verification failed.', /by hand$/],
    ['ssh: connect to host x port 22: Connection refused\r\n', /port 22: Connection refused$/],
    ['', /ssh ended without a word$/],
  ];
  for (const [said, pattern] of rows) {
    const { kind, message } = explainSshEnd('@x', 'ssh', said);
    assert.equal(kind, 'unreachable');
    assert.match(message, pattern);
    assert.match(message, /^Cannot reach @x over ssh: [^\n]*[^.\n]$/);
  }
  assert.equal(isLoginFailure(explainSshEnd('@x', 'ssh', 'x: Permission denied (publickey).')), true);
  assert.equal(isLoginFailure(explainSshEnd('@x', 'ssh', 'Connection refused')), false);
});

test('explainCommandEnd() tells a daemon that is not there from one that says no', () => {
  const end = { name: '@x', command: 'distccd --inetd', said: 'sh: 1: distccd: not found\n' };
  const missing = explainCommandEnd({ ...end, exit: 127 });
  assert.equal(missing?.kind, 'unreachable');
  assert.match(
    missing?.message ?? '',
    /^Cannot run distccd --inetd on @x: .*not found\. Is distccd there\?$/,
  );
  assert.equal(explainCommandEnd({ ...end, exit: 1 })?.kind, 'refused');
  assert.equal(explainCommandEnd({ ...end, exit: 'KILL' })?.kind, 'refused');
  assert.equal(explainCommandEnd({ ...end, exit: 255 })?.kind, 'unreachable');
  assert.equal(explainCommandEnd({ ...end, exit: 0, said: '' }), undefined);
});
