/** `distccd --inetd`: a client on standard input and output, and the worker that is kept for the next one. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { ReplyDecoder, type Reply } from '../src/wire/distcc/reply.ts';
import { encodeTextRequest } from '../src/wire/distcc/request.ts';
import { findFreePort } from '../test/rig/cluster.ts';
import { GOOD_JOB, isRoot, program, scratch, SLOW, SLOW_JOB } from '../test/rig/distccd-world.ts';
import {
  compile,
  dial,
  eventually,
  isAlive,
  untilListening,
  whenClosed,
  type Job,
} from '../test/rig/our-distccd.ts';
import { needsPeer } from '../test/rig/peers.ts';
import { runWell } from '../test/rig/run.ts';
import { PLAIN_ENVIRONMENT } from '../test/rig/scratch.ts';

const ARGS = ['--inetd', '--enable-tcp-insecure', ...(isRoot ? ['--user', 'nobody'] : [])];
let worlds = 0;

/** Directories for one test, in which nothing may be left. */
function newWorld(keepSeconds: number): { env: NodeJS.ProcessEnv; whatIsLeft: () => string[] } {
  const name = `inetd-${worlds++}`;
  const temporary = scratch.openDirectory(name);
  const runtime = scratch.privateDirectory(`${name}-run`);
  const place = path.join(runtime, 'manyhands-distccd');
  const env = {
    ...PLAIN_ENVIRONMENT,
    TMPDIR: temporary,
    XDG_RUNTIME_DIR: runtime,
    DISTCCD_KEEP_SECONDS: `${keepSeconds}`,
  };
  const placed = (): string[] => (existsSync(place) ? readdirSync(place) : []);
  // Root's socket cannot be removed by the user whom the parent became.
  const isResidue = (file: string): boolean => file !== 'lock' && !isRoot;
  return { env, whatIsLeft: () => [...readdirSync(temporary), ...placed().filter(isResidue)] };
}

/** As sshd does it: standard error apart. */
function start(env: NodeJS.ProcessEnv, args: readonly string[] = ARGS): ChildProcess & { said: string } {
  const child = Object.assign(spawn(program, args, { env, stdio: 'pipe' }), { said: '' });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (child.said += text));
  child.stdin?.on('error', () => {});
  return child;
}

async function ask({ stdin, stdout }: ChildProcess, { argv, source, protocol = 1 }: Job): Promise<Reply> {
  for (const piece of encodeTextRequest({ protocol, argv, source: Buffer.from(source) })) stdin?.write(piece);
  const decoder = new ReplyDecoder(protocol);
  for await (const chunk of stdout as Readable) {
    const reply = decoder.push(chunk as Buffer);
    if (reply !== undefined) return reply;
  }
  throw new Error('no whole reply');
}

function whenExited(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}

/** All processes of this world: parents, workers and compilers have its TMPDIR, or one below it, in their environment. */
function processesIn(env: NodeJS.ProcessEnv): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(
      (pid) =>
        Number.isInteger(pid) &&
        isAlive(pid) &&
        environmentOf(pid).some((entry) => entry.startsWith(`TMPDIR=${env['TMPDIR']}`)),
    );
}

