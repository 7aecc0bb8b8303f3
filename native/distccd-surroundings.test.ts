/** What distccd takes from its options and environment about the machine that it is on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findFreePort } from '../test/rig/cluster.ts';
import { beginSlowJob, GOOD_JOB, nothingLeft, program, scratch, SLOW } from '../test/rig/distccd-world.ts';
import { compile, dial, Distccd, eventually, isAlive, writeCompiler } from '../test/rig/our-distccd.ts';
import { needsRoot } from '../test/rig/peers.ts';
import { PLAIN_ENVIRONMENT } from '../test/rig/scratch.ts';

test('--oom-score-adj is for the parent, the worker and compilers', async () => {
  await using daemon = await Distccd.start(program, scratch, { ...SLOW, args: ['--oom-score-adj', '300'] });
  const { socket, group } = await beginSlowJob(daemon);
  for (const pid of [daemon.pid, daemon.workerPid(), group]) {
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'), '300\n');
  }
  socket.destroy();
  await nothingLeft(daemon);
});

test('--nice is for compilers', async () => {
  await using daemon = await Distccd.start(program, scratch, { ...SLOW, args: ['--nice', '7'] });
  const { socket, group } = await beginSlowJob(daemon);
  const ours = getPriority();
  assert.equal(getPriority(group), Math.min(19, ours + 7));
  for (const pid of [daemon.pid, daemon.workerPid() ?? 0]) assert.equal(getPriority(pid), ours);
  socket.destroy();
  await nothingLeft(daemon);
});

test('--sysroot lets its files be named with -specs', async () => {
  const sysroot = scratch.openDirectory('sysroot');
  writeFileSync(path.join(sysroot, 'nano.specs'), '');
  const search = writeCompiler(scratch, 'noisy', 'echo "$@" >&2');
  const env = { DISTCCD_PATH: `${search}:/usr/bin:/bin` };
  await using daemon = await Distccd.start(program, scratch, { env, args: ['--sysroot', sysroot] });
  const job = (word: string) => ({ argv: ['noisy', word, '-c', 'a.c'], source: '' });
  const reply = await compile(daemon.port, job('-specs=nano.specs'));
  assert.match(Buffer.from(reply.stderr).toString(), new RegExp(` -specs=${sysroot}/nano\\.specs -c `));
  assert.equal((await compile(daemon.port, job('-specs=other.specs'))).waitStatus, 113 << 8);
});

test('DISTCC_SAVE_TEMPS leaves the files of jobs, and the next daemon does, too', async () => {
  const daemon = await Distccd.start(program, scratch, { env: { DISTCC_SAVE_TEMPS: '1' } });
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  await daemon[Symbol.asyncDispose]();
  const left = readdirSync(daemon.temporaryDirectory);
  assert.equal(left.length, 1);
  const files = readdirSync(path.join(daemon.temporaryDirectory, left[0] ?? ''));
  assert.ok(
    files.some((name) => name.endsWith('.i')) && files.some((name) => name.endsWith('.o')),
    files.join(),
  );
  await using next = await Distccd.start(program, scratch, { port: daemon.port });
  assert.deepEqual(readdirSync(next.temporaryDirectory), left);
});

test('a masquerade directory on DISTCCD_PATH is passed over', async () => {
  const env = { DISTCCD_PATH: `${scratch.path('lib', 'distcc')}:/usr/bin:/bin` };
  await using daemon = await Distccd.start(program, scratch, { env });
  const reply = await compile(daemon.port, GOOD_JOB);
  assert.equal(reply.waitStatus, 0, Buffer.from(reply.stderr).toString());
});

test('DISTCC_TCP_DEFER_ACCEPT=1 leaves a connection to the kernel until something has come on it', async () => {
  await using eager = await Distccd.start(program, scratch);
  const silent = await dial(eager.port);
  await eventually('it is accepted', () => (acceptedBy(eager) > 0 ? true : undefined));
  silent.destroy();
  await using daemon = await Distccd.start(program, scratch, { env: { DISTCC_TCP_DEFER_ACCEPT: '1' } });
  const startedMs = performance.now();
  const other = await dial(daemon.port);
  const accepted = acceptedBy(daemon);
  // The kernel waits for a second at most.
  if (performance.now() - startedMs < 500) assert.equal(accepted, 0);
  other.destroy();
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
});

/** How many connections the worker has: those with an inode are somebody's, the others still the kernel's. */
function acceptedBy(daemon: Distccd): number {
  const rows = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const port = daemon.port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = rows
    .filter(([, local, , state]) => local?.endsWith(`:${port}`) && state === '01')
    .map((row) => row[9]);
  return inodes.filter((inode) => inode !== '0').length;
}

test('it listens on ::1, and lets in who comes from there', async (t) => {
  const daemon = await Distccd.launch(program, scratch, { listen: '::1', args: ['--allow', '::1'] });
  await Promise.race([daemon.whenLogged(/ready: /).catch(() => {}), daemon.exited]);
  if (/no such address/.test(daemon.log)) return t.skip('no IPv6 here');
  const response = await fetch(`http://[::1]:${daemon.port}/`);
  assert.match(await response.text(), /dcc_tcp_accept 1/);
  await daemon[Symbol.asyncDispose]();
  return undefined;
});

test('a daemon logs to the system, facility daemon, and HUP does not end it', needsRoot('perl'), async () => {
  const directory = scratch.openDirectory('syslog');
  const port = await findFreePort();
  const pidFile = path.join(scratch.openDirectory('syslog-run'), 'pid');
  const reader = `use Socket; socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/dev/log")); chmod(0666, "/dev/log");
    $| = 1; alarm(60); print "ready\\n"; while (defined(recv(S, $line, 8192, 0))) { print "$line\\n"; }`;
  // A /dev with a log of our own, that nobody else sees.
  const world = `mkdir ${directory}/dev; mount --bind /dev ${directory}/dev; mount -t tmpfs none /dev
    for name in null zero random urandom; do touch /dev/$name; mount --bind ${directory}/dev/$name /dev/$name; done
    perl -e '${reader}' >${directory}/log 2>&1 & echo $! >${directory}/reader
    while ! [ -s ${directory}/log ]; do sleep 0.05; done; exec "$@"`;
  const options = ['--daemon', '--listen', '127.0.0.1', '--port', `${port}`, '--pid-file', pidFile];
  const env = { ...PLAIN_ENVIRONMENT, TMPDIR: scratch.openDirectory('syslog-tmp') };
  const started = spawn('unshare', ['-m', 'sh', '-c', world, 'sh', program, ...options], {
    env,
    stdio: 'ignore',
  });
  const status = await new Promise((resolve) => started.once('exit', resolve));
  const reading = Number(readFileSync(`${directory}/reader`, 'utf8'));
  try {
    assert.equal(status, 0, readFileSync(`${directory}/log`, 'utf8'));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid, 'SIGHUP');
    assert.equal((await compile(port, GOOD_JOB)).waitStatus, 0);
    // 29 is facility daemon (3 × 8), level notice (5).
    const line = /^<29>.*distccd\[\d+\]: client: 127\.0\.0\.1:\d+ COMPILE_OK .* gcc a\.c$/m;
    await eventually(
      'the job is in the log',
      () => line.exec(readFileSync(`${directory}/log`, 'utf8')) ?? undefined,
    );
    assert.ok(isAlive(pid));
    process.kill(pid, 'SIGTERM');
    await eventually('it has ended', () => (isAlive(pid) ? undefined : true));
  } finally {
    process.kill(reading, 'SIGKILL');
  }
});
