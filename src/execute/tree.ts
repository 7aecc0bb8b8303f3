/**
 * A client's tree of files, judged before anything of it touches the disk.
 *
 * The names are the client's, and the tree is made of them under a private root. Nothing in it may lead
 * out of that root: names are plain, each is used once, nothing lies below a file or a link, and where
 * links lead is followed through the whole tree, as the kernel would. Stock clients keep to all of that:
 * they put files at canonical names, and links beside them.
 *
 * Out of the root lead only links at the compiler's own header directories, to the worker's directory of
 * the same name. A stock client sends them so that an absolute -I/usr/include/x finds it; the worker's
 * headers are taken for the client's.
 */
import type { ByteString } from '../base/byte-string.ts';
import { toText } from '../base/byte-string.ts';
import type { TreeEntry } from '../wire/distcc/tree.ts';

/** Why a tree, or what a command would do in it, is refused. */
export class TreeObjection extends Error {}

export interface TreeFile {
  readonly name: ByteString;
  /** As it came: one LZO1X stream, or nothing. */
  readonly body: Uint8Array;
}

export interface TreeLink {
  readonly name: ByteString;
  readonly target: ByteString;
  /** It leads to the worker's own directory of the same name, whatever the target says. */
  readonly isSystem: boolean;
}

interface Directory {
  readonly kind: 'directory';
  readonly parent: Directory | undefined;
  readonly children: Map<ByteString, Node>;
}

interface LinkNode {
  readonly kind: 'link';
  readonly link: TreeLink;
  readonly parent: Directory;
  place: Place | 'being followed' | undefined;
}

type Node = Directory | { readonly kind: 'file' } | LinkNode;

/** Where a path leads: so many names below that directory, where the tree has nothing more; or off to the worker's headers. */
type Place = { readonly directory: Directory; readonly depth: number } | 'system';

/** Files, links and directories together: so many inodes at most. */
const MOST_NODES = 200_000;
const MOST_COMPONENTS = 256;
const LONGEST_COMPONENT = 255;
/** PATH_MAX, less what the root may need. */
const LONGEST_NAME = 3_500;
/** As the kernel has it. */
const MOST_LINKS_IN_A_ROW = 40;
/** An empty file of this name stands for its directory, in what stock clients send. */
const PLACEHOLDER = '/forcing_technique_271828';
/** The compiler would load such a file as it is, and trust what it says. */
const PRECOMPILED = /\.(gch|pch|pth)$/;
/** Where compilers have their headers. */
const SYSTEM_DIRECTORY = new RegExp(
  [
    '^/usr/(local/)?include(/|$)',
    '^/usr/(local/)?lib(32|64|x32|exec)?/(gcc|gcc-cross|clang|llvm[^/]*)/(.+/)?include(-fixed)?(/|$)',
    String.raw`^/usr/[\w.]+-linux-\w+/(sys-root/usr/)?include(/|$)`,
  ].join('|'),
);

export class Tree {
  /** All there are, parents first. */
  readonly directories: ByteString[] = [];
  readonly files: TreeFile[] = [];
  readonly links: TreeLink[] = [];
  readonly #root: Directory = { kind: 'directory', parent: undefined, children: new Map() };
  readonly #working: Directory;
  #nodes = 0;

  /**
   * `directory` is where the compiler is called.
   *
   * @throws {TreeObjection}
   */
  constructor(entries: readonly TreeEntry[], directory: ByteString) {
    const links = entries.flatMap((entry) => this.#add(entry) ?? []);
    this.#working = this.#makeDirectory(directory, componentsOf(directory));
    for (const link of links) this.#follow(link, 0);
  }

  /**
   * Sees to it that a path, absolute at the client or from its working directory, does not lead out.
   *
   * @throws {TreeObjection}
   */
  assertInside(path: ByteString): void {
    this.#walk(path.startsWith('/') ? this.#root : this.#working, path, 0);
  }

  #add(entry: TreeEntry): LinkNode | undefined {
    const { name } = entry;
    const components = componentsOf(name);
    const last = components.pop();
    if (last === undefined) throw objection(name, 'is no name of a file');
    const parent = this.#makeDirectory(name, components);
    if (name.endsWith(PLACEHOLDER)) return undefined;
    if (parent.children.has(last)) throw objection(name, 'is there twice');
    if (components.concat(last).some((component) => PRECOMPILED.test(component))) {
      throw objection(name, 'is a precompiled header, and these are not taken');
    }
    this.#count();
    if (entry.kind === 'file') {
      this.files.push(entry);
      parent.children.set(last, { kind: 'file' });
      return undefined;
    }
    const isSystem = leadsToSystem(entry);
    const link = { name, target: entry.target, isSystem };
    if (!isSystem && (entry.target === '' || entry.target.includes('\0'))) {
      throw objection(name, 'is a link to what is no path');
    }
    const node: LinkNode = { kind: 'link', link, parent, place: isSystem ? 'system' : undefined };
    this.links.push(link);
    parent.children.set(last, node);
    return node;
  }

