/**
 * Compiles one of the C programs with this machine's compiler. Where their Node and their bundles are is
 * compiled in: they start without looking for anything, and find them however the environment looks.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';

export interface NativeProgram {
  readonly source: string;
  readonly target: string;
  /** Static programs start in half the time, but cannot look up users and hosts everywhere. */
  readonly linking: 'static' | 'shared';
  /** What is compiled in: names of macros, and the strings that they become. */
  readonly strings: Readonly<Record<string, string>>;
}

/**
 * Compiles, statically if that is wanted and possible. The target is replaced at once or not at all.
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
  const first = linking === 'static' ? run(['-static', ...args]) : undefined;
  const last = first?.status === 0 ? first : run(args);
  if (last.status !== 0) throw new Error(`Cannot compile ${source} with cc:\n${last.stderr}`);
  renameSync(`${target}.new`, target);
}

function run(args: readonly string[]): { status: number | null; stderr: string } {
  // Our own name may be first on PATH as a compiler: the guard makes it stand aside.
  const { status, stderr, error } = spawnSync('env', ['_DISTCC_SAFEGUARD=1', 'cc', ...args], {
    encoding: 'utf8',
  });
  return { status, stderr: error === undefined ? stderr : error.message };
}
