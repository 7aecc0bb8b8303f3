/** What our distccd makes of jobs, good and refused, and how they end. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  program,
  SLOW,
  SLOW_JOB,
  GOOD_JOB,
  nothingLeft,
  beginSlowJob,
  scratch,
} from '../test/rig/distccd-world.ts';
import {
  compile,
  dial,
  Distccd,
  eventually,
  membersOf,
  whenClosed,
  writeCompiler,
} from '../test/rig/our-distccd.ts';
import { needsPeer } from '../test/rig/peers.ts';
import { run } from '../test/rig/run.ts';
import { PLAIN_ENVIRONMENT } from '../test/rig/scratch.ts';

test('a job comes back as the compiler left it', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const reply = await compile(daemon.port, GOOD_JOB);
  assert.equal(reply.waitStatus, 0);
  assert.equal(Buffer.from(reply.object).toString('latin1', 1, 4), 'ELF');

  const failing = await compile(daemon.port, { ...GOOD_JOB, source: '# 1 "dir/a.c"\nint x\n', protocol: 2 });
  assert.equal(failing.waitStatus, 1 << 8);
  assert.match(Buffer.from(failing.stderr).toString(), /^dir\/a\.c:1:/m);
  assert.equal(failing.object.length, 0);

  const assembly = await compile(daemon.port, { argv: ['gcc', '-S', 'a.c'], source: '# 1 "a.c"\nint x;\n' });
  assert.match(Buffer.from(assembly.object).toString(), /\.file\s+"a\.c"/);
  const counts = await daemon.counts();
  assert.equal(counts.get('dcc_compile_ok'), 2);
  assert.equal(counts.get('dcc_compile_error'), 1);
  await nothingLeft(daemon);
  await daemon.whenLogged(
    /client: 127\.0\.0\.1:\d+ COMPILE_OK exit:0 sig:0 core:0 ret:0 time:\d+ms gcc a\.c/,
  );
});

for (const compiler of ['gcc', 'g++', 'clang']) {
  for (const flags of [['-O1'], ['-O1', '-g'], ['-O1', '-S']]) {
    const title = `Debian's distcc has ${compiler} ${flags.join(' ')} make the same bytes as here`;
    test(title, needsPeer('distcc', compiler), async () => {
      await using daemon = await Distccd.start(program, scratch);
      const directory = scratch.openDirectory(`client-${daemon.port}`);
      const extension = compiler === 'g++' ? 'cc' : 'c';
      writeFileSync(
        path.join(directory, `a.${extension}`),
        '#include <stdio.h>\n#include <stdlib.h>\nint f(int x) { return printf("%d", x) + abs(x); }\n',
      );
      const env = {
        ...PLAIN_ENVIRONMENT,
        DISTCC_DIR: scratch.openDirectory(`state-${daemon.port}`),
        DISTCC_HOSTS: `127.0.0.1:${daemon.port},lzo`,
        DISTCC_FALLBACK: '0',
        DISTCC_NO_REWRITE_CROSS: '1',
      };
      const command = [compiler, ...flags, '-c', `a.${extension}`];
      const remote = await run(['distcc', ...command, '-o', 'remote.o'], { cwd: directory, env });
      assert.equal(remote.status, 0, remote.stderr);
      assert.equal(remote.stderr, '');
      // What the same text gives here: clang's expanded text has other columns than the file.
      const text = await run([compiler, ...flags.filter((flag) => flag !== '-S'), '-E', `a.${extension}`], {
        cwd: directory,
        env,
      });
      const preprocessed = extension === 'c' ? 'a.i' : 'a.ii';
      writeFileSync(path.join(directory, preprocessed), text.stdout);
      // clang's text does not say in which directory it was made, so the worker's own is written down.
      const cwd = compiler === 'clang' ? '/' : directory;
      const files = [path.join(directory, preprocessed), '-o', path.join(directory, 'local.o')];
      const local = await run([compiler, ...flags, '-c', ...files], { cwd, env });
      assert.equal(local.status, 0, local.stderr);
      const bytes = (name: string): Buffer => readFileSync(path.join(directory, name));
      assert.ok(bytes('remote.o').equals(bytes('local.o')));
      assert.equal((await daemon.counts()).get('dcc_compile_ok'), 1);
    });
  }
}

test('a compiler that is not there is answered with 110 and a sentence', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const reply = await compile(daemon.port, { ...SLOW_JOB, argv: ['missing', '-c', 'a.c'] });
  assert.equal(reply.waitStatus, 110 << 8);
  assert.match(Buffer.from(reply.stderr).toString(), /cannot run missing on the worker: no such file/);
});

test('a refused job is answered with 113 and a sentence', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const commands: [argv: string[], why: RegExp][] = [
    [['sh', '-c', 'a.c'], /sh is not in its whitelist/],
    [['/tmp/gcc', '-c', 'a.c'], /by name here, not by path/],
    [['../gcc', '-c', 'a.c'], /by name here, not by path/],
    [['gcc', '-fplugin=x.so', '-c', 'a.c'], /"-fplugin=x.so" is not allowed/],
    [['gcc', 'a.c', '-o', 'a'], /neither -c nor -S/],
  ];
  for (const [argv, why] of commands) {
    const reply = await compile(daemon.port, { argv, source: 'int x;\n' });
    assert.equal(reply.waitStatus, 113 << 8, argv.join(' '));
    assert.match(Buffer.from(reply.stderr).toString(), why);
    assert.equal(reply.object.length, 0);
  }
  const counts = await daemon.counts();
  assert.equal(counts.get('manyhands_refused'), commands.length);
  assert.equal(counts.get('dcc_compile_ok'), 0);
});

test('/usr/bin/gcc is gcc', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const reply = await compile(daemon.port, { ...GOOD_JOB, argv: ['/usr/bin/gcc', '-c', 'a.c'] });
  assert.equal(reply.waitStatus, 0);
});

test('DISTCC_CMDLIST names the compilers; one that cannot be read allows none', async () => {
  const list = scratch.path('compilers.list');
  writeFileSync(list, '/opt/other/gcc\n/usr/bin/gcc\n');
  await using daemon = await Distccd.start(program, scratch, {
    env: { DISTCC_CMDLIST: list, DISTCC_CMDLIST_NUMWORDS: '2' },
  });
  const statusOf = async (compiler: string): Promise<number> =>
    (await compile(daemon.port, { ...GOOD_JOB, argv: [compiler, '-c', 'a.c'] })).waitStatus;
  assert.equal(await statusOf('/x/bin/gcc'), 0);
  assert.equal(await statusOf('/usr/bin/g++'), 113 << 8);
  assert.equal(await statusOf('gcc'), 113 << 8);
  renameSync(list, `${list}.gone`);
  const reply = await compile(daemon.port, { ...GOOD_JOB, argv: ['/usr/bin/gcc', '-c', 'a.c'] });
  assert.equal(reply.waitStatus, 113 << 8);
  assert.match(Buffer.from(reply.stderr).toString(), /cannot be read/);
});

test('--enable-tcp-insecure lifts the whitelist, not the rules for options', async () => {
  const directory = writeCompiler(scratch, 'mine', 'exec /usr/bin/gcc "$@"');
  await using daemon = await Distccd.start(program, scratch, { args: ['--enable-tcp-insecure'] });
  const mine = path.join(directory, 'mine');
  assert.equal((await compile(daemon.port, { ...GOOD_JOB, argv: [mine, '-c', 'a.c'] })).waitStatus, 0);
  const reply = await compile(daemon.port, { ...GOOD_JOB, argv: [mine, '-wrapper', 'x', '-c', 'a.c'] });
  assert.equal(reply.waitStatus, 113 << 8);
});

test('jobs beyond --jobs wait for their turn', async () => {
  await using daemon = await Distccd.start(program, scratch, { ...SLOW, args: ['--jobs', '1'] });
  const { socket } = await beginSlowJob(daemon);
  const waiting = compile(daemon.port, GOOD_JOB);
  for (;;) if ((await daemon.counts()).get('manyhands_queued') === 1) break;
  socket.destroy();
  assert.equal((await waiting).waitStatus, 0);
});

test('a client that leaves takes its whole compiler with it', async () => {
  await using daemon = await Distccd.start(program, scratch, SLOW);
  const { socket, group } = await beginSlowJob(daemon);
  socket.destroy();
  await eventually('the group is gone', () => (membersOf(group).length === 0 ? true : undefined), 3000);
  await nothingLeft(daemon);
  await daemon.whenLogged(/CLI_DISCONN exit:0 sig:0 core:0 ret:107/);
});

test('--job-lifetime stops the compile and says so with 118', async () => {
  await using daemon = await Distccd.start(program, scratch, { ...SLOW, args: ['--job-lifetime', '1'] });
  const reply = await compile(daemon.port, SLOW_JOB);
  assert.equal(reply.waitStatus, 118 << 8);
  assert.match(Buffer.from(reply.stderr).toString(), /stopped after 1 s/);
  assert.equal((await daemon.counts()).get('dcc_compile_timeout'), 1);
  assert.deepEqual(daemon.compilerPids(), []);
});

test('TERM lets a running job finish, while another distccd can have the port', async () => {
  const waitPath = writeCompiler(
    scratch,
    'noisy',
    `while [ ! -e ${scratch.path('go')} ]; do sleep 0.05; done; echo done >&2; exec /usr/bin/gcc "$@"`,
  );
  await using daemon = await Distccd.start(program, scratch, {
    env: { DISTCCD_PATH: `${waitPath}:/usr/bin:/bin` },
  });
  const running = compile(daemon.port, { ...GOOD_JOB, argv: ['noisy', '-c', 'a.c'] });
  await eventually('the compiler runs', () => daemon.compilerPids()[0]);
  const idle = await dial(daemon.port);
  process.kill(daemon.pid, 'SIGTERM');
  assert.equal(await whenClosed(idle), '');
  await using second = await Distccd.start(program, scratch, { port: daemon.port });
  assert.equal((await compile(second.port, GOOD_JOB)).waitStatus, 0);
  writeFileSync(scratch.path('go'), '');
  const reply = await running;
  assert.equal(reply.waitStatus, 0);
  assert.equal(Buffer.from(reply.stderr).toString(), 'done\n');
  assert.equal(await daemon.exited, 0);
});

test('a second TERM, or the end of the time to drain, ends at once', async () => {
  for (const env of [{}, { DISTCCD_DRAIN_SECONDS: '0' }]) {
    const daemon = await Distccd.start(program, scratch, { env: { ...SLOW.env, ...env } });
    const { group } = await beginSlowJob(daemon);
    process.kill(daemon.pid, 'SIGTERM');
    if (!('DISTCCD_DRAIN_SECONDS' in env)) {
      await daemon.whenLogged(/stopping: 1 connections/);
      process.kill(daemon.pid, 'SIGTERM');
    }
    assert.equal(await daemon.exited, 0);
    assert.deepEqual(membersOf(group), []);
    assert.deepEqual(readdirSync(daemon.temporaryDirectory), []);
  }
});

test('--lifetime ends the daemon', async () => {
  const daemon = await Distccd.start(program, scratch, { args: ['--lifetime', '1'] });
  assert.equal(await daemon.exited, 0);
});
