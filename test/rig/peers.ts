/**
 * Other people's programs that some tests compare us with. Where one is missing, its tests are skipped
 * by name; with MANYHANDS_PEERS=required, as in CI, its absence is a failure.
 */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * The options for a test that needs these programs on PATH.
 *
 * @throws {Error} when one is missing and required.
 */
export function needsPeer(...names: readonly string[]): { readonly skip: string | false } {
  const missing = names.filter((name) => findOnPath(name) === undefined);
  if (missing.length === 0) return { skip: false };
  const message = `not installed: ${missing.join(', ')}`;
  if (process.env['MANYHANDS_PEERS'] === 'required') throw new Error(`Peers are required, but ${message}`);
  return { skip: message };
}

function findOnPath(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(path.delimiter);
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
