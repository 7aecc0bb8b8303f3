/** The launcher does what a sound agent says: RUN_HERE, SPAWN, EXIT, STAGED. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  encodeAck,
  encodeAlive,
  encodeRunHere,
  encodeSpawn,
  encodeStaged,
} from '../src/wire/launcher/agent-message.ts';
import { type Ended } from '../src/wire/launcher/launcher-message.ts';
import {
  LAUNCHER,
  Scene,
  ending,
  OWN,
  COMPILER,
  type Connection,
  serve,
  HERE,
  exit,
  until,
} from './launcher-rig.ts';

test('RUN_HERE makes the launcher the compiler, and leaves a socket that ends with it', async (t) => {
  const scene = new Scene();
  scene.script(scene.compiler, COMPILER.replace('exit 7', '/bin/sh -c "read _ < $SCENE/go"; exit 7'));
  spawnSync('mkfifo', [scene.path('go')]);
  const connections: Connection[] = [];
  await serve(t, scene, async (connection) => {
    connections.push(connection);
    await connection.invocation();
    connection.send(
      encodeAck(),
      encodeAlive(),
      encodeRunHere({
        argv: ['renamed', '-x', 'y z'],
        environment: ['NEW=a=b', 'SCENE_GONE', 'HOME', 'DISTCC_DIR=other'],
        message: 'a word before\n',
      }),
    );
  });
  const child = scene.start(['gcc', '-c'], { environment: { SCENE_GONE: '1' } });
  const over = ending(child);
  await until(() => scene.read('files').includes('socket'));
  assert.equal(connections.length, 1);
  let isOver = false;
  void connections[0]?.ended.then(() => (isOver = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(isOver, false);
  writeFileSync(scene.path('go'), '\n');
  assert.deepEqual(await over, { ...OWN, stderr: 'a word before\nown diagnostics\n' });
  await connections[0]?.ended;

  // A shell script sees its own path as its name; the words after it are what was asked for.
  assert.deepEqual(scene.argv.slice(1), ['-x', 'y z']);
  const environment = scene.compilerEnvironment();
  assert.equal(environment.get('NEW'), 'a=b');
  assert.equal(environment.get('DISTCC_DIR'), 'other');
  assert.equal(environment.get('_DISTCC_SAFEGUARD'), '1');
  assert.ok(!environment.has('SCENE_GONE') && !environment.has('HOME'));
  const throughUs = openDescriptors(scene);
  scene.script(scene.compiler, COMPILER);
  await scene.run(['-c'], { program: scene.compiler });
  const direct = openDescriptors(scene);
  const ours = throughUs.filter((fd) => !direct.includes(fd));
  assert.deepEqual(
    ours.map((fd) => fd >= 200),
    [true],
  );
});

test('a caller who may open few files gets his compiler all the same', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), HERE);
  });
  const script = `ulimit -n 100; exec "${LAUNCHER}" gcc`;
  assert.deepEqual(await scene.run(['-c', script], { program: '/bin/sh' }), OWN);
});

test('the compiler gets the signals as the caller had set them', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), HERE);
  });
  const lines = /^Sig(Blk|Ign|Cgt).*$/gm;
  for (const trap of ['true', "trap '' HUP USR1 CHLD QUIT"]) {
    await scene.run(['-c', `${trap}; exec "${scene.compiler}" x`], { program: '/bin/sh' });
    const direct = scene.read('status').match(lines);
    assert.deepEqual(
      await scene.run(['-c', `${trap}; exec "${LAUNCHER}" gcc x`], { program: '/bin/sh' }),
      OWN,
    );
    assert.deepEqual(scene.read('status').match(lines), direct);
  }
});

test('SPAWN starts the compiler into files, and ENDED tells how it went', async (t) => {
  const scene = new Scene();
  const told: Ended[] = [];
  const request = {
    program: '',
    argv: ['gcc', '-E', 'a b'],
    environment: ['LANG=C', 'HOME'],
    stdoutPath: scene.path('new/out'),
    stderrPath: scene.path('new/err'),
  };
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), encodeSpawn(request), encodeAlive());
    told.push(await connection.endOfSpawn());
    connection.send(encodeSpawn(request));
    told.push(await connection.endOfSpawn());
    connection.send(
      exit(0x300, { message: 'a line\n', stdout: Buffer.from('printed'), stderr: Buffer.from('said') }),
    );
  });
  assert.deepEqual(await scene.run(['gcc', '-c', 'a b']), {
    status: 3,
    signal: null,
    stdout: 'printed',
    stderr: 'a line\nsaid',
  });
  assert.equal(scene.runs, 2);
  assert.equal(scene.read('new/out'), OWN.stdout);
  assert.equal(scene.read('new/err'), OWN.stderr);
  assert.equal(statSync(scene.path('new')).mode & 0o777, 0o700);
  assert.equal(statSync(scene.path('new/out')).mode & 0o777, 0o600);
  assert.deepEqual(scene.argv.slice(1), ['-E', 'a b']);
  assert.equal(scene.compilerEnvironment().get('LANG'), 'C');
  assert.ok(!scene.compilerEnvironment().has('HOME'));
  assert.match(scene.read('files'), / 0 -> \/dev\/null/);
  assert.doesNotMatch(scene.read('files'), /socket/);
  for (const { errno, status, userUs, systemUs, peakKib } of told) {
    assert.deepEqual({ errno, status }, { errno: 0, status: 0x700 });
    assert.ok(userUs + systemUs > 0 && peakKib > 100);
  }
  assert.equal(told.length, 2);
});

test('SPAWN starts another program by its absolute name', async (t) => {
  const scene = new Scene();
  scene.script(scene.path('other'), '#!/bin/sh\necho "$1"\nexit 5\n');
  const told: Ended[] = [];
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    const request = {
      argv: ['any', 'word'],
      environment: [],
      stdoutPath: scene.path('out'),
      stderrPath: '/dev/null',
    };
    connection.send(encodeAck(), encodeSpawn({ ...request, program: scene.path('other') }));
    told.push(await connection.endOfSpawn());
    connection.send(encodeSpawn({ ...request, program: scene.path('absent'), stdoutPath: '/dev/null' }));
    told.push(await connection.endOfSpawn());
    connection.send(exit(0));
  });
  await scene.run(['gcc', '-c', 'x']);
  assert.deepEqual(
    told.map(({ errno, status }) => [errno, status]),
    [
      [0, 0x500],
      [2, 0],
    ],
  );
  assert.equal(scene.read('out'), 'word\n');
  assert.equal(scene.runs, 0);
});

test('SPAWN tells why nothing was started', async (t) => {
  const scene = new Scene();
  const symlink = scene.path('symlink');
  const target = scene.path('target');
  writeFileSync(target, 'mine');
  symlinkSync(target, symlink);
  const request = {
    program: '',
    argv: ['gcc'],
    environment: [],
    stdoutPath: scene.path('out'),
    stderrPath: scene.path('err'),
  };
  const told: number[] = [];
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck());
    const ask = async (more: Partial<typeof request>): Promise<void> => {
      connection.send(encodeSpawn({ ...request, ...more }));
      told.push((await connection.endOfSpawn()).errno);
    };
    await ask({ stdoutPath: symlink });
    await ask({ stderrPath: symlink });
    await ask({ stdoutPath: scene.path('no/such/file') });
    scene.script(scene.compiler, '#!/no/such/interpreter\n');
    await ask({});
    rmSync(scene.compiler);
    await ask({});
    scene.script(scene.compiler, COMPILER);
    connection.send(HERE);
  });
  assert.deepEqual(await scene.run(['gcc']), OWN);
  const { ELOOP, ENOENT } = os.constants.errno;
  assert.deepEqual(told, [ELOOP, ELOOP, ENOENT, ENOENT, ENOENT]);
  assert.equal(readFileSync(target, 'utf8'), 'mine');
  assert.equal(scene.runs, 1);
});

test('EXIT ends the launcher as the compiler ended', async (t) => {
  const scene = new Scene();
  const endings: [status: number, code: number | null, signal: NodeJS.Signals | null][] = [
    [0, 0, null],
    [0x100, 1, null],
    [0xff00, 255, null],
    [15, null, 'SIGTERM'],
    [9, null, 'SIGKILL'],
    [2, null, 'SIGINT'],
    [11, null, 'SIGSEGV'],
    [6 | 0x80, null, 'SIGABRT'],
    [19, 128 + 19, null], // a status that no program has
  ];
  let at = 0;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), exit(endings[at]?.[0] ?? 0, { stderr: Buffer.from('e') }));
  });
  for (const [status, code, signal] of endings) {
    assert.deepEqual(
      await scene.run(['gcc']),
      { status: code, signal, stdout: '', stderr: 'e' },
      `${status}`,
    );
    at++;
  }
  assert.equal(scene.runs, 0);
  assert.deepEqual(
    readdirSync(scene.directory).filter((name) => name.startsWith('core')),
    [],
  );
});

test('EXIT prints all of it, NULs and megabytes', async (t) => {
  const scene = new Scene();
  const stdout = Buffer.alloc(3 << 20, 'ab\0c');
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), exit(0, { stdout, stderr: Buffer.from('x\0y') }));
  });
  const over = await scene.run(['gcc']);
  assert.equal(over.stdout, stdout.toString('latin1'));
  assert.equal(over.stderr, 'x\0y');
});

test('EXIT prints all of it to a pipe that does not block', async (t) => {
  const scene = new Scene();
  const stdout = Buffer.alloc(300_000, 'line\n');
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), exit(0, { stdout }));
  });
  const fifo = scene.path('fifo');
  spawnSync('mkfifo', [fifo]);
  const { O_RDWR, O_NONBLOCK } = constants;
  const pipe = openSync(fifo, O_RDWR | O_NONBLOCK);
  // By way of a shell: Node makes a child's own standard descriptors block.
  const child = spawn('/bin/sh', ['-c', `exec "${LAUNCHER}" gcc >&3`], {
    env: scene.environment,
    stdio: ['ignore', 'ignore', 'ignore', pipe],
  });
  const over = once(child, 'close');
  let got = 0;
  const chunk = Buffer.alloc(50_000);
  while (got < stdout.length) {
    try {
      got += readSync(pipe, chunk);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await over;
  closeSync(pipe);
  assert.equal(child.exitCode, 0);
  assert.equal(got, stdout.length);
});

test('EXIT renames in order, before anything is printed', async (t) => {
  const scene = new Scene();
  const moves = [
    { from: scene.path('first'), to: scene.path('a.o') },
    { from: scene.path('second'), to: scene.path('a.d') },
    { from: scene.path('third'), to: scene.path('a.d') },
  ];
  for (const { from } of moves) writeFileSync(from, path.basename(from));
  writeFileSync(scene.path('a.o'), 'old');
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), exit(0, { moves }));
  });
  assert.equal((await scene.run(['gcc'])).status, 0);
  assert.equal(scene.read('a.o'), 'first');
  assert.equal(scene.read('a.d'), 'third');
  assert.equal(scene.runs, 0);
});

test('a rename that fails, the first or a later one, ends with the compiler here', async (t) => {
  for (const broken of [0, 1, 2]) {
    const scene = new Scene();
    const moves = ['first', 'second', 'third'].map((name) => ({
      from: scene.path(name),
      to: scene.path(`to-${name}`),
    }));
    for (const [index, { from }] of moves.entries()) if (index !== broken) writeFileSync(from, '');
    await serve(t, scene, async (connection) => {
      await connection.invocation();
      const names = moves.map(({ from }) => from);
      connection.send(encodeAck(), encodeStaged(names), exit(0, { stdout: Buffer.from('never'), moves }));
    });
    assert.deepEqual(await scene.run(['gcc']), OWN);
    assert.equal(scene.runs, 1);
    for (const { from } of moves) assert.ok(!existsSync(from), `${from} is left`);
  }
});

test('what is staged goes when the launcher goes home or dies, and only then', async (t) => {
  const ends: Record<string, (connection: Connection, pid: number) => void> = {
    'the agent dies': ({ socket }) => socket.destroy(),
    'nonsense comes': (connection) => connection.send(Buffer.alloc(4)),
    'the compiler is to run here': (connection) => connection.send(HERE),
    'the launcher is interrupted': (_connection, pid) => process.kill(pid, 'SIGINT'),
  };
  for (const [name, end] of Object.entries(ends)) {
    const scene = new Scene();
    const names = [scene.path('a'), scene.path('d/b'), scene.path('d'), scene.path('absent')];
    await serve(t, scene, async (connection) => {
      const { pid } = await connection.invocation();
      connection.send(
        encodeAck(),
        encodeStaged([]),
        encodeStaged(names.slice(0, 1)),
        encodeStaged(names.slice(1)),
      );
      mkdirSync(scene.path('d'));
      for (const file of names.slice(0, 2)) writeFileSync(file, '');
      await new Promise((resolve) => setTimeout(resolve, 30));
      end(connection, pid);
    });
    await scene.run(['gcc']);
    for (const file of names) assert.ok(!existsSync(file), `${file} is left when ${name}`);
  }
});

function openDescriptors(scene: Scene): number[] {
  return [...scene.read('files').matchAll(/ (\d+) -> /g)].map(([, fd]) => Number(fd));
}
