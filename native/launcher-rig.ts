/**
 * What the launcher's tests share: the launcher, compiled here with short deadlines; a scene for it to be
 * called in, whose compiler is a shell script that counts how often it ran; and agents. Those are servers
 * in the test's process, but where the starting of one is the question.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, type TestContext } from 'node:test';
import { BARE } from '../src/setup/native-program.ts';
import { encodeExit, encodeRunHere } from '../src/wire/launcher/agent-message.ts';
import {
  LauncherDecoder,
  type Ended,
  type InvocationFrame,
  type LauncherMessage,
} from '../src/wire/launcher/launcher-message.ts';
import { socketName } from '../src/wire/launcher/socket-name.ts';

export const BUILD = 'test-build';
export const ACK_MS = 700;
export const SILENCE_MS = 600;
export const UID = os.userInfo().uid;

const ROOT = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'launcher-')));
after(() => rmSync(ROOT, { recursive: true, force: true }));

const AGENT_SCRIPT = path.join(ROOT, 'agent.ts');
const TOOL_SCRIPT = path.join(ROOT, 'tool.js');
export const LAUNCHER = path.join(ROOT, 'distcc');

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
    files: fs.readdirSync("/proc/self/fd").map(Number).sort((a, b) => a - b).map((fd) => {
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

export function compile(output: string, defines: Readonly<Record<string, string>>): void {
  const flags = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  const source = path.join(import.meta.dirname, 'launcher.c');
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const build = (...linking: string[]) =>
    spawnSync('cc', ['-std=gnu11', '-O2', ...warnings, ...linking, ...flags, source, '-o', output], {
      encoding: 'utf8',
    });
  if (build(...BARE).status === 0) return;
  const dynamic = build();
  assert.equal(dynamic.status, 0, dynamic.stderr);
}

export const DEFINES = {
  MANYHANDS_NODE: JSON.stringify(process.execPath),
  MANYHANDS_AGENT: JSON.stringify(AGENT_SCRIPT),
  MANYHANDS_TOOL: JSON.stringify(TOOL_SCRIPT),
  MANYHANDS_BUILD: JSON.stringify(BUILD),
  ACK_MS: String(ACK_MS),
  SILENCE_MS: String(SILENCE_MS),
};
compile(LAUNCHER, DEFINES);

/**
 * Counts itself, tells all it can see, prints, and ends with 7. The status is read by the shell itself:
 * while it starts a program, it has its signals blocked.
 */
export const COMPILER = `#!/bin/sh
echo run >> "$SCENE/runs"
printf '%s\\0' "$0" "$@" > "$SCENE/argv"
env -0 > "$SCENE/environment"
while IFS= read -r line; do echo "$line"; done < /proc/$$/status > "$SCENE/status"
ls -l /proc/$$/fd > "$SCENE/files"
echo own output
echo own diagnostics >&2
exit 7
`;

/** A directory with a compiler, a place for the socket and a caller's environment. */
export class Scene {
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
      gid: process.getegid?.() ?? 0,
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

export interface StartOptions {
  readonly program?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly argv0?: string;
}

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function ending(child: ChildProcess): Promise<Ending> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('latin1').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { status: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** What a call looks like when the compiler ran as if we were not there. */
export const OWN: Ending = { status: 7, signal: null, stdout: 'own output\n', stderr: 'own diagnostics\n' };

/** One launcher's connection, as the agent's side of it. */
export class Connection {
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
export async function serve(
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

export const HERE = encodeRunHere({ argv: [], environment: [], message: '' });
export const exit = (status: number, more: Partial<Parameters<typeof encodeExit>[0]> = {}): Buffer =>
  encodeExit({ status, message: '', stdout: Buffer.of(), stderr: Buffer.of(), moves: [], ...more });

export function fileId(file: string): { device: bigint; inode: bigint } {
  const { dev, ino } = statSync(file, { bigint: true });
  return { device: dev, inode: ino };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Is this process there, and not only its entry waiting for its parent? */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

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

export function startedAgents(scene: Scene): StartedAgent[] {
  const lines = scene.read('distcc-dir/started').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as StartedAgent);
}

/** The agent leaves when its file is gone. */
export async function stopAgents(scene: Scene): Promise<void> {
  const pids = startedAgents(scene).map(({ pid }) => pid);
  rmSync(path.join(scene.distccDir, 'started'), { force: true });
  await until(() => !pids.some(isAlive));
}
