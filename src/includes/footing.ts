/** What an answer stands on: each file that is read, and each directory in which something was looked for. */
import { Doubt } from './doubt.ts';
import { DirectoryEntry, type Absence, type FileEntry } from './file-entry.ts';
import { join, type FileTree } from './file-tree.ts';

/** A file that is read, under one of the names by which the compiler calls it. */
export interface ReadFile {
  readonly entry: FileEntry;
  /** Relative to the directory, where the command says so. */
  readonly typed: string;
}

const MOST_FILES = 100_000;

export class Footing {
  readonly #tree: FileTree;
  readonly #files = new Map<string, ReadFile>();
  /** With the generation of which it was when it was looked at first. */
  readonly #generations = new Map<FileEntry | DirectoryEntry, number>();
  readonly #directories = new Set<DirectoryEntry>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  get files(): readonly ReadFile[] {
    return [...this.#files.values()];
  }

  get directories(): readonly DirectoryEntry[] {
    return [...this.#directories];
  }

  /** @throws {Doubt} where a precompiled header may be read in its stead. */
  addFile(entry: FileEntry, typed: string): void {
    if (this.#files.has(typed)) return;
    if (this.#files.size >= MOST_FILES) throw new Doubt('too-large', typed);
    this.#files.set(typed, { entry, typed });
    if (!this.#generations.has(entry)) this.#generations.set(entry, entry.generation);
    this.addDirectory(entry.directory);
    this.#objectToPrecompiled(entry.directory, entry.path);
  }

  /**
   * @param path that leads nowhere.
   * @throws {Doubt} where a precompiled header may be read in its stead, which needs no plain one beside it.
   */
  addAbsence({ holder, generation }: Absence, path: string): void {
    this.addDirectory(holder, generation);
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
