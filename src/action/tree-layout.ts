/**
 * Where each file of a closure stands in the tree that is sent.
 *
 * Files stand at their real names, and each symbolic link on the way to one is a link there as well, so that
 * two names of one file are one file on the worker.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { ReadFile } from '../includes/file-entry.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { PumpRefusal } from './pump-argv.ts';
import type { RealNames } from './real-names.ts';

export interface TreeLayout {
  /** By real name; one of each that is the same file. */
  readonly files: ReadonlyMap<string, ReadFile>;
  /** From their own real names to their targets' real names. */
  readonly links: ReadonlyMap<string, string>;
  /** That no file is in. */
  readonly emptyDirectories: readonly string[];
}

/** @param directory of the call: absolute, through no link. */
export function layOutTree(
  names: RealNames,
  closure: Closure,
  directory: string,
): Result<TreeLayout, PumpRefusal> {
  const files = new Map<string, ReadFile>();
  const links = new Map<string, string>();
  const directories = new Set<string>();
  const resolve = (path: string): string => {
    const { name, links: met, passed } = names.find(path);
    for (const link of met) links.set(link.name, link.target);
    for (const left of passed) directories.add(left);
    return name;
  };
  try {
    for (const file of closure.files) {
      const name = resolve(file.entry.path);
      const before = files.get(name);
      if (before !== undefined && lineName(before) !== lineName(file)) {
        if (!closure.unread.has(file) && !closure.unread.has(before))
          return err({ reason: 'two-names', detail: `${before.typed} ${file.typed}` });
        if (closure.unread.has(file)) continue;
      }
      files.set(name, file);
    }
    for (const { entry } of closure.searchDirectories) directories.add(resolve(entry.path));
  } catch (error) {
    if (error instanceof RangeError) return err({ reason: 'link-circle', detail: error.message });
    throw error;
  }
  const isThere = directoriesWithin([...files.keys(), `${directory}/.`]);
  return ok({ files, links, emptyDirectories: [...directories].filter((name) => !isThere.has(name)) });
}

/** What the file is to call itself; undefined where the worker's name for it is right. */
export function lineName({ typed }: ReadFile): string | undefined {
  return typed.startsWith('/') ? typed : undefined;
}

/** All directories that there are when these files are. */
function directoriesWithin(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>(['/']);
  for (const file of files) {
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      const directory = file.slice(0, end);
      if (found.has(directory)) break;
      found.add(directory);
    }
  }
  return found;
}
