import { accessSync, constants, statSync } from 'node:fs';

/** Whether it is a file that may be run; false where it cannot be looked at. */
export function isExecutableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
