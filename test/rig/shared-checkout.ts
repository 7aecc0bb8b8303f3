/**
 * A daemon that root starts becomes another user, who must be able to read its program. A checkout may
 * stand where only its owner can enter; then tests take a copy that everybody can read, or stay who they are.
 */
import { chmodSync, constants, copyFileSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');
const FOR_OTHERS_TO_ENTER = 0o001;

/** Whether other users can get at this checkout and at the Node that runs. */
export const IS_CHECKOUT_SHARED = [ROOT, path.dirname(process.execPath)].every(canOthersEnter);

/** What `distccd` must be told to be startable by root from this checkout. */
export const USER_OPTIONS: readonly string[] =
  process.getuid?.() === 0 && !IS_CHECKOUT_SHARED ? ['--user', 'root'] : [];

export interface SharedProgram {
  readonly node: string;
  readonly worker: string;
}

let copied: SharedProgram | undefined;

/** Node and the worker's source where everybody can read them; a copy lasts as long as this process. */
export function findSharedProgram(): SharedProgram {
  if (IS_CHECKOUT_SHARED) {
    return { node: process.execPath, worker: path.join(ROOT, 'src', 'cli', 'distccd.ts') };
  }
  copied ??= copyProgram();
  return copied;
}

function copyProgram(): SharedProgram {
  const directory = mkdtempSync(path.join(tmpdir(), 'manyhands-shared-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const node = path.join(directory, 'node');
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
  copyFileSync(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  cpSync(path.join(ROOT, 'src'), path.join(directory, 'src'), { recursive: true });
  return { node, worker: path.join(directory, 'src', 'cli', 'distccd.ts') };
}

function canOthersEnter(directory: string): boolean {
  if ((statSync(directory).mode & FOR_OTHERS_TO_ENTER) === 0) return false;
  const parent = path.dirname(directory);
  return parent === directory || canOthersEnter(parent);
}
