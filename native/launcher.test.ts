/**
 * Drives the launcher, compiled here with short deadlines, against agents that behave well and badly.
 * Agents are servers in this process, but where the starting of one is the question. The compilers are
 * shell scripts that count how often they ran.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test, type TestContext } from 'node:test';

import {
  encodeAck,
  encodeAlive,
  encodeExit,
  encodeRunHere,
  encodeSpawn,
} from '../src/wire/launcher/agent-message.ts';
import { encodeBytes, encodeList, encodeString, encodeU32 } from '../src/wire/launcher/fields.ts';
import { encodeFrame } from '../src/wire/launcher/frame.ts';
import {
  LauncherDecoder,
  type Ended,
  type InvocationFrame,
  type LauncherMessage,
} from '../src/wire/launcher/launcher-message.ts';
import { socketName } from '../src/wire/launcher/socket-name.ts';

const BUILD = 'test-build';
const ACK_MS = 700;
const SILENCE_MS = 600;
const { uid: UID, gid: GID } = os.userInfo();

const ROOT = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'launcher-')));
after(() => rmSync(ROOT, { recursive: true, force: true }));

const AGENT_SCRIPT = path.join(ROOT, 'agent.ts');
const TOOL_SCRIPT = path.join(ROOT, 'tool.js');
const LAUNCHER = path.join(ROOT, 'distcc');

writeFileSync(TOOL_SCRIPT, 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 42;');
/** Writes a line about itself, sends everybody home, and leaves when it is told to by a file. */
writeFileSync(
  AGENT_SCRIPT,
  `
  import fs from 'node:fs';
  import net from 'node:net';
  import { encodeAck, encodeRunHere } from ${JSON.stringify(path.resolve(import.meta.dirname, '../src/wire/launcher/agent-message.ts'))};
  const directory = process.argv[process.argv.indexOf('--dir') + 1];
  fs.appendFileSync(directory + '/started', JSON.stringify({
    pid: process.pid, argv: process.argv.slice(2), environment: process.env, cwd: process.cwd(), umask: process.umask(),
    files: fs.readdirSync('/proc/self/fd').map(Number).filter((fd) => fd < 4 || fd >= 100).map((fd) => {
      try { return [fd, fs.readlinkSync('/proc/self/fd/' + fd)]; } catch { return [fd, '']; }
    }),
    stat: fs.readFileSync('/proc/self/stat', 'utf8'), status: fs.readFileSync('/proc/self/status', 'utf8'),
    limits: fs.readFileSync('/proc/self/limits', 'utf8'),
  }) + '\\n');
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(encodeAck());
      socket.end(encodeRunHere({ argv: [], environment: ['SERVED=1'], message: '' }));
    });
  });
  server.listen({ fd: 3 });
  setInterval(() => { if (!fs.existsSync(directory + '/started')) process.exit(); }, 50);
`,
);

function compile(output: string, defines: Readonly<Record<string, string>>): void {
  const flags = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  const source = path.join(import.meta.dirname, 'launcher.c');
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const build = (...linking: string[]) =>
    spawnSync('cc', ['-std=gnu11', '-O2', ...warnings, ...linking, ...flags, source, '-o', output], {
      encoding: 'utf8',
    });
  if (build('-static').status === 0) return;
  const dynamic = build();
  assert.equal(dynamic.status, 0, dynamic.stderr);
}

const DEFINES = {
  MANYHANDS_NODE: JSON.stringify(process.execPath),
  MANYHANDS_AGENT: JSON.stringify(AGENT_SCRIPT),
  MANYHANDS_TOOL: JSON.stringify(TOOL_SCRIPT),
  MANYHANDS_BUILD: JSON.stringify(BUILD),
  ACK_MS: String(ACK_MS),
  SILENCE_MS: String(SILENCE_MS),
};
compile(LAUNCHER, DEFINES);

/** Counts itself, tells all it can see, prints, and ends with 7. */
const COMPILER = `#!/bin/sh
echo run >> "$SCENE/runs"
printf '%s\\0' "$0" "$@" > "$SCENE/argv"
env -0 > "$SCENE/environment"
cat /proc/$$/status > "$SCENE/status"
ls -l /proc/$$/fd > "$SCENE/files"
echo own output
echo own diagnostics >&2
exit 7
`;

/** A directory with a compiler, a place for the socket and a caller's environment. */
class Scene {
  readonly directory = mkdtempSync(path.join(ROOT, 'scene-'));
  readonly bin = path.join(this.directory, 'bin');
  readonly distccDir = path.join(this.directory, 'distcc-dir');
  readonly compiler = path.join(this.bin, 'gcc');
  readonly environment: Record<string, string>;

  constructor() {
    for (const name of ['bin', 'distcc-dir', 'run', 'run/manyhands']) {
      mkdirSync(path.join(this.directory, name), { mode: 0o700 });
    }
    this.script(this.compiler, COMPILER);
    this.environment = {
      PATH: `${this.bin}:/usr/bin:/bin`,
      SCENE: this.directory,
      HOME: this.directory,
      DISTCC_DIR: this.distccDir,
      XDG_RUNTIME_DIR: path.join(this.directory, 'run'),
    };
  }

