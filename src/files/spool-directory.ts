/**
 * A private directory for texts that live for milliseconds: in memory where that can be had, because
 * a disk's file system has to find, write and free an inode and blocks for each, on the way of every compile.
 */
import { lstatSync, mkdirSync, rmSync, statfsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { TempDirectories } from './temp-directories.ts';

/** statfs(2), TMPFS_MAGIC. */
const TMPFS = 0x0102_1994;
/** A container's shared memory may be so small that a few texts fill it. */
const ROOM_MIN_BYTES = 256 << 20;

/** A directory of mode 0700, empty at first; disposing removes it with all that is in it. */
export class SpoolDirectory implements Disposable {
  readonly path: string;
  /** Leads to `path` when that is in shared memory, for whoever looks for it here. */
  readonly #link: string | undefined;

  /**
   * @param beside where to make it, or to leave a link to where it is instead.
   * @param sharedMemory where memory is to be had, if not there already.
   * @throws when it cannot be made.
   */
  constructor(beside: string, sharedMemory = '/dev/shm') {
    remove(beside);
    const isInMemory = isRoomyMemory(path.dirname(beside));
    const inMemory = isInMemory ? undefined : makeInMemory(sharedMemory);
    if (inMemory === undefined) mkdirSync(beside, { mode: 0o700 });
    else symlinkSync(inMemory, beside);
    this.path = inMemory ?? beside;
    this.#link = inMemory === undefined ? undefined : beside;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
    if (this.#link !== undefined) rmSync(this.#link, { force: true });
  }
}

/** Undefined where there is no memory to be had. */
function makeInMemory(sharedMemory: string): string | undefined {
  if (!isRoomyMemory(sharedMemory)) return undefined;
  try {
    return new TempDirectories(sharedMemory, 'manyhands').make().path;
  } catch {
    return undefined;
  }
}

/** rmSync() with `force` would fail on a name that is a link to nothing. */
function remove(name: string): void {
  if (lstatSync(name, { throwIfNoEntry: false }) !== undefined) rmSync(name, { recursive: true });
}

function isRoomyMemory(directory: string): boolean {
  try {
    const { type, bavail, bsize } = statfsSync(directory);
    return type === TMPFS && bavail * bsize >= ROOM_MIN_BYTES;
  } catch {
    return false;
  }
}
