/** The whole daemon, parent and worker, as its clients and its service manager see it. */
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
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import {
  buildDistccd,
  compile,
  dial,
  Distccd,
  eventually,
  isAlive,
  membersOf,
  receiveReply,
  whenClosed,
  writeCompiler,
} from '../test/rig/our-distccd.ts';
import { findFreePort } from '../test/rig/cluster.ts';
import { needsPeer } from '../test/rig/peers.ts';
import { run } from '../test/rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../test/rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const program = buildDistccd(scratch, [
  'gcc',
  'g++',
  'clang',
  'slow',
  'missing',
  'noisy',
  'x86_64-linux-gnu-gcc',
]);
const isRoot = process.getuid?.() === 0;

/** A compiler that says that it runs, and does not end. */
const slowPath = writeCompiler(scratch, 'slow', 'echo > "$1.began"; sleep 1000 & sleep 1000; wait');
const SLOW = { env: { DISTCCD_PATH: `${slowPath}:/usr/bin:/bin` } };
const SLOW_JOB = { argv: ['slow', '-c', 'a.c', '-o', 'a.o'], source: 'int x;\n' };
const GOOD_JOB = { argv: ['gcc', '-c', 'a.c', '-o', 'a.o'], source: '# 1 "a.c"\nint x;\n' };

const token = (name: string, value: number): string => name + value.toString(16).padStart(8, '0');

/** Begins a job that does not end, and gives the group of its compiler. */
async function beginSlowJob(
  daemon: Distccd,
): Promise<{ socket: Socket; group: number; reply: Promise<unknown> }> {
  const known = new Set(daemon.compilerPids());
  const socket = await dial(daemon.port);
  const words = SLOW_JOB.argv.map((word) => token('ARGV', word.length) + word).join('');
  socket.write(
    `${token('DIST', 1)}${token('ARGC', SLOW_JOB.argv.length)}${words}${token('DOTI', 7)}int x;\n`,
  );
  const group = await eventually('the compiler runs', () =>
    daemon.compilerPids().find((pid) => !known.has(pid) && membersOf(pid).length >= 3),
  );
  return { socket, group, reply: receiveReply(socket).catch((error: unknown) => error) };
}

const nothingLeft = (daemon: Distccd): Promise<true> =>
  eventually(`${daemon.temporaryDirectory} is empty`, () =>
    readdirSync(daemon.temporaryDirectory).length === 0 ? true : undefined,
  );

/* ---- Compiling ---- */

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
  assert.match(
    daemon.log,
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

/* ---- Ends of jobs ---- */

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

/* ---- Deaths ---- */

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
  assert.match(daemon.log, /The worker ended \(signal 9\)/);
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

/* ---- Hostile and broken clients ---- */

test('what is no request is closed, and others are served', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const nonsense = [
    'SSH-2.0-x\r\n',
    'D',
    'DISX00000001',
    'DIST00000004',
    'DIST0000000g',
    `${token('DIST', 1)}${token('ARGC', 0xffffffff)}`,
    `${token('DIST', 1)}${token('ARGC', 0)}`,
    `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 0xffffffff)}`,
    `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 0xffffffff)}`,
    `${token('DIST', 2)}${token('ARGC', 3)}${token('ARGV', 3)}gcc${token('ARGV', 2)}-c${token('ARGV', 3)}a.c${token('DOTI', 4)}abcd`,
    `${token('DIST', 1)}${token('DOTI', 1)}`,
    'PUT / HTTP/1.0\r\n\r\n',
  ];
  for (const text of nonsense) {
    const socket = await dial(daemon.port);
    const closed = whenClosed(socket);
    socket.write(text);
    if (text === 'D') socket.end();
    assert.equal(await closed, '', text);
    assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  }
  await nothingLeft(daemon);
});

