import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { exited } from '../base/wait-status.ts';
import { FakeDistccd, type Conversation } from '../../test/rig/fake-distccd.ts';
import { eventually } from '../../test/rig/our-distccd.ts';
import type { FakeLauncher } from '../../test/rig/fake-launcher.ts';
import { AgentRig as Rig } from '../../test/rig/agent-rig.ts';

const OBJECT = Buffer.from('the object');
const DEPENDENCIES = Buffer.from('a.o: a.c\n');
const TEXT = '# 1 "a.c"\nint x;\n';

/** Plays the preprocessor: writes the text where it was told to, and reports its end. */
async function preprocess(launcher: FakeLauncher): Promise<readonly string[]> {
  await launcher.expect('staged');
  const spawn = await launcher.expect('spawn');
  mkdirSync(path.dirname(spawn.stdoutPath));
  writeFileSync(spawn.stdoutPath, TEXT);
  writeFileSync(spawn.stderrPath, 'a warning\n');
  const dependencies = spawn.argv.indexOf('-MF') + 1;
  if (dependencies > 0) writeFileSync(spawn.argv[dependencies] ?? '', DEPENDENCIES);
  launcher.ended();
  return spawn.argv;
}

const compile = ({ answer }: Conversation): void =>
  answer({ object: OBJECT, stderr: Buffer.from('another\n') });

test('Agent sends a compile away and has the launcher deliver it', async () => {
  await using host = new FakeDistccd(compile);
  using rig = await new Rig().start(`${await host.listen()},lzo`);
  const launcher = await rig.call('gcc', '-MMD', '-c', 'a.c', '-o', 'a.o');
  const argv = await preprocess(launcher);
  assert.ok(argv.includes('-E') && !argv.includes('-c'));
  const exit = await launcher.expect('exit');
  assert.equal(exit.status, 0);
  assert.equal(Buffer.from(exit.stderr).toString(), 'a warning\nanother\n');
  const targets = exit.moves.map(({ to }) => path.basename(to));
  assert.deepEqual(targets, ['a.d', 'a.o']);
  const contents = [DEPENDENCIES, OBJECT];
  for (const [index, { from }] of exit.moves.entries()) {
    assert.deepEqual(readFileSync(from), contents[index]);
    assert.equal(statSync(from).mode & 0o777, 0o644, 'mode follows the caller’s umask');
    assert.equal(path.dirname(from), rig.project);
  }
});

test('Agent lets no preprocessor that outlives its job leave a file behind', async () => {
  using rig = await new Rig().start('127.0.0.1:9');
  const launcher = await rig.call('gcc', '-MMD', '-c', 'a.c', '-o', 'a.o');
  await launcher.expect('staged');
  const { argv, stdoutPath } = await launcher.expect('spawn');
  const directory = path.dirname(stdoutPath);
  mkdirSync(directory);
  assert.equal(path.dirname(argv[argv.indexOf('-MF') + 1] ?? ''), directory);
  launcher.hangUp();
  await eventually('the preprocessor has no place to write to', () => !existsSync(directory) || undefined);
  assert.deepEqual(rig.leftovers, []);
});

test('Agent writes nothing for a caller that left when the answer came', async () => {
  let launcher: FakeLauncher | undefined;
  await using host = new FakeDistccd((conversation) => {
    compile(conversation);
    launcher?.hangUp();
  });
  using rig = await new Rig().start(await host.listen());
  const changed: (string | null)[] = [];
  const watcher = watch(rig.project, (_type, name) => changed.push(name));
  launcher = await rig.call('gcc', '-c', 'a.c', '-o', 'a.o');
  await preprocess(launcher);
  await eventually('the host has the job', () => host.jobs === 1 || undefined);
  // When the next one is answered, all that the first one has set going is over.
  await (await rig.call('gcc', '-v')).expect('run-here');
  watcher.close();
  assert.deepEqual(changed, []);
});

test('Agent sends home what is no compile', async () => {
  using rig = await new Rig().start('127.0.0.1:9');
  const launcher = await rig.call('gcc', '-v');
  const { argv, message } = await launcher.expect('run-here');
  assert.deepEqual({ argv, message }, { argv: [], message: '' });
});

test('Agent repeats here what failed there, and says so as distcc does', async () => {
  await using host = new FakeDistccd(({ answer }) =>
    answer({ waitStatus: exited(1), stderr: Buffer.from('error\n') }),
  );
  using rig = await new Rig().start(await host.listen());
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await preprocess(launcher);
  const { message } = await launcher.expect('run-here');
  assert.match(message, /^distcc\[\d+\] Warning: remote compilation of 'a\.c' failed, retrying locally\n$/);
  assert.deepEqual(rig.leftovers, []);
});

