/** Where the installation is that a program belongs to. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The nearest directory above `file` that has our launcher in its `bin`: a prefix such as `/usr`, a checkout,
 * or a package of npm's. Undefined when there is none.
 */
export function findPrefix(file: string): string | undefined {
  for (let directory = path.dirname(path.resolve(file)); ; directory = path.dirname(directory)) {
    if (existsSync(path.join(directory, 'bin', 'distcc'))) return directory;
    if (directory === path.dirname(directory)) return undefined;
  }
}
