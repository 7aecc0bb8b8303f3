/** A copy of our client that stands somewhere else, or that has lost what it needs. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BIN } from './cluster.ts';
import { runWell } from './run.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

export interface PrivateBuild {
  readonly launcher: string;
  readonly agent: string;
  readonly node: string;
}

/**
 * Compiles the launcher into a directory that everybody may read, beside copies of all that it starts:
 * for users who cannot read this tree, and to be taken apart.
 */
export async function makePrivateBuild(directory: string): Promise<PrivateBuild> {
  mkdirSync(directory, { mode: 0o755, recursive: true });
  chmodSync(directory, 0o755);
  const built = {
    launcher: path.join(directory, 'distcc'),
    agent: path.join(directory, 'distcc-agent.cjs'),
    node: path.join(directory, 'node'),
  };
  const dist = path.join(BIN, '..', 'dist');
  copyFileSync(process.execPath, built.node);
  copyFileSync(path.join(dist, 'distcc-agent.cjs'), built.agent);
  const paths = {
    MANYHANDS_NODE: built.node,
    MANYHANDS_AGENT: built.agent,
    MANYHANDS_TOOL: path.join(directory, 'distcc.cjs'),
    MANYHANDS_BUILD: readFileSync(path.join(dist, 'build-id'), 'utf8'),
  };
  const defines = Object.entries(paths).map(([name, value]) => `-D${name}=${JSON.stringify(value)}`);
  const source = path.join(ROOT, 'native', 'launcher.c');
  await runWell(['cc', '-std=gnu11', '-O1', ...defines, source, '-o', built.launcher]);
  return built;
}
