/** Our client and our `distccd --inetd`, with a real sshd between them: one connection, one worker. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildDistccd, eventually } from '../rig/our-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';
import { Site } from '../rig/site.ts';
import { Sshd } from '../rig/sshd.ts';

const FILES = 40;

test('many jobs have one ssh connection and one worker', needsPeer('ssh', 'sshd', 'make'), async () => {
  using scratch = new Scratch();
  await using site = await Site.open({ jobs: 1 });
  const program = buildDistccd(scratch, ['gcc']);
  const temporary = scratch.openDirectory('temporary');
  const settings = `TMPDIR=${temporary} XDG_RUNTIME_DIR=${scratch.privateDirectory('run')} DISTCCD_KEEP_SECONDS=2`;
  {
    await using sshd = await Sshd.start(scratch, { config: [`SetEnv ${settings}`] });
    const names = Array.from({ length: FILES }, (_, index) => `f${index}`);
    const rule = `%.o: %.c\n\t@${site.client.launcher} gcc -O2 -c $< -o $@\n`;
    const cwd = site.project({
      ...Object.fromEntries(names.map((name) => [`${name}.c`, `int ${name}(int x) { return x * 3; }\n`])),
      Makefile: `all:${names.map((name) => ` ${name}.o`).join('')}\n${rule}`,
    });
    const env = {
      DISTCC_HOSTS: `@box/8:${program}`,
      DISTCC_SSH: `ssh -F ${sshd.clientConfig}`,
      DISTCC_FALLBACK: '0',
    };
    const ended = await site.run(['make', '--silent', '-j8'], { cwd, env });
    assert.deepEqual([ended.status, ended.stdout, ended.stderr], [0, '', '']);
    const reference = site.newDirectory();
    await runWell(['gcc', '-O2', '-c', ...names.map((name) => path.join(cwd, `${name}.c`))], {
      cwd: reference,
    });
    for (const name of names) {
      const [ours, theirs] = [cwd, reference].map((directory) =>
        readFileSync(path.join(directory, `${name}.o`)),
      );
      assert.deepEqual(ours, theirs, name);
    }
    assert.equal(sshd.logins, 1);
    assert.equal(sshd.commands, FILES, 'fallback is off, and each job was a channel');
    await eventually('one is left', () => (parentsOf(program).length === 1 ? true : undefined));
  }
  await eventually('the worker has left', () => (parentsOf(program).length === 0 ? true : undefined));
  assert.deepEqual(readdirSync(temporary), []);
});

/** Processes of this program; the carriers have gone when their jobs have. */
function parentsOf(program: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid) === program);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[0] ?? '';
  } catch {
    return '';
  }
}
