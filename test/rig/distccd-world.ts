/** The world that tests of our `distccd` share: a daemon with a whitelist, jobs for it, and a compiler that does not end. */
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { after } from 'node:test';
import {
  buildDistccd,
  dial,
  type Distccd,
  eventually,
  membersOf,
  receiveReply,
  writeCompiler,
} from './our-distccd.ts';
import { Scratch } from './scratch.ts';

export const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
export const program = buildDistccd(scratch, [
  'gcc',
  'g++',
  'clang',
  'slow',
  'missing',
  'noisy',
  'x86_64-linux-gnu-gcc',
]);
export const isRoot = process.getuid?.() === 0;

/** A compiler that does not end, and has children. */
const slowPath = writeCompiler(scratch, 'slow', 'sleep 1000 & sleep 1000; wait');
export const SLOW = { env: { DISTCCD_PATH: `${slowPath}:/usr/bin:/bin` } };
export const SLOW_JOB = { argv: ['slow', '-c', 'a.c', '-o', 'a.o'], source: 'int x;\n' };
export const GOOD_JOB = { argv: ['gcc', '-c', 'a.c', '-o', 'a.o'], source: '# 1 "a.c"\nint x;\n' };

export const token = (name: string, value: number): string => name + value.toString(16).padStart(8, '0');

/** Begins a job that does not end, and gives the group of its compiler. */
export async function beginSlowJob(
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

export const nothingLeft = (daemon: Distccd): Promise<true> =>
  eventually(`${daemon.temporaryDirectory} is empty`, () =>
    readdirSync(daemon.temporaryDirectory).length === 0 ? true : undefined,
  );
