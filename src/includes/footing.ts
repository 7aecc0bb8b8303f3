/** What an answer stands on: each file that is read, and each directory in which something was looked for. */
import { Doubt } from './doubt.ts';
import { DirectoryEntry, type Absence, type FileEntry, type ReadFile } from './file-entry.ts';
import { join, type FileTree } from './file-tree.ts';

const MOST_FILES = 100_000;

export class Footing {
  readonly #tree: FileTree;
  readonly #files = new Map<string, ReadFile>();
  readonly #unread = new Set<ReadFile>();
  /** With the generation of which it was when it was looked at first. */
  readonly #generations = new Map<FileEntry | DirectoryEntry, number>();
  readonly #directories = new Set<DirectoryEntry>();
  readonly #missing = new Set<FileEntry>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  get files(): readonly ReadFile[] {
    return [...this.#files.values()];
  }

  /** Those of them of which nothing is seen under that name, because a guard or `#pragma once` hides it. */
  get unread(): ReadonlySet<ReadFile> {
    return this.#unread;
  }

  /** Those that links lead to in vain. */
  get missing(): readonly FileEntry[] {
    return [...this.#missing];
  }

  get directories(): readonly DirectoryEntry[] {
    return [...this.#directories];
  }

  /**
   * @param isHidden nothing of it is seen this time.
   * @throws {Doubt} where a precompiled header may be read in its stead.
   */
  addFile(entry: FileEntry, typed: string, isHidden = false): void {
    const before = this.#files.get(typed);
    if (before !== undefined) {
      if (!isHidden && this.#unread.size > 0) this.#unread.delete(before);
      return;
    }
    if (this.#files.size >= MOST_FILES) throw new Doubt('too-large', typed);
    const read = entry.readAs(typed);
    if (isHidden) this.#unread.add(read);
    this.#files.set(typed, read);
    if (!this.#generations.has(entry)) this.#generations.set(entry, entry.generation);
    this.addDirectory(entry.directory);
    this.#objectToPrecompiled(entry.directory, entry.path);
  }

  /**
   * @param path that leads nowhere; of no file where nothing is said.
   * @throws {Doubt} where a precompiled header may be read in its stead, which needs no plain one beside it.
   */
  addAbsence({ holder, generation, link }: Absence, path = ''): void {
    this.addDirectory(holder, generation);
    if (link instanceof DirectoryEntry) this.addDirectory(link);
    else if (link !== undefined && !this.#missing.has(link)) {
      this.#missing.add(link);
      this.#generations.set(link, link.generation);
    }
    if (path.lastIndexOf('/') === holder.path.length && path.startsWith(holder.path))
      this.#objectToPrecompiled(holder, path);
  }

  addDirectory(directory: DirectoryEntry, generation = directory.generation): void {
    if (this.#directories.has(directory)) return;
    this.#directories.add(directory);
    this.#generations.set(directory, generation);
  }

  /** @throws {Doubt} where something has changed since it was looked at. */
  close(): void {
    for (const [entry, generation] of this.#generations) {
      if (entry.generation !== generation) throw new Doubt('unsteady', entry.path);
    }
  }

  #objectToPrecompiled(directory: DirectoryEntry, path: string): void {
    if (!this.#tree.mayHavePrecompiled(directory)) return;
    const base = path.slice(path.lastIndexOf('/') + 1);
    for (const suffix of ['.gch', '.pch']) {
      const isThere =
        this.#tree.find(directory, base + suffix).file !== undefined ||
        this.#tree.findDirectory(join(directory.path, base + suffix)) instanceof DirectoryEntry;
      if (isThere) throw new Doubt('precompiled-header', path + suffix);
    }
  }
}
