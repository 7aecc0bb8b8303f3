/**
 * Roots that wait for their next job, by toolchain: the one that was used last is the next, because its headers are most
 * like those that come. The toolchain's own files are copied here once, and linked from each root.
 */
import { copyFile, chmod } from 'node:fs/promises';
import { constants, mkdirSync } from 'node:fs';
import { digestOf, type Digest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import { MemoryBlobs } from '../store/memory-store.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';
import { BoxRoot } from './box-root.ts';
import { BoxTrees, type TreeDirectory } from './box-tree.ts';

/** A toolchain whose files are here. */
interface Base {
  readonly tree: TreeDirectory;
  readonly directory: string;
  readonly idle: BoxRoot[];
}

const MOST_BASES = 20;
const MOST_DIRECTORIES_BYTES = 64 << 20;

let serial = 0;

export class BoxPool {
  readonly #directory: string;
  readonly #mostIdle: number;
  /** By the hash of their roots; in the order of their use. */
  readonly #bases = new Map<string, Promise<Result<Base, string>>>();

  /** @param directory for all of it; the owner's to remove. */
  constructor(directory: string, mostIdle: number) {
    this.#directory = directory;
    this.#mostIdle = mostIdle;
  }

  /** A root for one job, with the toolchain in it; the error is a sentence. */
  async take(toolchain: ToolchainTree): Promise<Result<BoxRoot, string>> {
    const { hash } = toolchain.root;
    const known = this.#bases.get(hash);
    const making = known ?? makeBase(`${this.#directory}/toolchain-${serial++}`, toolchain);
    this.#bases.delete(hash);
    this.#bases.set(hash, making);
    if (known === undefined) this.#forgetOldest();
    const base = await making;
    if (!base.ok) {
      this.#bases.delete(hash);
      return base;
    }
    const { tree, directory, idle } = base.value;
    return ok(idle.pop() ?? new BoxRoot(`${this.#directory}/root-${serial++}`, tree, partIn(directory)));
  }

  /** Takes a root back that is whole. */
  async giveBack(toolchain: ToolchainTree, root: BoxRoot): Promise<void> {
    const base = await this.#bases.get(toolchain.root.hash);
    if (base?.ok !== true || base.value.idle.length >= this.#mostIdle) return root[Symbol.dispose]();
    base.value.idle.push(root);
  }

  #forgetOldest(): void {
    const [oldest] = this.#bases;
    if (this.#bases.size <= MOST_BASES || oldest === undefined) return;
    this.#bases.delete(oldest[0]);
    void oldest[1].then((base) => {
      if (base.ok) for (const root of base.value.idle) root[Symbol.dispose]();
    });
  }
}

/** Executable or not: whoever can read a library may map it. */
const PART_MODE = 0o555;

async function makeBase(directory: string, toolchain: ToolchainTree): Promise<Result<Base, string>> {
  try {
    const tree = await readTree(toolchain);
    mkdirSync(directory, { mode: 0o755 });
    for (const [hash, file] of toolchain.files) {
      const copy = `${directory}/${hash}`;
      await copyFile(file, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await chmod(copy, PART_MODE);
    }
    return ok({ tree, directory, idle: [] });
  } catch (error) {
    return err(`Cannot lay out ${toolchain.version}: ${(error as Error).message}`);
  }
}

async function readTree({ root, directories }: ToolchainTree): Promise<TreeDirectory> {
  const blobs = new MemoryBlobs(MOST_DIRECTORIES_BYTES);
  for (const bytes of directories.values()) await blobs.write(digestOf(bytes), bytes);
  const tree = await new BoxTrees(blobs).read(root);
  if (!tree.ok) throw new Error('its tree is not whole');
  return tree.value;
}

function partIn(directory: string): (digest: Digest) => string {
  return ({ hash }) => `${directory}/${hash}`;
}