  get socketPath(): string {
    const root = statSync('/', { bigint: true });
    const name = socketName({
      uid: UID,
      gid: GID,
      rootDevice: root.dev,
      rootInode: root.ino,
      mountNamespace: statSync('/proc/self/ns/mnt', { bigint: true }).ino,
      buildId: BUILD,
      distccDir: this.distccDir,
    });
    return path.join(this.directory, 'run', 'manyhands', name);
  }

  script(file: string, text: string): void {
    writeFileSync(file, text, { mode: 0o755 });
  }

  path(name: string): string {
    return path.join(this.directory, name);
  }

  read(name: string): string {
    const file = this.path(name);
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  /** How often the compiler ran. */
  get runs(): number {
    return this.read('runs').length / 'run\n'.length;
  }

  /** The compiler's words, as it got them. */
  get argv(): string[] {
    return Buffer.from(this.read('argv'), 'latin1').toString().split('\0').slice(0, -1);
  }

  compilerEnvironment(): Map<string, string> {
    const entries = this.read('environment').split('\0').slice(0, -1);
    return new Map(entries.map((entry) => [entry.split('=')[0] ?? '', entry.slice(entry.indexOf('=') + 1)]));
  }

  start(words: readonly string[], options: StartOptions = {}): ChildProcess {
    const { program = LAUNCHER, environment = {}, cwd = this.directory, argv0 } = options;
    const child = spawn(program, words, {
      cwd,
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(argv0 === undefined ? {} : { argv0 }),
    });
    return child;
  }

  async run(words: readonly string[], options: StartOptions = {}): Promise<Ending> {
    return ending(this.start(words, options));
  }
}

interface StartOptions {
  readonly program?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly argv0?: string;
}

interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function ending(child: ChildProcess): Promise<Ending> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** What a call looks like when the compiler ran as if we were not there. */
const OWN: Ending = { status: 7, signal: null, stdout: 'own output\n', stderr: 'own diagnostics\n' };

/** One launcher's connection, as the agent's side of it. */
class Connection {
  readonly socket: net.Socket;
  readonly ended: Promise<void>;
  readonly #decoder = new LauncherDecoder();
  readonly #messages: LauncherMessage[] = [];
  #wake: () => void = () => {};

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.#messages.push(...this.#decoder.push(chunk));
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      socket.on('close', () => resolve());
    });
  }

  send(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  async invocation(): Promise<InvocationFrame> {
    const message = await this.#next();
    assert.ok(message.type === 'invocation');
    return message;
  }

  async endOfSpawn(): Promise<Ended> {
    const message = await this.#next();
    assert.ok(message.type === 'ended');
    return message;
  }

  async #next(): Promise<LauncherMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Plays the agent to every launcher of the scene, until the test ends. */
async function serve(
  t: TestContext,
  scene: Scene,
  play: (connection: Connection) => Promise<void> | void,
): Promise<net.Server> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    void play(new Connection(socket));
  });
  server.listen(scene.socketPath);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server;
}

const HERE = encodeRunHere({ argv: [], environment: [], message: '' });
const exit = (status: number, more: Partial<Parameters<typeof encodeExit>[0]> = {}): Buffer =>
  encodeExit({ status, stdout: Buffer.of(), stderr: Buffer.of(), moves: [], ...more });

function fileId(file: string): { device: bigint; inode: bigint } {
  const { dev, ino } = statSync(file, { bigint: true });
  return { device: dev, inode: ino };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Is this process there, and not only its entry waiting for its parent? */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

// ---- what is said to the agent

test('the launcher tells how and where it was called', async (t) => {
  const scene = new Scene();
  writeFileSync(scene.path('a.c'), '');
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), exit(0));
  });
  const child = scene.start(['gcc', '-c', 'a.c', 'absent.c', '-', '.'], {
    environment: { PWD: scene.directory },
  });
  assert.equal((await ending(child)).status, 0);
  const [frame] = told;
  assert.ok(frame);
  const { environment, ...rest } = frame;
  assert.deepEqual(rest, {
    type: 'invocation',
    build: BUILD,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    isMasquerade: false,
    columns: 0,
    umask: process.umask(),
    pid: child.pid,
    root: fileId('/'),
    cwd: fileId(scene.directory),
    directory: scene.directory,
    pwd: scene.directory,
    compiler: scene.compiler,
    compilerId: fileId(scene.compiler),
    argv: ['gcc', '-c', 'a.c', 'absent.c', '-', '.'],
    seen: [{ index: 2, id: fileId(scene.path('a.c')) }],
    isText: true,
  });
  assert.deepEqual(Object.fromEntries(environment), { ...scene.environment, PWD: scene.directory });
  assert.equal(scene.runs, 0);
});

test('the launcher sends PWD only where it names the directory', async (t) => {
  const scene = new Scene();
  symlinkSync(scene.directory, scene.path('link'));
  const told: string[] = [];
  await serve(t, scene, async (connection) => {
    told.push((await connection.invocation()).pwd);
    connection.send(encodeAck(), exit(0));
  });
  for (const pwd of [scene.path('link'), '/', '.', '', undefined]) {
    await scene.run(['gcc'], { environment: { PWD: pwd } });
  }
  assert.deepEqual(told, [scene.path('link'), '', '', '', '']);
});

