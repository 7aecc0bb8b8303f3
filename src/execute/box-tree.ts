/** A tree of Directories as a box lays it out: read from the store, checked, and remembered by digest. */
import { fromBinary } from '@bufbuild/protobuf';
import { isDigest, type Digest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { objectionToDirectory } from '../wire/reapi/canonical.ts';
import { DirectorySchema } from '../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import type { MissingBlobs } from './box.ts';

export interface TreeFile {
  readonly kind: 'file';
  readonly digest: Digest;
  readonly isExecutable: boolean;
  /** In seconds since 1970, where it matters. */
  readonly mtimeSeconds: number | undefined;
}

export interface TreeLink {
  readonly kind: 'link';
  readonly target: string;
}

/** One directory, without what is below its directories. */
export interface TreeDirectory {
  readonly kind: 'directory';
  readonly hash: string;
  readonly entries: ReadonlyMap<string, TreeFile | TreeLink | TreeDirectory>;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly message: string;
}

const MOST_REMEMBERED = 20_000;
const MOST_DEPTH = 256;
const MOST_ENTRIES = 200_000;

export class BoxTrees {
  readonly #blobs: BlobStore;
  /** Whole ones, with all that is below them. */
  readonly #known = new Map<string, TreeDirectory>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** The tree below `root`; or all that is missing of its Directories, as far as they can be reached. */
  async read(root: Digest): Promise<Result<TreeDirectory, MissingBlobs | Refusal>> {
    const reading = new Reading(this.#blobs, this.#known);
    const tree = await reading.read(root, 0);
    if (reading.objection !== undefined) return err({ kind: 'refused', message: reading.objection });
    if (tree === undefined) return err({ kind: 'missing-blobs', digests: reading.missing });
    if (this.#known.size + reading.found.size > MOST_REMEMBERED) this.#known.clear();
    for (const [hash, directory] of reading.found) this.#known.set(hash, directory);
    return ok(tree);
  }
}

class Reading {
  readonly missing: Digest[] = [];
  readonly found = new Map<string, TreeDirectory>();
  objection: string | undefined;
  readonly #blobs: BlobStore;
  readonly #known: ReadonlyMap<string, TreeDirectory>;
  #entries = 0;

  constructor(blobs: BlobStore, known: ReadonlyMap<string, TreeDirectory>) {
    this.#blobs = blobs;
    this.#known = known;
  }

  /** undefined where something is in the way. */
  async read(digest: Digest, depth: number): Promise<TreeDirectory | undefined> {
    const known = this.#known.get(digest.hash) ?? this.found.get(digest.hash);
    if (known !== undefined) return known;
    const bytes = await this.#blobs.read(digest);
    if (bytes === undefined) {
      this.missing.push(digest);
      return undefined;
    }
    const message = decode(bytes);
    this.#entries +=
      message === undefined ? 0 : message.files.length + message.directories.length + message.symlinks.length;
    const objection =
      message === undefined ? `${digest.hash} is no Directory` : objectionToDirectory(message);
    this.objection ??=
      objection ?? (depth > MOST_DEPTH || this.#entries > MOST_ENTRIES ? 'the tree is too large' : undefined);
    if (message === undefined || this.objection !== undefined) return undefined;

    const entries = new Map<string, TreeFile | TreeLink | TreeDirectory>();
    for (const { name, digest: named, isExecutable, nodeProperties } of message.files) {
      const mtime = nodeProperties?.mtime;
      const mtimeSeconds = mtime && Number(mtime.seconds) + mtime.nanos / 1e9;
      entries.set(name, { kind: 'file', digest: this.#digest(named), isExecutable, mtimeSeconds });
    }
    for (const { name, target } of message.symlinks) entries.set(name, { kind: 'link', target });
    let isWhole = true;
    for (const { name, digest: named } of message.directories) {
      const child = await this.read(this.#digest(named), depth + 1);
      if (child === undefined) isWhole = false;
      else entries.set(name, child);
    }
    if (!isWhole || this.objection !== undefined) return undefined;
    const directory: TreeDirectory = { kind: 'directory', hash: digest.hash, entries };
    this.found.set(digest.hash, directory);
    return directory;
  }

  #digest(message: { hash: string; sizeBytes: bigint } | undefined): Digest {
    const digest = { hash: message?.hash ?? '', sizeBytes: Number(message?.sizeBytes ?? 0n) };
    if (!isDigest(digest)) this.objection ??= 'a node of the tree has no proper digest';
    return digest;
  }
}

function decode(bytes: Uint8Array) {
  try {
    return fromBinary(DirectorySchema, bytes);
  } catch {
    return undefined;
  }
}
