/**
 * What an installation has made, kept in PREFIX/lib/manyhands/installed: so that taking it away takes away
 * that and nothing else, and a newer version removes what only the older one had.
 *
 * One name a line, relative to the prefix; those of directories end in a slash.
 */
import { lstatSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';

export const RECORD = 'lib/manyhands/installed';

/** The names in the record under `root`; undefined when there is none. */
export function readRecord(root: string): string[] | undefined {
  try {
    return readFileSync(path.join(root, RECORD), 'utf8').split('\n').filter(isName);
  } catch {
    return undefined;
  }
}

export function formatRecord(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('');
}

/** Removes these files, then those of these directories that are empty, the innermost first. */
export function removeNames(root: string, names: readonly string[]): void {
  for (const name of names) if (!name.endsWith('/')) removeFile(path.join(root, name));
  const directories = names.filter((name) => name.endsWith('/')).sort((a, b) => b.length - a.length);
  for (const name of directories) removeIfEmpty(path.join(root, name));
}

/** A record is a file, and files can be edited: nothing outside of the prefix is ours. */
function isName(line: string): boolean {
  return line !== '' && !path.isAbsolute(line) && !line.split('/').includes('..');
}

function removeFile(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(file);
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Others have put something in, or it is no longer there.
  }
}
