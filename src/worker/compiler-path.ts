/**
 * Where compilers are looked for: the worker's own PATH without the directories in which a compiler's
 * name leads back to distcc. A job that came in there would be sent out again.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../files/names-in.ts';

const COMPILER = /(cc|[cg]\+\+|clang)(-[\d.]+)?$/;
const STANDARD_PATH = '/usr/local/bin:/usr/bin:/bin';

export function compilerPath(searchPath: string | undefined): string {
  const directories = (searchPath || STANDARD_PATH).split(':').filter((directory) => directory !== '');
  // An empty PATH would mean the current directory.
  return directories.filter((directory) => !leadsBack(directory)).join(':') || STANDARD_PATH;
}

function leadsBack(directory: string): boolean {
  return namesIn(directory).some((name) => {
    if (!COMPILER.test(name) || name.includes('distcc')) return false;
    try {
      return path.basename(realpathSync(path.join(directory, name))).includes('distcc');
    } catch {
      return false;
    }
  });
}