test('the launcher knows the forms of a call', async (t) => {
  const scene = new Scene();
  for (const name of ['cc', 'g++', 'x86_64-linux-gnu-g++-12']) symlinkSync('gcc', path.join(scene.bin, name));
  const links = scene.path('links');
  mkdirSync(links);
  for (const name of ['gcc', 'g++', 'x86_64-linux-gnu-g++-12', 'my-distcc-3']) {
    symlinkSync(LAUNCHER, path.join(links, name));
  }
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), exit(0));
  });
  const as = (name: string) => ({ program: path.join(links, name) });
  const calls: [words: string[], options: StartOptions, argv: string[], compiler: string][] = [
    [['gcc', '-c'], {}, ['gcc', '-c'], 'gcc'],
    [['-c', 'a.c'], {}, ['cc', '-c', 'a.c'], 'cc'],
    [['a.c', '-c'], {}, ['cc', 'a.c', '-c'], 'cc'],
    [['a.mii', '-c'], {}, ['cc', 'a.mii', '-c'], 'cc'],
    [['a.o', '-o', 'a'], {}, ['cc', 'a.o', '-o', 'a'], 'cc'],
    [[scene.compiler, '-c'], {}, [scene.compiler, '-c'], 'gcc'],
    [['bin/gcc', '-c'], {}, ['bin/gcc', '-c'], 'gcc'],
    [['gcc', '--version'], {}, ['gcc', '--version'], 'gcc'],
    [['gcc', '-c'], as('my-distcc-3'), ['gcc', '-c'], 'gcc'],
    [['--version'], as('gcc'), ['gcc', '--version'], 'gcc'],
    [['a.c'], as('x86_64-linux-gnu-g++-12'), ['x86_64-linux-gnu-g++-12', 'a.c'], 'x86_64-linux-gnu-g++-12'],
    [[], as('g++'), ['g++'], 'g++'],
    // One of our links as an explicit compiler: never this program itself.
    [[path.join(links, 'g++'), 'a.c'], {}, [path.join(links, 'g++'), 'a.c'], 'g++'],
  ];
  for (const [words, options] of calls)
    assert.equal((await scene.run(words, options)).status, 0, words.join(' '));
  assert.deepEqual(
    told.map(({ argv, compiler, isMasquerade }) => ({ argv, compiler, isMasquerade })),
    calls.map(([, { program }, argv, name]) => ({
      argv,
      compiler: path.join(scene.bin, name),
      isMasquerade: program !== undefined && !program.includes('distcc-3'),
    })),
  );
});

test('words come through whatever is in them', async (t) => {
  const scene = new Scene();
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), HERE);
  });
  const lists = [
    ['a b', 'new\nline', '', '\t"\'\\$(x)', 'ä\u{1F600}', ''],
    ['x'.repeat(100_000), 'y'.repeat(100_000)],
    Array.from({ length: 2000 }, (_, index) => `-DNAME_${index}=${index}`),
  ];
  for (const [index, words] of lists.entries()) {
    assert.deepEqual(await scene.run(['gcc', ...words]), OWN);
    assert.deepEqual(told[index]?.argv, ['gcc', ...words]);
    assert.deepEqual(scene.argv, [scene.compiler, ...words]);
  }
});

test('words that are not UTF-8 come through, and are marked', async (t) => {
  const scene = new Scene();
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), HERE);
  });
  const script = `exec "${LAUNCHER}" gcc "$(printf 'a\\377b')"`;
  assert.deepEqual(await scene.run(['-c', script], { program: '/bin/sh' }), OWN);
  assert.equal(told[0]?.isText, false);
  assert.ok(scene.read('argv').endsWith('\0a\xffb\0'));
});

// ---- what the agent may ask for

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

function openDescriptors(scene: Scene): number[] {
  return [...scene.read('files').matchAll(/ (\d+) -> /g)].map(([, fd]) => Number(fd));
}

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
    argv: ['gcc', '-E', 'a b'],
    environment: ['LANG=C', 'HOME'],
    stdoutPath: scene.path('out'),
    stderrPath: scene.path('err'),
  };
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), encodeSpawn(request), encodeAlive());
    told.push(await connection.endOfSpawn());
    connection.send(encodeSpawn(request));
    told.push(await connection.endOfSpawn());
    connection.send(exit(0x300, { stdout: Buffer.from('printed'), stderr: Buffer.from('said') }));
  });
  assert.deepEqual(await scene.run(['gcc', '-c', 'a b']), {
    status: 3,
    signal: null,
    stdout: 'printed',
    stderr: 'said',
  });
  assert.equal(scene.runs, 2);
  assert.equal(scene.read('out'), OWN.stdout);
  assert.equal(scene.read('err'), OWN.stderr);
  assert.equal(statSync(scene.path('out')).mode & 0o777, 0o600);
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

test('SPAWN tells why nothing was started', async (t) => {
  const scene = new Scene();
  const symlink = scene.path('symlink');
  const target = scene.path('target');
  writeFileSync(target, 'mine');
  symlinkSync(target, symlink);
  const request = {
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
    await ask({ stdoutPath: scene.path('no/such') });
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
      connection.send(encodeAck(), exit(0, { stdout: Buffer.from('never'), moves }));
    });
    assert.deepEqual(await scene.run(['gcc']), OWN);
    assert.equal(scene.runs, 1);
    for (const { from } of moves) assert.ok(!existsSync(from), `${from} is left`);
  }
});

