/** A copy of our programs that has been installed somewhere, and the proof that it works from there. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatHosts, openClient } from './client.ts';
import { START_DISTCCD } from './cluster.ts';
import { runWell } from './run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from './scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** No more than a build needs: programs, and these by a Node that is new enough. */
const BARE_ENVIRONMENT: NodeJS.ProcessEnv = { PATH: process.env['PATH'] };

/** Runs `make TARGET` with these variables, in this checkout, where nobody but we may read new files. */
export async function make(target: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  // The packages are there: whoever runs tests has them. npm is not asked again.
  const command = ['make', '-o', 'node_modules/.package-lock.json', target, ...words];
  await runWell(['sh', '-c', 'umask 077; exec "$@"', 'sh', ...command], { cwd: ROOT, env: BARE_ENVIRONMENT });
}

/** All names below a directory, sorted; none when it does not exist. A link is a name, wherever it leads. */
export function namesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries
    .flatMap((entry) => [
      entry.name,
      ...(entry.isDirectory()
        ? namesBelow(path.join(directory, entry.name)).map((name) => path.join(entry.name, name))
        : []),
    ])
    .sort();
}

/**
 * Compiles with the client of `prefix`, called as the compiler by way of `lib/distcc/bin`, on the worker of
 * `prefix`, and asserts that it was done there.
 */
export async function assertCompiles(prefix: string): Promise<void> {
  using scratch = new Scratch();
  const directory = scratch.path('project');
  mkdirSync(directory);
  writeFileSync(
    path.join(directory, 'a.c'),
    '#include <stdio.h>\nint main(void) { return puts("well") < 0; }\n',
  );
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 2, bin: path.join(prefix, 'bin') });
  await using client = openClient('ours', scratch, { hosts: formatHosts([worker]) });
  const env = { ...client.env, PATH: `${path.join(prefix, 'lib/distcc/bin')}:${PLAIN_ENVIRONMENT['PATH']}` };
  await runWell(['gcc', '-c', 'a.c', '-o', 'a.o'], { cwd: directory, env });
  await runWell(['gcc', 'a.o', '-o', 'a'], { cwd: directory, env });
  const { stdout } = await runWell([path.join(directory, 'a')]);
  assert.equal(stdout, 'well\n');
  let { ok } = await worker.counts();
  for (let triesLeft = 50; ok === 0 && triesLeft > 0; triesLeft--) ({ ok } = await worker.counts());
  assert.equal(ok, 1);
}
