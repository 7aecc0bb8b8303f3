/** The compilers of this machine, by the names under which they are called. */
import { existsSync, readdirSync } from 'node:fs';

const COMPILER_NAME =
  /^(?:(?:[a-z0-9_]+-)+)?(?:cc|c\+\+|c89|c99|gcc|g\+\+|c89-gcc|c99-gcc|clang|clang\+\+)(?:-[0-9]+(?:\.[0-9]+)*)?$/;

/** What a masquerade directory has to hold here. */
export function findCompilerNames(): string[] {
  const directories = ['/usr/bin', '/usr/local/bin'].filter((directory) => existsSync(directory));
  const names = directories.flatMap((directory) => readdirSync(directory));
  return [...new Set(names.filter((name) => COMPILER_NAME.test(name)))].sort();
}
