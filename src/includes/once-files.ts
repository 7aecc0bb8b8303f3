/**
 * Files that are not to be read once more: `#pragma once`, `#import`.
 *
 * gcc takes copies of the same age (in seconds) for the same file, clang does not; on another machine, where
 * ages are others, both do not. So copies are a doubt.
 *
 * Source: gcc's libcpp/files.cc, is_known_idempotent_file and has_unique_contents; clang's HeaderSearch,
 * ShouldEnterIncludeFile.
 */
import { Doubt } from './doubt.ts';
import type { FileEntry } from './file-entry.ts';

export class OnceFiles {
  /** By device and inode. */
  readonly #once = new Map<string, FileEntry>();
  readonly #onceByAge = new Map<string, FileEntry>();
  readonly #entered = new Map<string, FileEntry>();
  #hasTwins = false;

  /** Whether it matters which names are the same file. */
  get hasTwins(): boolean {
    return this.#hasTwins;
  }

  add(file: FileEntry): void {
    this.#once.set(file.identityKey, file);
    this.#onceByAge.set(ageOf(file), file);
  }

  /** Says that a file is read. */
  enter(file: FileEntry): void {
    this.#entered.set(file.identityKey, file);
  }

  /** Whether it is not to be read any more. */
  has(file: FileEntry): boolean {
    if (this.#once.size === 0) return false;
    const done = this.#once.get(file.identityKey);
    if (done === undefined) {
      this.#objectToCopy(file, this.#onceByAge.get(ageOf(file)));
      return false;
    }
    if (done !== file) this.#hasTwins = true;
    return true;
  }

  /** The same for #import, which is satisfied by what was read in any way. */
  import(file: FileEntry): boolean {
    const done = this.#entered.get(file.identityKey);
    if (done !== undefined && done !== file) this.#hasTwins = true;
    if (done === undefined) {
      for (const other of this.#entered.values()) {
        if (ageOf(other) === ageOf(file)) this.#objectToCopy(file, other);
      }
    }
    const isDone = this.has(file) || done !== undefined;
    this.add(file);
    return isDone;
  }

  #objectToCopy(file: FileEntry, other: FileEntry | undefined): void {
    if (other !== undefined && other.content.digest.hash === file.content.digest.hash)
      throw new Doubt('same-header-twice', file.path);
  }
}

function ageOf({ stat }: FileEntry): string {
  return `${stat.size}:${Math.floor(stat.mtimeMs / 1000)}`;
}
