/** Our `distccd` from the sources, for tests of the daemon itself, and bytes to talk to it with. */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ReplyDecoder, type Reply } from '../../src/wire/distcc/reply.ts';
import { encodeTextRequest } from '../../src/wire/distcc/request.ts';
import { findFreePort } from './cluster.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';
import { findSharedProgram } from './shared-checkout.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Compiles native/distccd.c into a prefix of its own, whose whitelist has `compilers`. @returns its path. */
export function buildDistccd(scratch: Scratch, compilers: readonly string[]): string {
  for (const name of ['bin', 'lib', 'lib/distcc']) mkdirSync(scratch.path(name));
  const program = scratch.path('bin', 'distccd');
  const { node, worker } = findSharedProgram();
  const built = spawnSync('cc', [
    '-std=gnu11',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    program,
    `-DMANYHANDS_NODE=${JSON.stringify(node)}`,
    `-DMANYHANDS_WORKER=${JSON.stringify(worker)}`,
    path.join(ROOT, 'native', 'distccd.c'),
  ]);
  assert.equal(built.status, 0, built.stderr.toString());
  // What the links lead to does not matter, only that it can be executed.
  for (const name of compilers) symlinkSync(program, scratch.path('lib', 'distcc', name));
  return program;
}

/** A program that plays a compiler: a shell script. @returns the directory, to be put on DISTCCD_PATH. */
export function writeCompiler(scratch: Scratch, name: string, script: string): string {
  const directory = scratch.openDirectory('compilers');
  writeFileSync(path.join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(directory, name), 0o755);
  return directory;
}

export interface DistccdOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  /** Another port than a free one. */
  readonly port?: number;
  /** Another address than 127.0.0.1. */
  readonly listen?: string;
}

export class Distccd implements AsyncDisposable {
  readonly port: number;
  readonly temporaryDirectory: string;
  readonly process: ChildProcess;
  readonly exited: Promise<number | NodeJS.Signals>;
  log = '';

  private constructor(port: number, temporaryDirectory: string, process: ChildProcess) {
    this.port = port;
    this.temporaryDirectory = temporaryDirectory;
    this.process = process;
    process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
    });
  }

  /** Starts it in the foreground, with its log on stderr; resolves when it is ready. */
  static async start(program: string, scratch: Scratch, options: DistccdOptions = {}): Promise<Distccd> {
    const daemon = await Distccd.launch(program, scratch, options);
    await daemon.whenLogged(/ready: /);
    return daemon;
  }

  /** The same, without waiting: it may not start at all. */
  static async launch(program: string, scratch: Scratch, options: DistccdOptions = {}): Promise<Distccd> {
    const port = options.port ?? (await findFreePort());
    const temporaryDirectory = scratch.openDirectory(`tmp-${port}`);
    const where = ['--no-detach', '--log-level', 'debug', '--port', `${port}`];
    const child = spawn(
      program,
      [...where, '--listen', options.listen ?? '127.0.0.1', ...(options.args ?? [])],
      {
        env: { ...PLAIN_ENVIRONMENT, TMPDIR: temporaryDirectory, ...options.env },
        stdio: ['ignore', 'inherit', 'pipe'],
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      },
    );
    return new Distccd(port, temporaryDirectory, child);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** The worker's pid: the child that is a Node process. */
  workerPid(): number | undefined {
    return childrenOf(this.pid).find((pid) => commandOf(pid).includes('--work'));
  }

  /** Its children that are not the worker. */
  compilerPids(): number[] {
    return childrenOf(this.pid).filter((pid) => !commandOf(pid).includes('--work'));
  }

  async whenLogged(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(`the log says ${pattern}: ${this.log}`, () => pattern.exec(this.log) ?? undefined);
  }

  async counts(): Promise<Map<string, number>> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`);
    const lines = (await response.text()).matchAll(/^(\w+) (\d+)$/gm);
    return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    await Promise.race([this.exited, this.whenLogged(/stopping: /)]);
    this.process.kill('SIGTERM');
    await this.exited;
  }
}

/** A job as a client sends it. */
export interface Job {
  readonly argv: readonly string[];
  readonly source: string;
  readonly protocol?: 1 | 2;
}

/** Sends a job and gives the reply. */
export async function compile(port: number, { argv, source, protocol = 1 }: Job): Promise<Reply> {
  const socket = await dial(port);
  for (const piece of encodeTextRequest({ protocol, argv, source: Buffer.from(source) })) socket.write(piece);
  return receiveReply(socket, protocol);
}

export async function receiveReply(socket: Socket, protocol = 1): Promise<Reply> {
  const decoder = new ReplyDecoder(protocol);
  for await (const chunk of socket) {
    const reply = decoder.push(chunk as Buffer);
    if (reply !== undefined) return reply;
  }
  throw new Error('The worker closed the connection without a whole reply');
}

export async function dial(port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1', resolve).once('error', reject);
  await promise;
  return socket.off('error', reject).on('error', () => {});
}

/** Resolves when the peer has closed, with what it had said. */
export async function whenClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

/** Waits until `look` sees something. For what other processes do, of which nothing tells us. */
export async function eventually<T>(what: string, look: () => T | undefined, withinMs = 15_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`It did not come to pass that ${what}`);
    await delay(10);
  }
}

/** Tries again while the port of a server that was just started is closed. */
export async function untilListening<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await delay(50);
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** The processes of a group, dead ones that nobody has waited for not counted. */
export function membersOf(group: number): number[] {
  return pids().filter((pid) => statOf(pid)?.group === group && isAlive(pid));
}

export function childrenOf(parent: number): number[] {
  return pids().filter((pid) => statOf(pid)?.parent === parent && isAlive(pid));
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function statOf(pid: number): { parent: number; group: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
