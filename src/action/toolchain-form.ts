/** The parts of a compiler as a tree of the Remote Execution API: what names it. */
import { digestOf, type Digest } from '../base/digest.ts';
import {
  compareNames,
  encodeDirectory,
  encodeDirectoryNode,
  encodeFileNode,
  encodeSymlinkNode,
} from '../wire/reapi/directory.ts';

export interface Part {
  readonly digest: Digest;
  readonly isExecutable: boolean;
}

export interface EncodedTree {
  readonly root: Digest;
  /** By hash. */
  readonly directories: ReadonlyMap<string, Uint8Array>;
}

/** @param files and links by their absolute names; links with where they lead. */
export function formToolchain(
  files: ReadonlyMap<string, Part>,
  links: ReadonlyMap<string, string>,
): EncodedTree {
  const root = new Branch();
  for (const [name, part] of files) root.at(name, (branch, base) => branch.files.set(base, part));
  for (const [name, target] of links) root.at(name, (branch, base) => branch.links.set(base, target));
  const directories = new Map<string, Uint8Array>();
  return { root: root.encode(directories), directories };
}

class Branch {
  readonly files = new Map<string, Part>();
  readonly links = new Map<string, string>();
  readonly #branches = new Map<string, Branch>();

  at(name: string, add: (branch: Branch, base: string) => void): void {
    const words = name.split('/').slice(1);
    const base = words.pop() ?? '';
    add(this.#below(words), base);
  }

  #below([word, ...rest]: readonly string[]): Branch {
    if (word === undefined) return this;
    const branch = this.#branches.get(word) ?? new Branch();
    this.#branches.set(word, branch);
    return branch.#below(rest);
  }

  encode(found: Map<string, Uint8Array>): Digest {
    const bytes = encodeDirectory({
      files: sorted(this.files).map(([name, { digest, isExecutable }]) =>
        encodeFileNode(name, digest, { isExecutable }),
      ),
      directories: sorted(this.#branches).map(([name, branch]) =>
        encodeDirectoryNode(name, branch.encode(found)),
      ),
      links: sorted(this.links).map(([name, target]) => encodeSymlinkNode(name, target)),
    });
    const digest = digestOf(bytes);
    found.set(digest.hash, bytes);
    return digest;
  }
}

function sorted<T>(table: ReadonlyMap<string, T>): [string, T][] {
  return [...table].sort(([one], [other]) => compareNames(one, other));
}