function signalAll(env: NodeJS.ProcessEnv, signal: NodeJS.Signals): void {
  for (const pid of processesIn(env)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended with the one before.
    }
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

const allGone = (world: { env: NodeJS.ProcessEnv; whatIsLeft: () => string[] }): Promise<true> =>
  eventually('all processes and files are gone', () =>
    processesIn(world.env).length === 0 && world.whatIsLeft().length === 0 ? true : undefined,
  );

test('a job over pipes is answered, nothing else is said, and nobody stays', async () => {
  const world = newWorld(0);
  const child = start(world.env);
  const reply = await ask(child, GOOD_JOB);
  assert.equal(reply.waitStatus, 0);
  assert.match(Buffer.from(reply.object).toString('latin1'), /^\x7fELF/);
  assert.equal(await whenExited(child), 0);
  assert.equal(child.said, '');
  await allGone(world);
});

test('one worker is kept for all callers of the same kind, and leaves when nobody comes', async () => {
  const world = newWorld(2);
  const first = start(world.env);
  assert.equal((await ask(first, GOOD_JOB)).waitStatus, 0);
  assert.equal(await whenExited(first), 0);
  const kept = processesIn(world.env);
  const others = Array.from({ length: 4 }, () =>
    start({ ...world.env, SSH_CONNECTION: '192.0.2.1 7 192.0.2.2 22' }),
  );
  const replies = await Promise.all(others.map((child) => ask(child, GOOD_JOB)));
  assert.deepEqual(
    replies.map(({ waitStatus }) => waitStatus),
    [0, 0, 0, 0],
  );
  await Promise.all(others.map(whenExited));
  assert.deepEqual(processesIn(world.env), kept, 'no other one was started');
  assert.equal(others.map(({ said }) => said).join(''), '');
  await allGone(world);
});

test('many first callers at once start one worker', async () => {
  const world = newWorld(2);
  const children = Array.from({ length: 8 }, () => start(world.env));
  const replies = await Promise.all(children.map((child) => ask(child, GOOD_JOB)));
  assert.ok(replies.every(({ waitStatus }) => waitStatus === 0));
  await Promise.all(children.map(whenExited));
  assert.equal(processesIn(world.env).length, 2, 'a parent and its worker');
  await allGone(world);
});

test('callers with other options have another worker', async () => {
  const world = newWorld(1);
  assert.equal(
    (await ask(start(world.env), { ...GOOD_JOB, argv: ['other-cc', '-c', 'a.c'] })).waitStatus,
    110 << 8,
  );
  const strict = ARGS.filter((option) => option !== '--enable-tcp-insecure');
  assert.equal(
    (await ask(start(world.env, strict), { ...GOOD_JOB, argv: ['other-cc', '-c', 'a.c'] })).waitStatus,
    113 << 8,
  );
  await allGone(world);
});

test('callers whose super-server tells them the client’s port share a worker, and it knows no port', async () => {
  const world = newWorld(2);
  for (const port of [1001, 1002, 1003]) {
    const child = start({ ...world.env, SOCAT_PEERPORT: `${port}`, TCPREMOTEPORT: `${port}`, LC_ALL: 'C' });
    assert.equal((await ask(child, GOOD_JOB)).waitStatus, 0);
    await whenExited(child);
  }
  const kept = processesIn(world.env);
  assert.equal(kept.length, 2, 'a parent and its worker');
  // The kernel shows what a program was started with: here what the parent gave the worker.
  const knowsPort = kept.map((pid) => environmentOf(pid).some((entry) => /PORT=/.test(entry)));
  assert.equal(knowsPort.filter(Boolean).length, 1, 'the parent alone');
  await allGone(world);
});

test('workers are kept for eight kinds of callers, and those that died do not count', async () => {
  const world = newWorld(0);
  const place = path.join(`${world.env['XDG_RUNTIME_DIR']}`, 'manyhands-distccd');
  mkdirSync(place, { mode: 0o700 });
  const names = Array.from({ length: 8 }, (_, index) => path.join(place, `${index}`.padStart(16, '0')));
  const others = await Promise.all(
    names.map(async (name) => {
      const server = createServer((socket) => socket.destroy()).unref();
      await new Promise<void>((resolve) => void server.listen(name, resolve));
      return server;
    }),
  );
  const env = { ...world.env, DISTCCD_KEEP_SECONDS: '2' };
  const alone = start(env);
  assert.equal((await ask(alone, GOOD_JOB)).waitStatus, 0);
  await whenExited(alone);
  assert.deepEqual(readdirSync(place).sort(), [...names.map((name) => path.basename(name)), 'lock']);
  for (const server of others) server.close();
  for (const name of names) writeFileSync(name, '');
  const kept = start(env);
  assert.equal((await ask(kept, GOOD_JOB)).waitStatus, 0);
  await whenExited(kept);
  assert.equal(readdirSync(place).length, 2, 'the lock and its socket');
  await allGone(world);
});

test('a kept worker that is killed costs the next caller nothing', async () => {
  const world = newWorld(60);
  const first = start(world.env);
  await ask(first, GOOD_JOB);
  await whenExited(first);
  signalAll(world.env, 'SIGKILL');
  const next = start(world.env);
  assert.equal((await ask(next, GOOD_JOB)).waitStatus, 0);
  assert.equal(await whenExited(next), 0);
  signalAll(world.env, 'SIGTERM');
  await allGone(world);
});

test('a caller that is killed ends its job, and no other', async () => {
  const world = newWorld(1);
  const env = { ...world.env, ...SLOW.env };
  const child = start(env);
  ask(child, SLOW_JOB).catch(() => {});
  const compilers = await eventually('the compiler and its children run', () => {
    const found = processesIn(env).filter((pid) => environmentOf(pid).includes('_DISTCC_SAFEGUARD=1'));
    return found.length >= 3 ? found : undefined;
  });
  assert.equal((await ask(start(env), GOOD_JOB)).waitStatus, 0);
  child.kill('SIGKILL');
  await eventually('it is stopped', () => (compilers.some(isAlive) ? undefined : true));
  await allGone(world);
});

test('in a unit of its own, which ends with its first process, nothing is kept', async () => {
  const world = newWorld(60);
  const unit = {
    REMOTE_ADDR: '192.0.2.1',
    REMOTE_PORT: '7',
    INVOCATION_ID: '0123456789abcdef0123456789abcdef',
  };
  const child = start({ ...world.env, ...unit });
  assert.equal((await ask(child, GOOD_JOB)).waitStatus, 0);
  await allGone(world);
});

/** inetd in small: one program per connection, with the connection for standard input, output and error. */
async function listenAsInetd(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ port: number; server: Server }> {
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    spawn(program, args, { env, stdio: [socket, socket, socket] });
    socket.destroy();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

test('a socket for standard input is a client, judged by its address', async () => {
  const world = newWorld(1);
  const user = isRoot ? ['--user', 'nobody'] : [];
  for (const [args, status] of [
    [user, 0],
    [['--allow', '10.0.0.0/8', ...user], 113 << 8],
  ] as const) {
    const { port, server } = await listenAsInetd(args, world.env);
    assert.equal((await compile(port, GOOD_JOB)).waitStatus, status, args.join(' '));
    server.close();
  }
  await allGone(world);
});

test('what is wrong with the options is not told to a network client', async () => {
  const { port, server } = await listenAsInetd(['--inetd', '--prt'], newWorld(1).env);
  assert.equal(await whenClosed(await dial(port)), '');
  server.close();
});

test('what is wrong is told to whoever has a standard error of his own, with distcc’s code', async () => {
  const world = newWorld(1);
  for (const [args, env, status, sentence] of [
    [['--inetd', '--prt'], {}, 101, /^distccd: Unknown option --prt\. Try --help\n$/],
    [
      ARGS,
      { TMPDIR: '/nowhere' },
      107,
      /^distccd: CRITICAL! Cannot write temporary files|Cannot write temporary files/,
    ],
  ] as const) {
    const child = start({ ...world.env, ...env }, args);
    assert.equal(await whenExited(child), status);
    await eventually('it is said', () => (sentence.test(child.said) ? true : undefined));
  }
});

/** Jobs through a real super-server on `port`, which `child` is. */
async function serveThrough(child: ChildProcess, port: number): Promise<void> {
  try {
    for (let job = 0; job < 3; job++) {
      const reply = await untilListening(() => compile(port, GOOD_JOB));
      assert.equal(reply.waitStatus, 0);
    }
  } finally {
    child.kill('SIGTERM');
    await whenExited(child);
  }
}

test(
  'stock clients over a real sshd share one worker',
  needsPeer('sshd', 'ssh', 'ssh-keygen', 'distcc'),
  async () => {
    const world = newWorld(3);
    const directory = scratch.privateDirectory('sshd');
    const at = (name: string): string => path.join(directory, name);
    for (const key of ['host', 'key'])
      await runWell(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
    const port = await findFreePort();
    const names = ['TMPDIR', 'XDG_RUNTIME_DIR', 'DISTCCD_KEEP_SECONDS'] as const;
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('key.pub')}`,
      'StrictModes no',
      'UsePAM no',
      `PidFile ${at('pid')}`,
      `SetEnv ${names.map((name) => `${name}=${world.env[name]}`).join(' ')}`,
    ];
    writeFileSync(at('config'), `${lines.join('\n')}\n`);
    const how = `-F /dev/null -p ${port} -i ${at('key')} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
    writeFileSync(at('ssh'), `#!/bin/sh\nexec ssh ${how} -o LogLevel=ERROR "$@"\n`, { mode: 0o755 });
    if (isRoot) mkdirSync('/run/sshd', { recursive: true }); // where sshd gives up its rights
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('config')], { stdio: 'ignore' });
    try {
      (await untilListening(() => dial(port))).destroy();
      const env = {
        ...world.env,
        HOME: directory,
        DISTCC_DIR: directory,
        DISTCC_SSH: at('ssh'),
        DISTCC_FALLBACK: '0',
      };
      const hosts = { ...env, DISTCC_HOSTS: `@127.0.0.1/4:${program}`, DISTCC_SKIP_LOCAL_RETRY: '1' };
      for (let job = 0; job < 3; job++) {
        writeFileSync(at(`${job}.c`), `int x${job};\n`);
        const { stderr } = await runWell(['/usr/bin/distcc', 'gcc', '-c', `${job}.c`], {
          cwd: directory,
          env: hosts,
        });
        assert.equal(stderr, '');
        assert.ok(existsSync(at(`${job}.o`)));
      }
      assert.equal(processesIn(world.env).length, 2, 'a parent and its worker');
    } finally {
      sshd.kill('SIGTERM');
      await whenExited(sshd);
    }
    await allGone(world);
  },
);

