/**
 * Other people's programs that some tests compare us with. Where one is missing, its tests are skipped
 * by name; with MANYHANDS_PEERS=required, as in CI, its absence is a failure.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * The options for a test that needs these programs on PATH.
 *
 * @throws {Error} when one is missing and required.
 */
export function needsPeer(...names: readonly string[]): { readonly skip: string | false } {
  const missing = names.filter((name) => findOnPath(name) === undefined);
  return missing.length === 0 ? { skip: false } : skip(`not installed: ${missing.join(', ')}`);
}

/**
 * The same for a test that root alone can do: be somebody else, or mount something in a namespace.
 *
 * @throws {Error} when it is required and this is not root, or not allowed to.
 */
export function needsRoot(...names: readonly string[]): { readonly skip: string | false } {
  if (process.getuid?.() !== 0) return skip('needs root');
  const isAllowed = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
  return isAllowed ? needsPeer(...names) : skip('needs the right to mount');
}

/**
 * The same for a test whose worker runs compiles in boxes.
 *
 * @throws {Error} when it is required and there is no bubblewrap, or it can make none.
 */
export function needsBox(...names: readonly string[]): { readonly skip: string | false } {
  const missing = needsPeer('bwrap', ...names);
  if (missing.skip !== false) return missing;
  const words = ['--ro-bind', '/', '/', '--unshare-all', '--proc', '/proc', '--dev', '/dev', 'true'];
  return spawnSync('bwrap', words).status === 0 ? missing : skip('bubblewrap cannot make a box');
}

function skip(message: string): { readonly skip: string } {
  if (process.env['MANYHANDS_PEERS'] === 'required') throw new Error(`Peers are required, but ${message}`);
  return { skip: message };
}

export function findOnPath(name: string): string | undefined {
  // Daemons are not on everybody's PATH.
  const directories = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'];
  return directories.map((directory) => path.join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