// ---- doubts

const NONSENSE: Readonly<Record<string, readonly Uint8Array[]>> = {
  garbage: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  'a length of 0': [Buffer.alloc(16)],
  'a huge length': [Buffer.from('ffffffff81', 'hex')],
  'a length over the limit': [encodeAck(), encodeU32((64 << 20) + 1)],
  'an outcome before ACK': [exit(0)],
  'a second ACK': [encodeAck(), encodeAck(), exit(0)],
  'an ACK with a payload': [encodeFrame(0x81, [Buffer.of(0)], 100), exit(0)],
  'an unknown type': [encodeAck(), encodeFrame(0x7f, [], 100)],
  'a REPORT': [encodeAck(), encodeFrame(0x86, [encodeString('{}')], 100)],
  'bytes left over': [encodeAck(), encodeFrame(0x82, [Buffer.of(0)], 100)],
  'a short EXIT': [encodeAck(), encodeFrame(0x85, [encodeU32(0)], 100)],
  'a string beyond its frame': [encodeAck(), encodeFrame(0x85, [encodeU32(0), encodeU32(1000)], 100)],
  'a string of 4 GiB': [encodeAck(), encodeFrame(0x85, [encodeU32(0), encodeU32(0xffff_ffff)], 100)],
  'a list beyond its frame': [encodeAck(), encodeFrame(0x83, [encodeU32(0x4000_0000)], 100)],
  'a NUL in a word': [
    encodeAck(),
    encodeFrame(0x83, [encodeU32(1), ...encodeBytes(Buffer.from('a\0b')), encodeU32(0), encodeU32(0)], 100),
  ],
  'a move without a target': [
    encodeAck(),
    encodeFrame(0x85, [encodeU32(0), encodeU32(0), encodeU32(0), ...encodeList(['x'])], 100),
  ],
  'the status of a stopped program': [encodeAck(), exit(0x137f)],
  'the status of a continued program': [encodeAck(), exit(0xffff)],
  'a status of 32 bits': [encodeAck(), exit(0x10000)],
  'a SPAWN without a name': [
    encodeAck(),
    encodeSpawn({ argv: [], environment: [], stdoutPath: 'x', stderrPath: 'y' }),
  ],
};

test('nonsense from the agent ends with the compiler here, once', async (t) => {
  for (const [name, frames] of Object.entries(NONSENSE)) {
    const scene = new Scene();
    await serve(t, scene, async (connection) => {
      await connection.invocation();
      connection.send(...frames);
    });
    assert.deepEqual(await scene.run(['gcc', '-c', 'a.c']), OWN, name);
    assert.equal(scene.runs, 1, name);
  }
});

test('a dialogue that is cut at any byte ends with the compiler here, once', async (t) => {
  const scene = new Scene();
  writeFileSync(scene.path('from'), '');
  const dialogues = [
    [
      encodeAck(),
      encodeAlive(),
      exit(0, { stdout: Buffer.from('no'), moves: [{ from: '/no/such', to: '/no' }] }),
    ],
    [encodeAck(), encodeRunHere({ argv: ['gcc', 'w'], environment: ['A=1', 'B'], message: 'no\n' })],
  ];
  let bytes = Buffer.alloc(0);
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.socket.end(bytes);
  });
  let runs = 0;
  for (const dialogue of dialogues) {
    const whole = Buffer.concat(dialogue);
    for (let cut = 0; cut < whole.length; cut++) {
      bytes = whole.subarray(0, cut);
      assert.deepEqual(await scene.run(['gcc']), OWN, `cut at ${cut}`);
      assert.equal(scene.runs, ++runs, `cut at ${cut}`);
    }
  }
});

test('frames may come in any pieces', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    connection.socket.setNoDelay(true);
    await connection.invocation();
    for (const byte of Buffer.concat([
      encodeAck(),
      encodeAlive(),
      exit(0x500, { stdout: Buffer.from('1') }),
    ])) {
      connection.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  assert.deepEqual(await scene.run(['gcc']), { status: 5, signal: null, stdout: '1', stderr: '' });
});

test('silence ends with the compiler here after the deadline', async (t) => {
  const silences: [frames: Uint8Array[], deadlineMs: number][] = [
    [[], ACK_MS],
    [[encodeAck().subarray(0, 3)], ACK_MS],
    [[encodeAck()], SILENCE_MS],
    [[encodeAck(), exit(0).subarray(0, 7)], SILENCE_MS],
  ];
  await Promise.all(
    silences.map(async ([frames, deadlineMs]) => {
      const scene = new Scene();
      await serve(t, scene, async (connection) => {
        await connection.invocation();
        connection.send(...frames);
      });
      const startedMs = performance.now();
      assert.deepEqual(await scene.run(['gcc']), OWN);
      assert.ok(performance.now() - startedMs >= deadlineMs);
      assert.equal(scene.runs, 1);
    }),
  );
});

