/**
 * State files that are used again: one for each job that is shown, which is renamed when its job begins and
 * when it ends.
 *
 * Why not made and removed each time: a disk's file system looks for an inode then. On ext4 that was 0.02 to
 * 0.8 ms of processor time a file, more with each one that had just been removed; a write of 296 bytes and
 * two renames are 0.02 ms. And nobody ever sees a file that is empty or half written.
 */
import { closeSync, constants, existsSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { STATE_FILE_PREFIX } from '../wire/monitor/state-file.ts';
import { makeStateDirectory, spareNameOf, stateDirectoryOf } from './state-directory.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** More jobs than these are not shown. */
const FILES_MAX = 500;

let serial = 0;

/**
 * One file. It is open only while it is written: the directory may be somebody's to unmount. All but
 * `isThere` and disposing throw when the disk says no.
 */
export class StateFile implements Disposable {
  readonly #directory: string;
  readonly #spareName: string;
  #name: string;

  constructor(directory: string, mode: number) {
    this.#directory = directory;
    this.#spareName = path.join(directory, spareNameOf(serial++));
    this.#name = this.#spareName;
    const ours = process.umask(0);
    try {
      closeSync(openSync(this.#name, O_WRONLY | O_CREAT | O_EXCL, mode));
    } finally {
      process.umask(ours);
    }
  }

  /** False when somebody has removed it. */
  get isThere(): boolean {
    return existsSync(this.#name);
  }

  show(pid: number, bytes: Uint8Array): void {
    const fd = openSync(this.#name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      writeSync(fd, bytes);
    } finally {
      closeSync(fd);
    }
    this.#rename(path.join(this.#directory, `${STATE_FILE_PREFIX}${pid}`));
  }

  hide(): void {
    this.#rename(this.#spareName);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    try {
      unlinkSync(this.#name);
    } catch {
      // Somebody else has removed it, or the disk is gone: it is no job's trouble.
    }
  }

  #rename(name: string): void {
    if (name === this.#name) return;
    renameSync(this.#name, name);
    this.#name = name;
  }
}

export class StateFilePool implements Disposable {
  readonly #distccDir: string;
  readonly #spare: StateFile[] = [];
  readonly #used = new Set<StateFile>();

  constructor(distccDir: string) {
    this.#distccDir = distccDir;
  }

  /**
   * @returns undefined when too many are in use.
   * @throws when none can be made.
   */
  acquire(): StateFile | undefined {
    if (this.#used.size >= FILES_MAX) return undefined;
    const file = this.#findSpare() ?? this.#make();
    this.#used.add(file);
    return file;
  }

  /** Takes it back. One that cannot be hidden any more is given up. */
  release(file: StateFile): void {
    this.#used.delete(file);
    try {
      file.hide();
      this.#spare.push(file);
    } catch {
      file[Symbol.dispose]();
    }
  }

  /** Removes all files; the next one is made anew. */
  [Symbol.dispose](): void {
    for (const file of [...this.#used, ...this.#spare.splice(0)]) file[Symbol.dispose]();
    this.#used.clear();
  }

  #findSpare(): StateFile | undefined {
    for (let file = this.#spare.pop(); file !== undefined; file = this.#spare.pop()) {
      if (file.isThere) return file;
      file[Symbol.dispose]();
    }
    return undefined;
  }

  #make(): StateFile {
    const mode = makeStateDirectory(this.#distccDir);
    return new StateFile(stateDirectoryOf(this.#distccDir), mode);
  }
}
