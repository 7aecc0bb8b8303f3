/** Our distccd as its service manager sees it: start, exit codes, deaths. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { findFreePort } from '../test/rig/cluster.ts';
import {
  program,
  isRoot,
  SLOW,
  GOOD_JOB,
  nothingLeft,
  beginSlowJob,
  scratch,
} from '../test/rig/distccd-world.ts';
import { buildDistccd, compile, Distccd, eventually, isAlive, membersOf } from '../test/rig/our-distccd.ts';
import { needsRoot } from '../test/rig/peers.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../test/rig/scratch.ts';

test('a worker that is killed is followed by another one, and clients only wait', async () => {
  await using daemon = await Distccd.start(program, scratch, SLOW);
  const { group, reply } = await beginSlowJob(daemon);
  const worker = daemon.workerPid() ?? 0;
  process.kill(worker, 'SIGSTOP'); // the next client is in the backlog for sure
  const next = compile(daemon.port, GOOD_JOB);
  process.kill(worker, 'SIGKILL');
  assert.ok((await reply) instanceof Error);
  assert.equal((await next.catch(() => compile(daemon.port, GOOD_JOB))).waitStatus, 0);
  assert.deepEqual(membersOf(group), []);
  assert.notEqual(daemon.workerPid(), worker);
  await nothingLeft(daemon);
  await daemon.whenLogged(/The worker ended \(signal 9\)/);
});

test('when the parent is killed, the worker and its compilers go too', async () => {
  const daemon = await Distccd.start(program, scratch, SLOW);
  const { group } = await beginSlowJob(daemon);
  const worker = daemon.workerPid() ?? 0;
  process.kill(daemon.pid, 'SIGKILL');
  await eventually('the worker has gone', () => (isAlive(worker) ? undefined : true), 5000);
  await eventually('the compiler has gone', () => (membersOf(group).length === 0 ? true : undefined), 5000);
  await nothingLeft(daemon);
});

test('what a killed daemon left is removed by the next one, and nothing else is', async () => {
  const daemon = await Distccd.start(program, scratch, SLOW);
  const { group } = await beginSlowJob(daemon);
  const worker = daemon.workerPid() ?? 0;
  for (const pid of [worker, daemon.pid, ...membersOf(group)]) process.kill(pid, 'SIGSTOP');
  for (const pid of [worker, daemon.pid, ...membersOf(group)]) process.kill(pid, 'SIGKILL');
  await eventually('all are dead', () => (isAlive(worker) || isAlive(daemon.pid) ? undefined : true));
  const [left = ''] = readdirSync(daemon.temporaryDirectory);
  assert.match(left, /^distccd_/);
  mkdirSync(path.join(daemon.temporaryDirectory, left.replace(/^distccd_\d+/, 'distccd_1')));
  mkdirSync(path.join(daemon.temporaryDirectory, 'distccd_mine'));
  await using next = await Distccd.start(program, scratch, { port: daemon.port });
  assert.deepEqual(readdirSync(next.temporaryDirectory).sort(), [
    left.replace(/^distccd_\d+/, 'distccd_1'),
    'distccd_mine',
  ]);
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stderr, stdout } = spawnSync(program, args, {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    encoding: 'utf8',
    timeout: 20_000,
    // A pipe of Node's is a socket, and that would be a client.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stderr, stdout };
}

test('--help and --version end with 0', () => {
  assert.match(start(['--help']).stdout, /--allow-private/);
  assert.equal(start(['--help']).status, 0);
  assert.match(
    start(['--version']).stdout,
    /^distccd .*\n {2}\(protocols 1, 2 and 3\) \(default port 3632\)\n$/,
  );
});

test('what cannot be has one sentence and distcc’s exit code', async () => {
  const port = `${await findFreePort()}`;
  const rows: [args: string[], env: NodeJS.ProcessEnv, status: number, sentence: RegExp][] = [
    [['--prt', '1'], {}, 101, /Unknown option --prt/],
    [['--port', '99999'], {}, 101, /--port 99999/],
    [['--allow', '--port', '1'], {}, 101, /--allow needs an ADDRESS/],
    [['--allow', '10.0.0.0/33'], {}, 101, /--allow 10\.0\.0\.0\/33/],
    [['--allow', 'no.such.host.invalid'], {}, 101, /--allow no\.such\.host\.invalid/],
    [
      ['--listen', '192.0.2.1', '--port', port],
      {},
      102,
      /Cannot listen on 192\.0\.2\.1 port \d+: this machine/,
    ],
    [
      ['--listen', '127.0.0.1', '--port', port, '--log-file', '/nowhere/log'],
      {},
      107,
      /log file \/nowhere\/log: No such file/,
    ],
    [
      ['--listen', '127.0.0.1', '--port', port, '--pid-file', '/nowhere/pid'],
      {},
      107,
      /pid file \/nowhere\/pid: No such file/,
    ],
    [['--listen', '127.0.0.1', '--port', port], { TMPDIR: '/nowhere' }, 107, /Cannot write temporary files/],
    [['--port', port], { DISTCC_IO_TIMEOUT: 'x' }, 101, /DISTCC_IO_TIMEOUT=x/],
    [['--port', port], { DISTCCD_DRAIN_SECONDS: '-1' }, 101, /DISTCCD_DRAIN_SECONDS=-1/],
    [['--listen', 'no.such.host.invalid'], {}, 101, /--listen no\.such\.host\.invalid/],
    [['--stats-port', '0'], {}, 101, /--stats-port 0 is no number from 1/],
    [['--jobs', '0'], {}, 101, /--jobs 0 is no number from 1/],
    [['--nice', 'x'], {}, 101, /--nice x is no number from -20/],
    [['--oom-score-adj', '2000'], {}, 101, /--oom-score-adj 2000 is no number from -1000/],
    [['--job-lifetime', '1h'], {}, 101, /--job-lifetime 1h is no number from 0/],
    [['--lifetime', '-1'], {}, 101, /--lifetime -1 is no number from 0/],
    [['--log-level', 'loud'], {}, 101, /--log-level loud is no level/],
    [['--verbose=1'], {}, 101, /--verbose takes no value/],
    [['--zeroconf'], {}, 101, /--zeroconf is not built into this distccd/],
    [['--auth'], {}, 101, /--auth is not built into this distccd/],
  ];
  for (const [args, env, status, sentence] of rows) {
    const ended = start([...args, '--no-detach', '--lifetime', '5'], env);
    assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, sentence);
    assert.equal(ended.stderr.trim().split('\n').length, 1, ended.stderr);
  }
});

test('a user that it cannot become is 112', needsRoot('setpriv'), async () => {
  const bound = ['--bounding-set', '-setuid,-setgid'];
  const words = [
    '--user',
    'nobody',
    '--no-detach',
    '--listen',
    '127.0.0.1',
    '--port',
    `${await findFreePort()}`,
  ];
  const ended = spawnSync('setpriv', [...bound, program, ...words], {
    encoding: 'utf8',
    env: PLAIN_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  });
  assert.equal(ended.status, 112, ended.stderr);
  assert.match(ended.stderr, /^distccd\[\d+\] ERROR: Cannot become nobody: .+\n$/);
});

test('a busy port is 102', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ended = start(['--listen', '127.0.0.1', '--port', `${port}`]);
  server.close();
  assert.equal(ended.status, 102);
  assert.match(ended.stderr, /Address already in use\. Is another distccd running\?/);
});

test('detached, it listens before the launching process ends, and holds nothing of it', async () => {
  const port = await findFreePort();
  const pidFile = path.join(scratch.openDirectory('run'), 'pid');
  const logFile = path.join(scratch.openDirectory('log'), 'log');
  const args = ['--listen', '127.0.0.1', '--port', `${port}`, '--pid-file', pidFile, '--log-file', logFile];
  // spawnSync() waits until nobody holds the ends of its pipes.
  const ended = start([...args, '--log-level', 'info'], { TMPDIR: scratch.openDirectory('tmp') });
  assert.equal(ended.status, 0, ended.stderr);
  assert.equal(ended.stderr, '');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    assert.equal((await compile(port, GOOD_JOB)).waitStatus, 0);
    await eventually(
      'the job is logged',
      () => /COMPILE_OK/.exec(readFileSync(logFile, 'utf8')) ?? undefined,
    );

    renameSync(logFile, `${logFile}.1`);
    writeFileSync(logFile, '');
    chmodSync(logFile, 0o666);
    process.kill(pid, 'SIGHUP');
    while (readFileSync(logFile, 'utf8') === '') await compile(port, GOOD_JOB);
  } finally {
    process.kill(pid, 'SIGTERM');
  }
  await eventually('it has ended', () => (isAlive(pid) ? undefined : true));
  // Root's directory it cannot change; this one it can.
  assert.equal(existsSync(pidFile), false);
});

test('without a whitelist it does not start: 110', { skip: !isRoot && 'needs root' }, async () => {
  using other = new Scratch();
  const bare = buildDistccd(other, []);
  renameSync(other.path('lib'), other.path('elsewhere'));
  // In a world of its own, where nobody can look into /usr/lib/distcc should there be one.
  const hidden = 'd=/usr/lib/distcc; ! [ -d $d ] || mount -t tmpfs -o mode=0700 none $d; exec "$@"';
  const command = [bare, '--no-detach', '--listen', '127.0.0.1', '--port', `${await findFreePort()}`];
  const ended = spawnSync('unshare', ['-m', 'sh', '-c', hidden, 'sh', ...command], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  assert.equal(ended.status, 110, ended.stderr);
  assert.match(ended.stderr, /No whitelist of compilers/);
});

test('it runs for a user who is not root', { skip: !isRoot && 'all these tests do' }, async () => {
  await using daemon = await Distccd.start(program, scratch, { uid: 65_534 });
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
});

test('root’s daemon is not root', { skip: !isRoot && 'needs root' }, async () => {
  await using daemon = await Distccd.start(program, scratch, { args: ['--user', 'nobody'] });
  const status = readFileSync(`/proc/${daemon.workerPid()}/status`, 'utf8');
  assert.match(status, /^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
  assert.match(status, /^Groups:\s+65534\s*$/m);
  assert.match(status, /^NoNewPrivs:\s+1$/m);
});

test(
  'root is told when the other user cannot read our programs',
  { skip: !isRoot && 'needs root' },
  async () => {
    using closed = new Scratch();
    const worker = path.join(closed.privateDirectory('private'), 'distccd.ts');
    writeFileSync(worker, 'throw new Error("read as root only");');
    const program = closed.path('distccd');
    const source = path.join(import.meta.dirname, 'distccd.c');
    const plan = closed.path('plan');
    writeFileSync(
      plan,
      `#!/bin/sh\nprintf 'port=${await findFreePort()}\\0host=127.0.0.1\\0user=nobody\\0' >&3\n`,
    );
    chmodSync(plan, 0o755);
    const macros = [`-DMANYHANDS_NODE="${plan}"`, `-DMANYHANDS_WORKER="${worker}"`];
    assert.equal(spawnSync('cc', [...macros, '-o', program, source]).status, 0);
    const ended = spawnSync(program, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    assert.equal(ended.status, 100);
    assert.match(ended.stderr, /Cannot start .*distccd\.ts as nobody: Permission denied\. Another user may/);
  },
);
