/**
 * Where compilers are looked for: the worker's own PATH without the directories in which a compiler's
 * name leads back to distcc. A job that came in there would be sent out again.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';

const NAMES = ['cc', 'c++', 'gcc', 'g++', 'clang', 'clang++'];
const STANDARD_PATH = '/usr/local/bin:/usr/bin:/bin';

export function compilerPath(searchPath: string | undefined): string {
  const directories = (searchPath || STANDARD_PATH).split(':').filter((directory) => directory !== '');
  return directories.filter((directory) => !leadsBack(directory)).join(':');
}

function leadsBack(directory: string): boolean {
  return NAMES.some((name) => {
    try {
      return path.basename(realpathSync(path.join(directory, name))).includes('distcc');
    } catch {
      return false;
    }
  });
}
