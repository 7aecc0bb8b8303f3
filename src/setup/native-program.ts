/**
 * Compiles one of the C programs with this machine's compiler. Where their Node and their bundles are is
 * compiled in: they start without looking for anything, and find them however the environment looks.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../base/exit-code.ts';

export interface NativeProgram {
  readonly source: string;
  readonly target: string;
  /**
   * Static programs start in half the time, but cannot look up users and hosts everywhere; bare ones, without a C library,
   * in a tenth, where they have what they need of one. The next best where it cannot be had.
   */
  readonly linking: 'bare' | 'shared';
  /** What is compiled in: names of macros, and the strings that they become. */
  readonly strings: Readonly<Record<string, string>>;
}

/** Distributions' compilers harden by calls of the library, and make programs that a loader has to relocate. */
export const BARE: readonly string[] = [
  '-DBARE',
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-stack-protector',
  '-fno-pie',
  '-no-pie',
  '-U_FORTIFY_SOURCE',
];

/**
 * Compiles. The target is replaced at once or not at all.
 *
 * @throws {Error} what the compiler said.
 */
export function compileNative({ source, target, linking, strings }: NativeProgram): void {
  mkdirSync(path.dirname(target), { recursive: true });
  const args = [
    '-std=gnu11',
    '-O2',
    '-Wall',
    '-Wextra',
    ...Object.entries(strings).map(([name, value]) => `-D${name}=${JSON.stringify(value)}`),
    '-o',
    `${target}.new`,
    source,
  ];
  const ways = linking === 'bare' ? [BARE, ['-static'], []] : [[]];
  let stderr = '';
  for (const flags of ways) {
    const compiled = run([...flags, ...args]);
    if (compiled.status === 0 && (flags !== BARE || isSound(`${target}.new`)))
      return renameSync(`${target}.new`, target);
    stderr = compiled.stderr;
  }
  throw new Error(`Cannot compile ${source} with cc:\n${stderr}`);
}

/** Whether a launcher runs here at all: it has much to say before it finds that it was called in circles. */
function isSound(launcher: string): boolean {
  const { status } = spawnSync(launcher, ['cc', '-c', 'a.c'], { env: { _DISTCC_SAFEGUARD: '9' } });
  return status === EXIT.recursion;
}

function run(args: readonly string[]): { status: number | null; stderr: string } {
  // Our own name may be first on PATH as a compiler: the guard makes it stand aside.
  const { status, stderr, error } = spawnSync('env', ['_DISTCC_SAFEGUARD=1', 'cc', ...args], {
    encoding: 'utf8',
  });
  return { status, stderr: error === undefined ? stderr : error.message };
}
