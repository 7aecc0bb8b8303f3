/**
 * `DISTCC_DIR/state`, where jobs leave word of what they do for monitors: made, and swept of what nobody
 * keeps up to date any more.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, opendirSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** A file that is older says nothing. Source: distcc src/mon.c, dcc_mon_kill_old and its limit. */
export const STATE_MAX_AGE_MS = 60_000;

/** What a sweep looks at, at most. */
const SWEPT_MAX = 4096;

export function stateDirectoryOf(distccDir: string): string {
  return path.join(distccDir, 'state');
}

/**
 * Makes it if it is not there, open to whom DISTCC_DIR is open: a group or all may share that one. Not
 * DISTCC_DIR itself: the launcher has tried, and a resolved name would make another agent.
 *
 * @returns the mode for files in it.
 * @throws when it cannot be made.
 */
export function makeStateDirectory(distccDir: string): number {
  const directory = stateDirectoryOf(distccDir);
  try {
    mkdirSync(directory);
    chmodSync(directory, statSync(distccDir).mode & 0o7777);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return statSync(directory).mode & 0o666;
}

/** What a file of this process is called while it stands for no job. */
export function spareNameOf(serial: number): string {
  return `manyhands_${process.pid}_${serial}`;
}

/**
 * Removes what was left behind by processes that were killed: files of processes that are no more, and
 * what is said of a job but was not said again for a minute. Not those of jobs in `own`, whose processes may be in another pid
 * namespace.
 *
 * @throws when the directory cannot be read.
 */
export function sweepStateDirectory(distccDir: string, own: ReadonlySet<number>): void {
  const directory = stateDirectoryOf(distccDir);
  if (!existsSync(directory)) return;
  const oldestMs = Date.now() - STATE_MAX_AGE_MS;
  using entries = opendirSync(directory);
  for (let seen = 0; seen < SWEPT_MAX; seen++) {
    const entry = entries.readSync();
    if (entry === null) return;
    const file = path.join(directory, entry.name);
    if (isLeftOver(file, oldestMs, own)) removeIfThere(file);
  }
}

/** Any process, of whatever user. */
export function isProcessThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isLeftOver(file: string, oldestMs: number, own: ReadonlySet<number>): boolean {
  const [, kind, pid] = /^(binstate|manyhands)_(\d{1,9})(?:_\d+)?$/.exec(path.basename(file)) ?? [];
  if (pid === undefined || (kind === 'binstate' && own.has(Number(pid)))) return false;
  if (!isProcessThere(Number(pid))) return true;
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return kind === 'binstate' && stats !== undefined && stats.mtimeMs < oldestMs;
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Somebody else has, or it is not ours to remove: monitors do not show it anyway.
  }
}
