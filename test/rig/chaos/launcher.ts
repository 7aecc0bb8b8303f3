/** Our launcher with other deadlines than users have. */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { BIN } from '../cluster.ts';
import { runWell } from '../run.ts';
import type { Scratch } from '../scratch.ts';

/** It talks to the same agents. @returns its path. */
export async function buildLauncher(scratch: Scratch, deadlines: readonly string[]): Promise<string> {
  const dist = path.join(BIN, '..', 'dist');
  const paths = {
    MANYHANDS_NODE: realpathSync(process.execPath),
    MANYHANDS_AGENT: path.join(dist, 'distcc-agent.cjs'),
    MANYHANDS_TOOL: path.join(dist, 'distcc.cjs'),
    MANYHANDS_BUILD: readFileSync(path.join(dist, 'build-id'), 'utf8'),
  };
  const defines = Object.entries(paths).map(([name, value]) => `-D${name}=${JSON.stringify(value)}`);
  const launcher = path.join(scratch.openDirectory('launcher'), 'distcc');
  const source = path.join(import.meta.dirname, '..', '..', '..', 'native', 'launcher.c');
  await runWell(['cc', '-std=gnu11', '-O2', ...defines, ...deadlines, '-o', launcher, source]);
  return launcher;
}