test('under xinetd', needsPeer('xinetd'), async () => {
  const world = newWorld(1);
  const port = await findFreePort();
  const file = path.join(scratch.openDirectory('xinetd'), 'conf');
  const user = isRoot ? 'nobody' : userInfo().username;
  writeFileSync(
    file,
    `service distcc\n{\n type = UNLISTED\n socket_type = stream\n protocol = tcp\n wait = no\n user = ${user}\n` +
      ` bind = 127.0.0.1\n port = ${port}\n server = ${program}\n server_args = --inetd\n` +
      ` env = PATH=/usr/bin:/bin TMPDIR=${world.env['TMPDIR']} XDG_RUNTIME_DIR=/nowhere DISTCCD_KEEP_SECONDS=1\n}\n`,
  );
  const args = ['-f', file, '-dontfork', '-stayalive', '-pidfile', path.join(path.dirname(file), 'pid')];
  await serveThrough(spawn('xinetd', args, { env: world.env, stdio: 'ignore' }), port);
  await allGone(world);
});

test(
  'under systemd’s socket activation, one process per connection',
  needsPeer('systemd-socket-activate'),
  async () => {
    const world = newWorld(1);
    const port = await findFreePort();
    const names = ['PATH', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DISTCCD_KEEP_SECONDS'].flatMap((name) => [
      '-E',
      name,
    ]);
    const args = [
      '-l',
      `127.0.0.1:${port}`,
      '--inetd',
      '-a',
      ...names,
      program,
      '--inetd',
      '--log-level=error',
    ];
    await serveThrough(spawn('systemd-socket-activate', args, { env: world.env, stdio: 'ignore' }), port);
    await allGone(world);
  },
);

test(
  'with a listening socket from systemd it is a daemon there',
  needsPeer('systemd-socket-activate'),
  async () => {
    const world = newWorld(1);
    const port = await findFreePort();
    const names = ['PATH', 'TMPDIR'].flatMap((name) => ['-E', name]);
    const args = [
      '-l',
      `127.0.0.1:${port}`,
      ...names,
      program,
      '--no-detach',
      '--port',
      '1',
      '--log-file',
      path.join(scratch.openDirectory('activated'), 'log'),
    ];
    await serveThrough(spawn('systemd-socket-activate', args, { env: world.env, stdio: 'ignore' }), port);
    await allGone(world);
  },
);
