/**
 * A directory that a box shows as `/`. It is kept after its job and edited into the next one's tree: only Directories
 * that differ are looked at, so jobs with the same headers cost little.
 *
 * Files are hard links to the store's, which nobody can write to in a box. But each has an inode of its own within one
 * root, since compilers take two names of one inode for one file: the second of the same content is a copy, and so is
 * each that has a time of its own.
 */
import {
  chmodSync,
  copyFileSync,
  constants,
  linkSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Digest } from '../base/digest.ts';
import type { TreeDirectory, TreeFile, TreeLink } from './box-tree.ts';

/** Where the content of a file is; undefined where it is not. */
export type FindFile = (digest: Digest) => string | undefined;

type Entry = TreeFile | TreeLink | TreeDirectory;

const NOTHING: TreeDirectory = { kind: 'directory', hash: '', entries: new Map() };

/** The tree cannot be laid out over the toolchain's. */
export class TreeConflict extends Error {}

export class BoxRoot implements Disposable {
  readonly path: string;
  readonly #toolchain: TreeDirectory;
  /** How many files of the root are links to the store's file of that hash: one, or none. */
  readonly #linked = new Set<string>();
  #tree: TreeDirectory = NOTHING;

  /** @param toolchain is laid out first, and stays. `findPart` has its files. */
  constructor(path: string, toolchain: TreeDirectory, findPart: FindFile) {
    this.path = path;
    this.#toolchain = NOTHING;
    mkdirSync(path, { recursive: true, mode: 0o755 });
    for (const name of ['proc', 'dev', TEMPORARY_NAME]) mkdirSync(`${path}/${name}`, { recursive: true });
    this.#edit(path, { before: NOTHING, now: toolchain, fixed: NOTHING }, findPart);
    this.#toolchain = toolchain;
  }

  /** The hash of the tree that it has now. */
  get hash(): string {
    return this.#tree.hash;
  }

  /**
   * Edits it into that tree; after an error it is to be thrown away.
   *
   * @returns what is missing of its files, in which case it is to be edited again.
   */
  become(tree: TreeDirectory, findFile: FindFile): readonly Digest[] {
    const missing = missingFiles(this.#tree, tree, findFile);
    if (missing.length > 0) return missing;
    this.#edit(this.path, { before: this.#tree, now: tree, fixed: this.#toolchain }, findFile);
    this.#tree = tree;
    return [];
  }

  /** A directory to which outputs will be mounted; below the root, whose tree has its parent. */
  makeMountPoint(path: string): void {
    mkdirSync(`${this.path}/${path}`, { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #edit(path: string, { before, now, fixed }: Edit, findFile: FindFile): void {
    if (before.hash === now.hash && before.hash !== '') return;
    for (const [name, old] of before.entries) {
      const next = now.entries.get(name);
      const isFixed = fixed.entries.has(name);
      if (old.kind === 'directory' && (next?.kind === 'directory' || isFixed)) continue;
      if (isFixed || (next !== undefined && isSame(old, next))) continue;
      this.#remove(`${path}/${name}`, old);
    }
    for (const [name, next] of now.entries) this.#put(path, name, { before, next, fixed }, findFile);
    for (const [name, old] of before.entries) {
      const stays = fixed.entries.get(name);
      if (old.kind !== 'directory' || stays?.kind !== 'directory' || now.entries.has(name)) continue;
      this.#edit(`${path}/${name}`, { before: old, now: NOTHING, fixed: stays }, findFile);
    }
  }

  #put(
    path: string,
    name: string,
    { before, next, fixed }: { before: TreeDirectory; next: Entry; fixed: TreeDirectory },
    findFile: FindFile,
  ): void {
    const old = before.entries.get(name);
    const stays = fixed.entries.get(name);
    if (stays !== undefined && (stays.kind === 'directory') !== (next.kind === 'directory'))
      throw new TreeConflict(`${path.slice(this.path.length)}/${name} is something else in the toolchain`);
    if (next.kind === 'directory') {
      const known = old?.kind === 'directory' ? old : NOTHING;
      if (known === NOTHING) mkdirSync(`${path}/${name}`, { recursive: true });
      const below = stays?.kind === 'directory' ? stays : NOTHING;
      return this.#edit(`${path}/${name}`, { before: known, now: next, fixed: below }, findFile);
    }
    if (stays !== undefined || (old !== undefined && isSame(old, next))) return;
    if (next.kind === 'link') symlinkSync(next.target, `${path}/${name}`);
    else this.#place(`${path}/${name}`, next, findFile);
  }

  #place(path: string, file: TreeFile, findFile: FindFile): void {
    const { digest, mtimeSeconds, isExecutable } = file;
    const from = findFile(digest);
    if (digest.sizeBytes === 0) writeFileSync(path, '', { flag: 'wx', mode: isExecutable ? 0o555 : 0o444 });
    else if (from === undefined) throw new Error(`${digest.hash} was there, and is gone`);
    else if (mtimeSeconds !== undefined || this.#linked.has(digest.hash) || !tryLink(from, path))
      copy(from, path, isExecutable);
    else this.#linked.add(digest.hash);
    if (mtimeSeconds !== undefined) utimesSync(path, mtimeSeconds, mtimeSeconds);
  }

  #remove(path: string, entry: Entry): void {
    this.#unlinked(entry);
    if (entry.kind === 'directory') rmSync(path, { recursive: true });
    else unlinkSync(path);
  }

  /** Files with a time of their own are none; of the others a proper tree has each content once. */
  #unlinked(entry: Entry): void {
    if (entry.kind === 'file' && entry.mtimeSeconds === undefined) this.#linked.delete(entry.digest.hash);
    if (entry.kind === 'directory') for (const child of entry.entries.values()) this.#unlinked(child);
  }
}

/** Where compilers have their own temporary files: `/tmp` may have inputs in it. */
export const TEMPORARY_NAME = '.manyhands-tmp';

interface Edit {
  readonly before: TreeDirectory;
  readonly now: TreeDirectory;
  /** What the toolchain has there. */
  readonly fixed: TreeDirectory;
}

function isSame(old: Entry, next: Entry): boolean {
  if (old.kind === 'file' && next.kind === 'file')
    return (
      old.digest.hash === next.digest.hash &&
      old.mtimeSeconds === next.mtimeSeconds &&
      old.isExecutable === next.isExecutable
    );
  return old.kind === 'link' && next.kind === 'link' && old.target === next.target;
}

/** Of the files that will have to be placed. */
function missingFiles(before: TreeDirectory, now: TreeDirectory, findFile: FindFile): readonly Digest[] {
  if (before.hash === now.hash) return [];
  const missing: Digest[] = [];
  for (const [name, next] of now.entries) {
    const old = before.entries.get(name);
    if (next.kind === 'directory')
      missing.push(...missingFiles(old?.kind === 'directory' ? old : NOTHING, next, findFile));
    else if (next.kind === 'file' && next.digest.sizeBytes > 0 && (old === undefined || !isSame(old, next)))
      if (findFile(next.digest) === undefined) missing.push(next.digest);
  }
  return missing;
}

function tryLink(from: string, path: string): boolean {
  try {
    linkSync(from, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another file system, or as many links as it can have.
    if (code === 'EXDEV' || code === 'EMLINK' || code === 'EPERM') return false;
    throw error;
  }
}

function copy(from: string, path: string, isExecutable: boolean): void {
  copyFileSync(from, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  chmodSync(path, isExecutable ? 0o555 : 0o444);
}