test('an agent that says it is there is waited for', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck());
    for (let beats = 0; beats < 6; beats++) {
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 3));
      connection.send(encodeAlive());
    }
    connection.send(exit(0));
  });
  assert.equal((await scene.run(['gcc'])).status, 0);
  assert.equal(scene.runs, 0);
});

test('a launcher that was stopped itself does not take that for silence', async (t) => {
  const scene = new Scene();
  let child: ChildProcess | undefined;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck());
    await new Promise((resolve) => setTimeout(resolve, 50));
    child?.kill('SIGSTOP');
    for (let beats = 0; beats < 5; beats++) {
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 3));
      connection.send(encodeAlive());
    }
    child?.kill('SIGCONT');
    connection.send(exit(0));
  });
  child = scene.start(['gcc']);
  assert.equal((await ending(child)).status, 0);
  assert.equal(scene.runs, 0);
});

test('a spawned program is gone before the compiler runs here', async (t) => {
  const waiting = `#!/bin/sh
echo $$ >> "$SCENE/pids"
trap '' TERM
[ "$1" = -E ] || { kill -0 $(head -n1 "$SCENE/pids") 2>/dev/null && echo still there; exit 7; }
while :; do sleep 0.01; done
`;
  const request = encodeSpawn({
    argv: ['gcc', '-E'],
    environment: [],
    stdoutPath: '/dev/null',
    stderrPath: '/dev/null',
  });
  const ends: Record<string, (connection: Connection) => void> = {
    silence: () => {},
    death: ({ socket }) => socket.destroy(),
    'a second SPAWN': (connection) => connection.send(request),
    'an outcome': (connection) => connection.send(HERE),
  };
  await Promise.all(
    Object.entries(ends).map(async ([name, end]) => {
      const scene = new Scene();
      scene.script(scene.compiler, waiting);
      await serve(t, scene, async (connection) => {
        await connection.invocation();
        connection.send(encodeAck(), request);
        await until(() => scene.read('pids') !== '');
        end(connection);
      });
      assert.deepEqual(
        await scene.run(['gcc', '-c']),
        { status: 7, signal: null, stdout: '', stderr: '' },
        name,
      );
    }),
  );
});

