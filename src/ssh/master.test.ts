import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { isAlive } from '../../test/rig/our-distccd.ts';
import { Scratch } from '../../test/rig/scratch.ts';
import { isOpenSsh } from './master.ts';

const LIMIT = { timeout: 30_000 };

/** A DISTCC_SSH whose child outlives what it says. @returns its answer, and that child. */
async function ask(scratch: Scratch, lines: string): Promise<readonly [isOpenSsh: boolean, child: number]> {
  const [program, pidFile] = [scratch.path('ssh'), scratch.path('pid')];
  writeFileSync(program, `#!/bin/sh\nsleep 1000 &\necho $! >${pidFile}\n${lines}\n`, { mode: 0o755 });
  const destination = {
    key: '',
    name: '@h',
    words: [program],
    environment: {},
    login: [],
    host: 'h',
  } as const;
  const answer = await isOpenSsh(destination);
  return [answer, Number(readFileSync(pidFile, 'utf8'))];
}

test('isOpenSsh() has its answer from a script whose child holds the pipe open', LIMIT, async () => {
  using scratch = new Scratch();
  const [answer, child] = await ask(scratch, 'echo OpenSSH_9.9 >&2');
  process.kill(child, 'SIGKILL');
  assert.equal(answer, true);
});

test('isOpenSsh() ends a script that does not answer, and its children', LIMIT, async () => {
  using scratch = new Scratch();
  const [answer, child] = await ask(scratch, 'wait');
  assert.equal(answer, false);
  assert.ok(!isAlive(child));
});
