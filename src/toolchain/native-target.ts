/** What the compilers of this machine compile for when they are called without more. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const TIMEOUT_MS = 10_000;

/** As in the names of compilers, `x86_64-pc-linux-gnu`; undefined where none of the directories has a cc. */
export function findNativeTarget(directories: readonly string[]): string | undefined {
  const compiler = directories
    .flatMap((directory) => ['gcc', 'cc'].map((name) => path.join(directory, name)))
    .find((file) => existsSync(file));
  if (compiler === undefined) return undefined;
  const { stdout, status } = spawnSync(compiler, ['-dumpmachine'], { encoding: 'utf8', timeout: TIMEOUT_MS });
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}
