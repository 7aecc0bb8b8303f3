/**
 * A directory for one process's temporary files, which goes when the process does; and if the process
 * had no time for that, when the next one comes.
 *
 * It is called PREFIX_NAMESPACE_PID_START_RANDOM: the pid namespace (an inode), the pid in it, and when
 * that process began (clock ticks since boot), so that a number used again is not taken for the same
 * process. Directories of other namespaces (containers that share /tmp) are left alone: whether their
 * process lives cannot be seen from here.
 */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';

export interface TempDirectory extends Disposable {
  readonly path: string;
}

/** Makes this process's directory (mode 0700) in `parent`. @throws when `parent` cannot be written. */
export function makeTempDirectory(parent: string, prefix: string): TempDirectory {
  const name = [prefix, pidNamespace(), process.pid, startTime(process.pid) ?? 0, ''].join('_');
  const directory = mkdtempSync(path.join(parent, name));
  return {
    path: directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Removes the directories that processes of this user left behind when they were killed. */
export function removeStaleTempDirectories(parent: string, prefix: string): void {
  const name = new RegExp(`^${prefix}_(\\d+)_(\\d+)_(\\d+)_`);
  for (const entry of readdirSync(parent)) {
    const [, namespace, pid, start] = name.exec(entry) ?? [];
    if (namespace !== pidNamespace() || pid === undefined || startTime(Number(pid)) === start) continue;
    const directory = path.join(parent, entry);
    const stats = lstatSync(directory, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** When the process began; undefined when there is none of that number. Field 22 of proc_pid_stat(5). */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything. A zombie has ended.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
