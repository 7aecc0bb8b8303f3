/**
 * Directories for a process's temporary files, which go when they have been used; at the latest when the
 * process goes, and if it had no time for that, when the next one comes.
 *
 * Each is called PREFIX_NAMESPACE_PID_START_RANDOM: the pid namespace (an inode), the pid in it, and when
 * that process began (clock ticks since boot), so that a number used again is not taken for the same
 * process. Directories of other namespaces (containers that share /tmp) are left alone: whether their
 * process lives cannot be seen from here.
 */
import {
  accessSync,
  constants,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { parseStartTime } from '../base/proc-stat.ts';

export interface TempDirectory extends Disposable {
  readonly path: string;
}

export class TempDirectories implements Disposable {
  readonly #parent: string;
  readonly #name: string;
  readonly #live = new Set<string>();
  readonly #areKept: boolean;

  /**
   * Removes what processes of this user, with the same prefix, left behind when they were killed.
   *
   * With `areKept` the new ones stay, under a name that the next process does not know as one of its own.
   *
   * @throws when nothing can be written into `parent`.
   */
  constructor(parent: string, prefix: string, { areKept = false } = {}) {
    this.#parent = path.resolve(parent);
    this.#areKept = areKept;
    this.#name = [
      areKept ? `${prefix}-saved` : prefix,
      pidNamespace(),
      process.pid,
      startTime(process.pid) ?? 0,
      '',
    ].join('_');
    accessSync(this.#parent, constants.R_OK | constants.W_OK | constants.X_OK);
    removeStale(this.#parent, prefix);
  }

  /** A new directory, mode 0700. */
  make(): TempDirectory {
    const directory = mkdtempSync(path.join(this.#parent, this.#name));
    if (this.#areKept) return { path: directory, [Symbol.dispose]: () => {} };
    this.#live.add(directory);
    return {
      path: directory,
      [Symbol.dispose]: () => {
        this.#live.delete(directory);
        remove(directory);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const directory of this.#live) remove(directory);
    this.#live.clear();
  }
}

/** Tries again where a process that was just killed makes its last file. */
function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

function removeStale(parent: string, prefix: string): void {
  const name = new RegExp(`^${prefix}_(\\d+)_(\\d+)_(\\d+)_`);
  for (const entry of readdirSync(parent)) {
    const [, namespace, pid, start] = name.exec(entry) ?? [];
    if (namespace !== pidNamespace() || pid === undefined || startTime(Number(pid)) === start) continue;
    const directory = path.join(parent, entry);
    const stats = lstatSync(directory, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    try {
      remove(directory);
    } catch {
      // It is no worse than before, and no reason not to work.
    }
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** When the process began; undefined when there is none of that number. */
function startTime(pid: number): string | undefined {
  try {
    return parseStartTime(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}