// ---- signals

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${signal} ends the launcher, and the program that it started`, async (t) => {
    const scene = new Scene();
    scene.script(scene.compiler, '#!/bin/sh\necho $$ > "$SCENE/pid"\nexec sleep 60\n');
    let child: ChildProcess | undefined;
    let spawns = false;
    const ended: Promise<void>[] = [];
    await serve(t, scene, async (connection) => {
      ended.push(connection.ended);
      await connection.invocation();
      connection.send(encodeAck());
      if (spawns) {
        connection.send(
          encodeSpawn({ argv: ['gcc'], environment: [], stdoutPath: '/dev/null', stderrPath: '/dev/null' }),
        );
        await until(() => scene.read('pid').endsWith('\n'));
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
      child?.kill(signal);
    });
    for (spawns of [false, true]) {
      child = scene.start(['gcc']);
      assert.deepEqual(await ending(child), { status: null, signal, stdout: '', stderr: '' });
    }
    await Promise.all(ended);
    assert.ok(!isAlive(Number(scene.read('pid'))));
  });
}

test('a killed launcher takes the spawned program along', async (t) => {
  const scene = new Scene();
  scene.script(scene.compiler, '#!/bin/sh\necho $$ > "$SCENE/pid"\nexec sleep 60\n');
  let child: ChildProcess | undefined;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(
      encodeAck(),
      encodeSpawn({ argv: ['gcc'], environment: [], stdoutPath: '/dev/null', stderrPath: '/dev/null' }),
    );
    await until(() => scene.read('pid').endsWith('\n'));
    child?.kill('SIGKILL');
  });
  child = scene.start(['gcc']);
  assert.equal((await ending(child)).signal, 'SIGKILL');
  await until(() => !isAlive(Number(scene.read('pid'))));
});

test('signals that the caller ignores stay ignored', async (t) => {
  const scene = new Scene();
  let pid = 0;
  await serve(t, scene, async (connection) => {
    pid = (await connection.invocation()).pid;
    connection.send(encodeAck());
    process.kill(pid, 'SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 30));
    connection.send(exit(0x400));
  });
  const over = await scene.run(['-c', `trap '' HUP; exec "${LAUNCHER}" gcc`], { program: '/bin/sh' });
  assert.equal(over.status, 4);
});

// ---- starting the agent

interface StartedAgent {
  readonly pid: number;
  readonly argv: string[];
  readonly environment: Record<string, string>;
  readonly cwd: string;
  readonly umask: number;
  readonly files: [fd: number, name: string][];
  readonly stat: string;
  readonly status: string;
  readonly limits: string;
}

function startedAgents(scene: Scene): StartedAgent[] {
  const lines = scene.read('distcc-dir/started').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as StartedAgent);
}

/** The agent leaves when its file is gone. */
async function stopAgents(scene: Scene): Promise<void> {
  const pids = startedAgents(scene).map(({ pid }) => pid);
  rmSync(path.join(scene.distccDir, 'started'), { force: true });
  await until(() => !pids.some(isAlive));
}

test('64 launchers at once start one agent, and nothing of theirs goes along', async () => {
  const scene = new Scene();
  const preload = { NODE_OPTIONS: '--no-such-option', SECRET: '1', LC_ALL: 'de_DE', TZ: 'UTC' };
  const script = `ulimit -S -n 256; umask 0; trap '' TERM; exec 9>"$SCENE/nine"; exec nice -n 3 "${LAUNCHER}" gcc`;
  const calls = Array.from({ length: 64 }, () =>
    scene.run(['-c', script], { program: '/bin/sh', environment: preload }),
  );
  for (const call of calls) assert.deepEqual(await call, OWN);
  assert.equal(scene.runs, 64);
  assert.equal(scene.compilerEnvironment().get('SERVED'), '1');

  const agents = startedAgents(scene);
  assert.equal(agents.length, 1);
  const [agent] = agents;
  assert.ok(agent);
  assert.deepEqual(agent.argv, ['--socket', scene.socketPath, '--dir', scene.distccDir]);
  const { PATH, ...environment } = agent.environment;
  assert.match(PATH ?? '', /^\/usr\/local\/bin:\/usr\/bin:\/bin(:|$)/);
  assert.deepEqual(environment, {
    LANG: 'C.UTF-8',
    HOME: scene.directory,
    TZ: 'UTC',
    XDG_RUNTIME_DIR: scene.path('run'),
  });
  assert.equal(agent.cwd, '/');
  assert.equal(agent.umask, 0o077);
  assert.deepEqual(agent.files.slice(0, 3), [
    [0, '/dev/null'],
    [1, '/dev/null'],
    [2, '/dev/null'],
  ]);
  assert.match(agent.files.find(([fd]) => fd === 3)?.[1] ?? '', /^socket:/);
  assert.ok(!agent.files.some(([, name]) => name.includes(scene.directory)));
  // After the name: state, parent, process group, session, terminal.
  const [, , group, session, terminal] = agent.stat.slice(agent.stat.lastIndexOf(')') + 2).split(' ');
  assert.equal(group, session);
  assert.notEqual(session, String(agent.pid));
  assert.equal(terminal, '0');
  assert.match(agent.status, /^SigBlk:\s*0+$/m);
  assert.doesNotMatch(agent.status.match(/^SigIgn:\s*(\w+)$/m)?.[1] ?? '', /[4-7c-f]...$/);
  const [, soft, hard] = agent.limits.match(/Max open files\s+(\S+)\s+(\S+)/) ?? [];
  assert.equal(soft, hard);
  assert.equal(lstatSync(scene.socketPath).mode & 0o777, 0o600);
  assert.equal(lstatSync(`${scene.socketPath}.lock`).mode & 0o777, 0o600);
  await stopAgents(scene);
});

test('a dead socket is replaced; an agent that dies again and again is given up', async () => {
  const scene = new Scene();
  const server = net.createServer();
  server.listen(scene.socketPath);
  await once(server, 'listening');
  // A name without a listener, as a killed agent leaves it.
  linkSync(scene.socketPath, `${scene.socketPath}.kept`);
  server.close();
  await once(server, 'close');
  linkSync(`${scene.socketPath}.kept`, scene.socketPath);

  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.equal(startedAgents(scene).length, 1);
  await stopAgents(scene);

  rmSync(scene.distccDir, { recursive: true });
  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.equal(scene.runs, 2);
});

test('an agent that hangs up before ACK is asked once more', async (t) => {
  const scene = new Scene();
  let calls = 0;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    if (++calls === 1) connection.socket.destroy();
    else connection.send(encodeAck(), exit(0));
  });
  assert.equal((await scene.run(['gcc'])).status, 0);
  assert.equal(calls, 2);
});

test('a stopped agent is not waited for', async () => {
  const scene = new Scene();
  assert.deepEqual(await scene.run(['gcc']), OWN);
  const [agent] = startedAgents(scene);
  assert.ok(agent);
  process.kill(agent.pid, 'SIGSTOP');
  assert.deepEqual(
    await scene.run(['gcc', 'x'.repeat(100_000), 'y'.repeat(120_000), 'z'.repeat(120_000)]),
    OWN,
  );
  process.kill(agent.pid, 'SIGCONT');
  assert.equal(scene.runs, 2);
  await stopAgents(scene);
});

test('a caller without standard descriptors gets his compiler, and the agent has its own', async () => {
  const scene = new Scene();
  const script = `exec 0<&- 1>&- 2>&-; "${LAUNCHER}" gcc; echo $? > "$SCENE/code"`;
  await scene.run(['-c', script], { program: '/bin/sh' });
  assert.equal(scene.read('code'), '7\n');
  assert.deepEqual(
    startedAgents(scene)[0]
      ?.files.slice(0, 3)
      .map(([, name]) => name),
    ['/dev/null', '/dev/null', '/dev/null'],
  );
  await stopAgents(scene);
});

test('where there is no place for an agent, the compiler runs here', async () => {
  const scene = new Scene();
  writeFileSync(scene.path('plain'), '');
  const places: Record<string, Record<string, string | undefined>> = {
    'no HOME': { HOME: undefined, DISTCC_DIR: undefined },
    'a relative DISTCC_DIR that is not there': { DISTCC_DIR: 'no/such' },
    'a DISTCC_DIR that is too long': { DISTCC_DIR: `/${'x'.repeat(5000)}` },
  };
  for (const [name, environment] of Object.entries(places)) {
    assert.deepEqual(await scene.run(['gcc'], { environment }), OWN, name);
  }
  const gone = scene.path('gone');
  const script = `mkdir "${gone}"; cd "${gone}"; rmdir "${gone}"; exec "${LAUNCHER}" gcc`;
  const { status, stdout } = await scene.run(['-c', script], { program: '/bin/sh' });
  assert.deepEqual({ status, stdout }, { status: OWN.status, stdout: OWN.stdout });
  assert.deepEqual(startedAgents(scene), []);
});

test('a runtime directory that is not private is not used', async (t) => {
  const scene = new Scene();
  let calls = 0;
  await serve(t, scene, async (connection) => {
    calls++;
    await connection.invocation();
    connection.send(encodeAck(), exit(0));
  });
  const elsewhere = [`/run/user/${UID}/manyhands`, `/tmp/manyhands-${UID}`];
  const long = scene.path('x'.repeat(80));
  mkdirSync(long, { mode: 0o700 });
  spawnSync('chmod', ['0755', path.dirname(scene.socketPath)]);
  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.deepEqual(await scene.run(['gcc'], { environment: { XDG_RUNTIME_DIR: long } }), OWN);
  assert.deepEqual(await scene.run(['gcc'], { environment: { XDG_RUNTIME_DIR: 'run' } }), OWN);
  assert.equal(calls, 0);
  const [agent] = startedAgents(scene);
  assert.ok(elsewhere.includes(path.dirname(agent?.argv[1] ?? '')));
  assert.equal(startedAgents(scene).length, 1);
  await stopAgents(scene);
  for (const directory of elsewhere) {
    for (const end of ['', '.lock'])
      rmSync(path.join(directory, path.basename(scene.socketPath)) + end, { force: true });
  }
});

// ---- which compiler

test('PATH is trimmed after the launcher, however it is spelled', async (t) => {
  const scene = new Scene();
  const early = scene.path('early');
  const links = scene.path('links');
  const copies = scene.path('copies');
  for (const directory of [early, links, copies]) mkdirSync(directory);
  symlinkSync(links, scene.path('alias'));
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  linkSync(LAUNCHER, path.join(copies, 'gcc'));
  scene.script(path.join(early, 'gcc'), '#!/bin/sh\nexit 99\n');
  const told: { compiler: string; path: string | undefined }[] = [];
  await serve(t, scene, async (connection) => {
    const { compiler, environment } = await connection.invocation();
    told.push({ compiler, path: environment.get('PATH') });
    connection.send(encodeAck(), exit(0));
  });
  const rest = `${scene.bin}:/usr/bin:/bin`;
  const alias = scene.path('alias');
  const calls: [path: string, program: string, argv0: string | undefined, left: string][] = [
    [`${early}:${links}:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `${links}/gcc`, 'gcc', rest],
    [`${early}:${links}/:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}//:${rest}`, `${links}/gcc`, 'gcc', rest],
    [`${early}:${alias}:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `${alias}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `links/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `./early/../links/gcc`, undefined, rest],
    [`${early}:${copies}:${rest}`, `${copies}/gcc`, undefined, rest],
    [`${early}:${copies}:${rest}`, `${copies}/gcc`, 'gcc', rest],
    // Two of our directories: the one that was used counts, the other is passed over.
    [`${links}:${early}:${copies}:${rest}`, `${copies}/gcc`, undefined, rest],
    [`${links}:${copies}:${rest}`, `${links}/gcc`, undefined, `${copies}:${rest}`],
    // Not on PATH at all.
    [rest, `${links}/gcc`, undefined, rest],
    [rest, `${links}/gcc`, 'gcc', rest],
    // The last element: as it is, and we pass ourselves over.
    [`${scene.bin}:${links}`, `${links}/gcc`, undefined, `${scene.bin}:${links}`],
  ];
  for (const [search, program, argv0] of calls) {
    const options = { program, environment: { PATH: search }, ...(argv0 === undefined ? {} : { argv0 }) };
    assert.equal((await scene.run(['-c'], options)).status, 0, `${search} ${program}`);
  }
  assert.deepEqual(
    told,
    calls.map(([, , , left]) => ({ compiler: scene.compiler, path: left })),
  );
});

test('an explicit call keeps PATH, and passes the launcher over', async (t) => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  mkdirSync(path.join(links, 'g++'));
  symlinkSync('gcc', path.join(scene.bin, 'g++'));
  writeFileSync(path.join(links, 'cc'), 'not executable');
  symlinkSync('gcc', path.join(scene.bin, 'cc'));
  const told: string[] = [];
  await serve(t, scene, async (connection) => {
    const { compiler, environment } = await connection.invocation();
    told.push(compiler, environment.get('PATH') ?? '');
    connection.send(encodeAck(), exit(0));
  });
  const search = `${links}:${scene.bin}:/usr/bin:/bin`;
  for (const name of ['gcc', 'g++', 'cc']) {
    told.length = 0;
    assert.equal((await scene.run([name, '-c'], { environment: { PATH: search } })).status, 0);
    assert.deepEqual(told, [path.join(scene.bin, name), search]);
  }
  // An empty element is the directory that we are in.
  told.length = 0;
  assert.equal((await scene.run(['gcc'], { cwd: scene.bin, environment: { PATH: ':/bin' } })).status, 0);
  assert.equal(realpathSync(told[0] ?? ''), scene.compiler);
});

test('no compiler is 110, with one line that says so', async () => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  scene.script(scene.path('broken'), '#!/no/such/interpreter\n');
  const calls: [words: string[], options: StartOptions][] = [
    [['no-such-compiler', '-c'], {}],
    [['/no/such/gcc', '-c'], {}],
    [['', '-c'], {}],
    [['-c'], { program: path.join(links, 'gcc'), environment: { PATH: `${links}:/no/such` } }],
    [[scene.path('broken')], { environment: { HOME: undefined, DISTCC_DIR: undefined } }],
  ];
  for (const [words, options] of calls) {
    const { status, stdout, stderr } = await scene.run(words, options);
    assert.deepEqual({ status, stdout }, { status: 110, stdout: '' }, words.join(' '));
    assert.match(stderr, /^distcc\[\d+\] ERROR: [^\n]+\n$/);
  }
});

test('a script without its first line runs, as it would from a shell', async () => {
  const scene = new Scene();
  scene.script(scene.path('bare'), 'echo "$@"; exit 4\n');
  const over = await scene.run(['./bare', 'a', 'b c'], {
    environment: { HOME: undefined, DISTCC_DIR: undefined },
  });
  assert.deepEqual(over, { status: 4, signal: null, stdout: 'a b c\n', stderr: '' });
});

test('_DISTCC_SAFEGUARD: one level runs the compiler, circles end with 111', async () => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  const masquerade = { program: path.join(links, 'gcc') };
  const trimmed = `${links}:${scene.bin}:/usr/bin:/bin`;
  const calls: [words: string[], options: StartOptions, level: string, status: number][] = [
    [['-c'], { ...masquerade, environment: { PATH: trimmed } }, '1', 7],
    [['-c'], { ...masquerade, environment: { PATH: trimmed } }, '2', 111],
    [['-c'], masquerade, '1', 111],
    [['gcc', '-c'], {}, '1', 111],
  ];
  for (const [words, options, level, status] of calls) {
    const environment = { ...options.environment, _DISTCC_SAFEGUARD: level };
    const over = await scene.run(words, { ...options, environment });
    assert.equal(over.status, status);
    if (status === 111) assert.match(over.stderr, /^distcc\[\d+\] ERROR: [^\n]+\n$/);
    else assert.equal(scene.compilerEnvironment().get('_DISTCC_SAFEGUARD'), '2');
  }
  assert.deepEqual(startedAgents(scene), []);
});

test('a foreign distcc as the compiler ends in a circle, not in a storm', async (t) => {
  const scene = new Scene();
  scene.script(scene.compiler, `#!/bin/sh\necho run >> "$SCENE/runs"\nexec "${LAUNCHER}" gcc "$@"\n`);
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), HERE);
  });
  assert.equal((await scene.run(['gcc', '-c'])).status, 111);
  assert.equal(scene.runs, 1);
});

