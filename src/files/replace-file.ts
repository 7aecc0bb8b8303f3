/** Writes a file as a whole: who reads it sees the old text or the new one, never half of it. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/**
 * Replaces the file, or makes it with mode 0644, and the directories above it. Where it is a link, what that
 * leads to is replaced.
 *
 * @throws when that cannot be; the old file is as it was then.
 */
export function replaceFile(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const target = existsSync(file) ? realpathSync(file) : file;
  const mode = (statSync(target, { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777;
  const fresh = `${target}.${process.pid}.new`;
  try {
    writeFileSync(fresh, text, { flag: 'wx' });
    chmodSync(fresh, mode);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
