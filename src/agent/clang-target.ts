/**
 * What clang makes code for when nobody says: asked of the caller's own clang once, to be said aloud to
 * hosts, because a clang there may be built for another machine.
 *
 * The launcher runs it, because the agent starts no process.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { versionOf } from '../files/file-version.ts';
import type { Caller } from './caller.ts';

const known = new Map<string, string>();
const KNOWN_MAX = 1000;
let serial = 0;

/**
 * @param spool The agent's private directory; it exists.
 * @returns undefined when this clang does not tell.
 * @throws {CallerGone} when the launcher goes away meanwhile.
 */
export async function findClangTarget(caller: Caller, spool: string): Promise<string | undefined> {
  const { compiler, argv } = caller.invocation;
  const key = `${compiler}:${versionOf(compiler)}`;
  const before = known.get(key);
  if (before !== undefined) return before;

  const directory = path.join(spool, `target-${process.pid}-${serial++}`);
  const [stdoutPath, stderrPath] = [path.join(directory, 'out'), path.join(directory, 'err')];
  caller.announce([stdoutPath, stderrPath, directory]);
  try {
    const words = [argv[0] ?? compiler, '-dumpmachine'];
    const ended = await caller.spawn({ program: '', argv: words, environment: [], stdoutPath, stderrPath });
    const target = ended.errno === 0 && ended.status === 0 ? readFileSync(stdoutPath, 'utf8').trim() : '';
    if (!/^[\w.-]+$/.test(target)) return undefined;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, target);
    return target;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