// ---- our own options

test("distcc's own options and the lack of any go to the tool", async () => {
  const scene = new Scene();
  const calls = [
    ['--help'],
    ['--version'],
    ['--show-hosts'],
    ['-j'],
    ['--scan-includes', 'gcc', '-c', 'a b.c'],
    ['--show-principal'],
    [],
  ];
  for (const words of calls) {
    const { status, stdout } = await scene.run(words);
    assert.deepEqual({ status, words: JSON.parse(stdout) }, { status: 42, words });
  }
});

test('a tool that has gone is one sentence and 100; the compiler is not affected', async () => {
  const scene = new Scene();
  const orphan = path.join(scene.directory, 'distcc');
  const nowhere = JSON.stringify('/no/such/file');
  for (const missing of ['MANYHANDS_NODE', 'MANYHANDS_TOOL'] as const) {
    compile(orphan, { ...DEFINES, [missing]: nowhere, MANYHANDS_AGENT: nowhere });
    const { status, stdout, stderr } = await scene.run(['--version'], { program: orphan });
    assert.deepEqual({ status, stdout }, { status: 100, stdout: '' });
    assert.match(stderr, /^distcc\[\d+\] ERROR: [^\n]*\/no\/such\/file[^\n]*\n$/);
  }
  assert.deepEqual(await scene.run(['gcc'], { program: orphan }), OWN);
});

test('DISTCC_VERBOSE=1 tells why the compiler runs here, to DISTCC_LOG where that is set', async (t) => {
  const scene = new Scene();
  await serve(t, scene, ({ socket }) => void socket.end());
  const environment = { DISTCC_VERBOSE: '1', DISTCC_LOG: scene.path('log') };
  assert.deepEqual(await scene.run(['gcc'], { environment }), OWN);
  assert.match(scene.read('log'), /^distcc\[\d+\] [^\n]+\n$/);
  const { stderr } = await scene.run(['gcc'], { environment: { DISTCC_VERBOSE: '1' } });
  assert.match(stderr, /^distcc\[\d+\] [^\n]+\nown diagnostics\n$/);
});
