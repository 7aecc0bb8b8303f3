import { statSync } from 'node:fs';

/**
 * Which file it is and as of when: device, inode, length and change of status. An inode alone comes again
 * when a file is replaced.
 *
 * @returns empty where there is no such file, or it cannot be looked at.
 */
export function versionOf(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? '' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.ctimeMs}`;
  } catch {
    return '';
  }
}