test('a command that no program can be started with fails alone', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const worker = daemon.workerPid();
  const commands: [more: string[], status: number, why: RegExp][] = [
    [[`-DX=${'x'.repeat(300_000)}`], 110 << 8, /argument list too long/],
    [Array.from({ length: 16 }, () => `-D${'x'.repeat(900_000)}`), 113 << 8, /bytes long/],
    [['', '-Wno-\xff\n'], 1 << 8, /./],
  ];
  for (const [more, status, why] of commands) {
    const reply = await compile(daemon.port, { ...GOOD_JOB, argv: ['gcc', ...more, '-c', 'a.c'] });
    assert.match(Buffer.from(reply.stderr).toString(), why);
    assert.equal(reply.waitStatus, status);
  }
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  assert.equal(daemon.workerPid(), worker);
  await nothingLeft(daemon);
});

test('500 silent connections keep nobody waiting, and are closed', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const sockets = await Promise.all(Array.from({ length: 500 }, () => dial(daemon.port)));
  const startedMs = performance.now();
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  const closed = sockets.map(whenClosed);
  const half = await dial(daemon.port);
  half.write('DIS');
  assert.equal(await whenClosed(half), '');
  await Promise.all(closed);
  assert.ok(performance.now() - startedMs < 30_000);
});

test('a sender that stalls is timed out', async () => {
  await using daemon = await Distccd.start(program, scratch, { env: { DISTCC_IO_TIMEOUT: '1' } });
  const socket = await dial(daemon.port);
  socket.write(`${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 1000)}int`);
  assert.equal(await whenClosed(socket), '');
  await daemon.whenLogged(/stalled in its request/);
});

test('announced lengths and sent bytes do not fill the memory', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const worker = daemon.workerPid() ?? 0;
  const before = residentKib(worker);
  const head = `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 1 << 30)}`;
  const sockets = await Promise.all(Array.from({ length: 50 }, () => dial(daemon.port)));
  for (const socket of sockets) socket.write(`${head}int x;`);
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  assert.ok(residentKib(worker) - before < 64 << 10);
  for (const socket of sockets) socket.destroy();
});

/* ---- Who may come in ---- */

test('a peer that is not on the list is told so and not served', async () => {
  await using daemon = await Distccd.start(program, scratch, { args: ['--allow', '10.0.0.0/8'] });
  const reply = await compile(daemon.port, GOOD_JOB);
  assert.equal(reply.waitStatus, 113 << 8);
  assert.match(Buffer.from(reply.stderr).toString(), /not in its access list/);
  const status = await dial(daemon.port);
  status.write('GET / HTTP/1.0\r\n\r\n');
  assert.equal(await whenClosed(status), '');
  assert.match(daemon.log, /connection from client '127\.0\.0\.1:\d+' denied by access list/);
});

test('a peer that comes over IPv6 as IPv4 is in the IPv4 networks, and names are looked up', async (t) => {
  for (const allow of ['127.0.0.0/8', 'localhost']) {
    const options = { listen: '::ffff:127.0.0.1', args: ['--allow', allow] };
    const daemon = await Distccd.launch(program, scratch, options);
    await Promise.race([daemon.whenLogged(/ready: /).catch(() => {}), daemon.exited]);
    if (/no such address/.test(daemon.log)) return t.skip('no IPv6 here');
    assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
    await daemon[Symbol.asyncDispose]();
  }
  return undefined;
});

/* ---- Starting ---- */

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stderr, stdout } = spawnSync(program, args, {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stderr, stdout };
}

test('--help and --version end with 0', () => {
  assert.match(start(['--help']).stdout, /--allow-private/);
  assert.equal(start(['--help']).status, 0);
  assert.match(
    start(['--version']).stdout,
    /^distccd .*\n {2}\(protocols 1 and 2\) \(default port 3632\)\n$/,
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
  ];
  for (const [args, env, status, sentence] of rows) {
    const ended = start([...args, '--no-detach', '--lifetime', '5'], env);
    assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stderr, sentence);
    assert.equal(ended.stderr.trim().split('\n').length, 1, ended.stderr);
  }
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
  const ended = spawnSync('unshare', ['-m', 'sh', '-c', hidden, 'sh', ...command], { encoding: 'utf8' });
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

function residentKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
