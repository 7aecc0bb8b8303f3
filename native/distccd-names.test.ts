/** A second daemon: distccd under another name, as the tools of init scripts see it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findFreePort } from '../test/rig/cluster.ts';
import { GOOD_JOB, isRoot, program, scratch } from '../test/rig/distccd-world.ts';
import { compile, eventually, isAlive } from '../test/rig/our-distccd.ts';
import { needsPeer } from '../test/rig/peers.ts';
import { PLAIN_ENVIRONMENT } from '../test/rig/scratch.ts';

const WAYS = [
  ['symbolic link', symlinkSync],
  ['hard link', linkSync],
  ['copy', copyFileSync],
] as const;

function call(
  command: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const env = { ...PLAIN_ENVIRONMENT, TMPDIR: scratch.openDirectory('names-tmp') };
  return spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

for (const [way, make] of WAYS) {
  test(`distccd2, a ${way}, is a daemon of its own`, needsPeer('pidof', 'start-stop-daemon'), async () => {
    // Beside the original: there is the whitelist.
    const second = path.join(path.dirname(program), `distccd2-${way.split(' ')[0]}`);
    make(program, second);
    const name = path.basename(second);
    const run = scratch.openDirectory(`names-${name}`);
    const port = await findFreePort();
    const pidFile = path.join(run, 'pid');
    const log = path.join(run, 'log');
    const user = isRoot ? ['--user', 'nobody'] : [];
    const options = [
      '--daemon',
      '--listen',
      '127.0.0.1',
      '--port',
      `${port}`,
      '--pid-file',
      pidFile,
      '--log-file',
      log,
      ...user,
    ];
    const match = ['--quiet', '--pidfile', pidFile, '--exec', second];

    const started = call('start-stop-daemon', ['--start', ...match, '--', ...options]);
    assert.equal(started.status, 0, started.stderr);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    try {
      assert.ok(call('pidof', [second]).stdout.split(/\s+/).includes(`${pid}`), 'pidof /path/distccd2');
      assert.ok(call('pidof', [name]).stdout.split(/\s+/).includes(`${pid}`), 'pidof distccd2');
      assert.equal(readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), name.slice(0, 15));
      assert.equal(call('start-stop-daemon', ['--status', ...match]).status, 0);
      assert.equal(
        call('start-stop-daemon', ['--start', ...match, '--', ...options]).status,
        1,
        'it runs already',
      );
      assert.equal((await compile(port, GOOD_JOB)).waitStatus, 0);
      await eventually(
        'it logs by its name',
        () =>
          new RegExp(`^${name}\\[\\d+\\] client: .* COMPILE_OK`, 'm').exec(readFileSync(log, 'utf8')) ??
          undefined,
      );
      const stopped = call('start-stop-daemon', ['--stop', '--retry', '10', ...match]);
      assert.equal(stopped.status, 0, stopped.stderr);
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    await eventually('it has gone', () => (isAlive(pid) ? undefined : true));
  });
}