test('Agent believes a remote error when it is told to', async () => {
  await using host = new FakeDistccd(({ answer }) =>
    answer({ waitStatus: exited(3), stderr: Buffer.from('error\n') }),
  );
  using rig = await new Rig().start(await host.listen(), { skipLocalRetry: true });
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await preprocess(launcher);
  const { status, stderr, moves } = await launcher.expect('exit');
  assert.equal(status, exited(3));
  assert.equal(Buffer.from(stderr).toString(), 'a warning\nerror\n');
  assert.deepEqual(moves, []);
});

test('Agent tries another host when one does not answer', async () => {
  await using rude = new FakeDistccd(({ socket }) => socket.destroy());
  await using host = new FakeDistccd(compile);
  using rig = await new Rig().start(`${await rude.listen()} ${await host.listen()}`);
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await preprocess(launcher);
  const { moves } = await launcher.expect('exit');
  assert.equal(moves.length, 1);
  assert.deepEqual([rude.jobs, host.jobs], [1, 1]);
});

test('Agent does not leave a host alone for a compile that failed on its merits', async () => {
  await using host = new FakeDistccd(({ answer }) => answer({ waitStatus: exited(1) }));
  using rig = await new Rig().start(await host.listen());
  for (let job = 1; job <= 2; job++) {
    const launcher = await rig.call('gcc', `-O${job}`, '-c', 'a.c');
    await preprocess(launcher);
    await launcher.expect('run-here');
    launcher.hangUp();
    assert.equal(host.jobs, job);
  }
});

test('Agent leaves a host alone that is away, for as long as the caller says', async () => {
  for (const backoffMs of [60_000, 0]) {
    using rig = await new Rig().start('127.0.0.1:1', { backoffMs });
    for (const [job, isLeftAlone] of [false, backoffMs > 0].entries()) {
      const launcher = await rig.call('gcc', `-O${job}`, '-c', 'a.c');
      if (!isLeftAlone) await preprocess(launcher);
      const { message } = await launcher.expect('run-here');
      assert.match(message, isLeftAlone ? /left alone for a while/ : /Cannot connect/, `${backoffMs} ms`);
      launcher.hangUp();
    }
  }
});

test('Agent compiles here what was killed there', async () => {
  await using host = new FakeDistccd(({ answer }) => answer({ waitStatus: 9 }));
  using rig = await new Rig().start(await host.listen(), { skipLocalRetry: true });
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await preprocess(launcher);
  const { message } = await launcher.expect('run-here');
  assert.match(message, /killed by signal 9/);
});

test('Agent compiles here when all hosts are away, with one line on why', async () => {
  using rig = await new Rig().start('127.0.0.1:1');
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await preprocess(launcher);
  const { message } = await launcher.expect('run-here');
  assert.match(message, /Cannot connect to 127\.0\.0\.1:1: refused/);
});

test('Agent fails the job when there is no host and fallback is off', async () => {
  for (const [hosts, code] of [
    ['', 116],
    ['127.0.0.1:1', 116],
    ['bad/0', 116],
  ] as const) {
    using rig = await new Rig().start(hosts, { fallback: false });
    const launcher = await rig.call('gcc', '-c', 'a.c');
    if (hosts.startsWith('127')) await preprocess(launcher);
    const { status, message } = await launcher.expect('exit');
    assert.equal(status, exited(code), hosts);
    assert.match(message, /fallbacks are disabled/);
  }
});

test('Agent leaves outputs alone that are no plain files', async () => {
  using rig = await new Rig().start('127.0.0.1:1');
  writeFileSync(path.join(rig.project, 'a.o'), '');
  linkSync(path.join(rig.project, 'a.o'), path.join(rig.project, 'b.o'));
  const launcher = await rig.call('gcc', '-c', 'a.c');
  await launcher.expect('run-here');
});

test('Agent drops the job of a launcher that goes away, and hangs up on the host', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<Conversation>();
  await using host = new FakeDistccd(begin);
  using rig = await new Rig().start(await host.listen());
  const launcher = await rig.call('gcc', '-MMD', '-c', 'a.c');
  await preprocess(launcher);
  const { socket } = await begun;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  launcher.hangUp();
  await closed;
  assert.deepEqual(rig.leftovers, []);
  assert.deepEqual(readdirSync(`${rig.socketPath}.d`), []);
});

test('Agent waits for a local slot before it sends another one home', async () => {
  using rig = await new Rig().start('--localslots=1 127.0.0.1:1');
  const first = await rig.call('gcc', 'a.c');
  await first.expect('run-here');
  const second = await rig.call('gcc', 'a.c');
  first.hangUp();
  await second.expect('run-here');
});

test('leave() takes the name away and keeps the door open for those who had found it', async () => {
  using rig = await new Rig().start('');
  rig[Symbol.dispose]();
  assert.equal(existsSync(rig.socketPath), false);
});
