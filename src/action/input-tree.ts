/**
 * The input root of a compile: the client's `/`, with just the files that it reads, as Directories of the Remote
 * Execution API.
 *
 * Files stand at their real names, and each symbolic link on the way to one is a link there as well, so that two names
 * of one file are one file on the worker, too. Files of equal content say when they were modified, because gcc takes
 * them for one (`#pragma once`) only if that is equal as well.
 *
 * What is the same for each job with these files, the shape, is made once per closure. Of a job in which one
 * file has changed only the directories on the way to it are encoded anew.
 */
import { digestOf, type Digest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { Content } from '../includes/content.ts';
import type { ReadFile } from '../includes/file-entry.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';
import {
  encodeDirectory,
  encodeDirectoryNode,
  encodeFileNode,
  type Timestamp,
} from '../wire/reapi/directory.ts';
import { shapeOf, type DirectoryShape, type TreeShape } from './directory-shape.ts';
import type { NativeRefusal } from './native-objection.ts';
import { RealNames } from './real-names.ts';

export interface InputTree {
  readonly root: Digest;
  /** All of them, each once; the same objects as long as they say the same. */
  readonly directories: readonly Blob[];
  readonly files: readonly Blob[];
}

export interface TreeRequest {
  readonly closure: Closure;
  /** Where the compiler is called; absolute, through no link. */
  readonly directory: string;
  /** The same as the caller names it. */
  readonly logicalDirectory: string;
  /** Changes when some name may lead elsewhere than before. */
  readonly epoch: number;
  /** Whether two names of one inode cannot be told apart from two files; so for clang. */
  readonly looksAtInodes: boolean;
  /** Without the files in the compiler's own directories, which are to be there already. */
  readonly withoutBuiltin: boolean;
}

/** One directory as it was encoded last. */
interface Encoded {
  /** Of its own files, in their order. */
  readonly contents: readonly Content[];
  readonly mtimes: readonly (Timestamp | undefined)[];
  readonly children: readonly Blob[];
  readonly blob: Blob;
}

interface Grown {
  readonly shape: TreeShape;
  readonly epoch: number;
  readonly encoded: Map<DirectoryShape, Encoded>;
  tree: InputTree | undefined;
  /** Of the encoded Directories. */
  bytes: number;
  contents: readonly Content[];
  /** Of files whose content another one has. */
  mtimes: ReadonlyMap<ReadFile, Timestamp>;
}

export class InputTrees {
  readonly #names: RealNames;
  readonly #grown = new WeakMap<Closure, Map<string, Grown>>();
  readonly #mostBytes: number;
  /** Those with Directories, in the order of their use. */
  readonly #encoded = new Set<Grown>();
  #bytes = 0;
  #epoch = 0;

  /**
   * @param linkAt gives a symbolic link's text; undefined for what is none.
   * @param mostBytes of encoded Directories, which are made again when they are needed.
   */
  constructor(linkAt: (path: string) => string | undefined, mostBytes = MOST_BYTES) {
    this.#names = new RealNames(linkAt);
    this.#mostBytes = mostBytes;
  }

  grow(request: TreeRequest): Result<InputTree, NativeRefusal> {
    const found = this.#find(request);
    if (!found.ok) return found;
    const grown = found.value;
    this.#forget(grown);
    const tree = treeOf(grown);
    grown.bytes = tree.directories.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#encoded.add(grown);
    this.#bytes += grown.bytes;
    for (const oldest of this.#encoded) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#forget(oldest);
      oldest.encoded.clear();
      oldest.tree = undefined;
    }
    return ok(tree);
  }

  #forget(grown: Grown): void {
    if (this.#encoded.delete(grown)) this.#bytes -= grown.bytes;
  }

  #find(request: TreeRequest): Result<Grown, NativeRefusal> {
    const { closure, directory, logicalDirectory, epoch, withoutBuiltin } = request;
    const key = `${directory}\0${logicalDirectory}\0${withoutBuiltin}`;
    const known = this.#grown.get(closure);
    const before = known?.get(key);
    if (before?.epoch === epoch) return ok(before);
    if (this.#epoch !== epoch) this.#names.clear();
    this.#epoch = epoch;
    const shape = shapeOf(this.#names, request);
    if (!shape.ok) return err(shape.error);
    const grown: Grown = {
      shape: shape.value,
      epoch,
      encoded: new Map(),
      tree: undefined,
      bytes: 0,
      contents: [],
      mtimes: new Map(),
    };
    // A closure has one directory, or the few through which a build calls it.
    if (known === undefined || known.size >= MOST_DIRECTORIES)
      this.#grown.set(closure, new Map([[key, grown]]));
    else known.set(key, grown);
    return ok(grown);
  }
}

const MOST_DIRECTORIES = 10;
/** A source with 100 headers has some 30 Directories. */
const MOST_BYTES = 64 << 20;

function treeOf(grown: Grown): InputTree {
  const { shape } = grown;
  const contents = shape.files.map(({ entry }) => entry.content);
  const isSame =
    grown.tree !== undefined && contents.every((content, index) => content === grown.contents[index]);
  if (isSame && areSame(grown.mtimes, shape.files)) return grown.tree as InputTree;
  grown.contents = contents;
  grown.mtimes = twinsOf(shape.files);
  const directories: Blob[] = [];
  const { digest } = encode(shape.root, grown, directories);
  grown.tree = { root: digest, directories, files: contents };
  return grown.tree;
}

/** Whether the twins were modified when they were before. */
function areSame(mtimes: ReadonlyMap<ReadFile, Timestamp>, files: readonly ReadFile[]): boolean {
  if (mtimes.size === 0) return true;
  return files.every((file) => {
    const before = mtimes.get(file);
    return before === undefined || isSameTime(before, mtimeOf(file));
  });
}

/** When the files were modified whose content is there twice. */
function twinsOf(files: readonly ReadFile[]): ReadonlyMap<ReadFile, Timestamp> {
  const byHash = new Map<string, ReadFile>();
  const twins = new Map<ReadFile, Timestamp>();
  for (const file of files) {
    const { hash } = file.entry.content.digest;
    const other = byHash.get(hash);
    byHash.set(hash, file);
    if (other === undefined) continue;
    twins.set(file, mtimeOf(file)).set(other, mtimeOf(other));
  }
  return twins;
}

function mtimeOf({ entry }: ReadFile): Timestamp {
  const seconds = Math.floor(entry.stat.mtimeMs / 1000);
  // In whole microseconds: that much a number of milliseconds has.
  const micros = Math.floor((entry.stat.mtimeMs - seconds * 1000) * 1000);
  return { seconds: BigInt(seconds), nanos: Math.min(Math.max(micros, 0), 999_999) * 1000 };
}

function isSameTime(one: Timestamp, other: Timestamp): boolean {
  return one.seconds === other.seconds && one.nanos === other.nanos;
}

/** Encodes what has changed, from below; adds all directories to `found`. */
function encode(directory: DirectoryShape, grown: Grown, found: Blob[]): Blob {
  const children = directory.directories.map(({ directory }) => encode(directory, grown, found));
  const contents = directory.files.map(({ file }) => file.entry.content);
  const mtimes = directory.files.map(({ file }) => grown.mtimes.get(file));
  const before = grown.encoded.get(directory);
  if (before !== undefined && isSameEncoding(before, { contents, mtimes, children })) {
    found.push(before.blob);
    return before.blob;
  }
  const bytes = encodeDirectory({
    files: directory.files.map(({ name, file }, index) => nodeOf(name, file.entry.content, mtimes[index])),
    directories: directory.directories.map(({ name }, index) => {
      const child = children[index];
      if (child === undefined) throw new Error(`${name} has no digest`);
      return encodeDirectoryNode(name, child.digest);
    }),
    links: directory.links,
  });
  const blob = { digest: digestOf(bytes), bytes, place: directory.path };
  grown.encoded.set(directory, { contents, mtimes, children, blob });
  found.push(blob);
  return blob;
}

function isSameEncoding(before: Encoded, now: Omit<Encoded, 'blob'>): boolean {
  return (
    now.contents.every((content, index) => content === before.contents[index]) &&
    now.children.every((child, index) => child === before.children[index]) &&
    now.mtimes.every((mtime, index) => {
      const other = before.mtimes[index];
      return mtime === other || (mtime !== undefined && other !== undefined && isSameTime(mtime, other));
    })
  );
}

/** A header is in the trees of many sources. */
const nodes = new WeakMap<Content, Map<string, Uint8Array>>();

function nodeOf(name: string, content: Content, mtime: Timestamp | undefined): Uint8Array {
  if (mtime !== undefined) return encodeFileNode(name, content.digest, { mtime });
  let byName = nodes.get(content);
  if (byName === undefined) {
    byName = new Map();
    nodes.set(content, byName);
  }
  let node = byName.get(name);
  if (node === undefined) {
    node = encodeFileNode(name, content.digest);
    byName.set(name, node);
  }
  return node;
}