  #makeDirectory(name: ByteString, components: readonly ByteString[]): Directory {
    let directory = this.#root;
    for (const [index, component] of components.entries()) {
      const child = directory.children.get(component);
      if (child !== undefined && child.kind !== 'directory') {
        throw objection(name, `is, or lies below, what is a ${child.kind}`);
      }
      const next: Directory = child ?? { kind: 'directory', parent: directory, children: new Map() };
      if (child === undefined) {
        this.#count();
        directory.children.set(component, next);
        this.directories.push(`/${components.slice(0, index + 1).join('/')}`);
      }
      directory = next;
    }
    return directory;
  }

  #count(): void {
    if (++this.#nodes > MOST_NODES) throw new TreeObjection(`it has more than ${MOST_NODES} files`);
  }

  #follow(node: LinkNode, linksInARow: number): Place {
    const { link, parent, place } = node;
    if (place === 'being followed' || linksInARow > MOST_LINKS_IN_A_ROW) {
      throw objection(link.name, 'is a link that leads to itself, or through too many others');
    }
    if (place !== undefined) return place;
    node.place = 'being followed';
    const start = link.target.startsWith('/') ? this.#root : parent;
    return (node.place = this.#walk(start, link.target, linksInARow + 1));
  }

  #walk(start: Directory, path: ByteString, linksInARow: number): Place {
    let place: Place = { directory: start, depth: 0 };
    for (const component of path.split('/')) {
      if (component === '' || component === '.') continue;
      if (component === '..') place = parentOf(place, path);
      else if (place !== 'system') place = this.#enter(place, component, linksInARow);
    }
    return place;
  }

  #enter(place: Exclude<Place, 'system'>, component: ByteString, linksInARow: number): Place {
    const { directory, depth } = place;
    const child = depth === 0 ? directory.children.get(component) : undefined;
    switch (child?.kind) {
      case 'directory':
        return { directory: child, depth: 0 };
      case 'link':
        return this.#follow(child, linksInARow);
      default:
        return { directory, depth: depth + 1 };
    }
  }
}

/** A way back is taken only inside the tree: the worker's headers have links of their own. */
function parentOf(place: Place, path: ByteString): Place {
  if (place !== 'system') {
    const { directory, depth } = place;
    if (depth > 0) return { directory, depth: depth - 1 };
    if (directory.parent !== undefined) return { directory: directory.parent, depth: 0 };
  }
  throw objection(path, 'leads out of the tree that was sent');
}

function componentsOf(name: ByteString): ByteString[] {
  if (name === '/') return [];
  if (!name.startsWith('/') || name.length > LONGEST_NAME || name.includes('\0')) {
    throw objection(name, 'is no absolute name, or too long');
  }
  const components = name.slice(1).split('/');
  const isPlain = (component: ByteString): boolean =>
    component !== '' && component !== '.' && component !== '..' && component.length <= LONGEST_COMPONENT;
  if (components.length > MOST_COMPONENTS || !components.every(isPlain)) {
    throw objection(name, 'is not a plain name');
  }
  return components;
}

/** Whether it climbs out of any root, to a directory of headers that has the link's own name. */
function leadsToSystem({ name, target }: { name: ByteString; target: ByteString }): boolean {
  const [, climb = '', rest] = /^((?:\.\.\/)+)(.*)$/s.exec(target) ?? [];
  const levels = name.split('/').length - 1;
  return `/${rest}` === name && climb.length / '../'.length > levels && SYSTEM_DIRECTORY.test(name);
}

function objection(name: ByteString, what: string): TreeObjection {
  const text = toText(name);
  const quoted = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  return new TreeObjection(`${quoted} ${what}`);
}
