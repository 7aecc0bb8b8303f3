/** Which directories an input root has, and what stands in each: everything but the files' contents. */
import { dirname, relative } from 'node:path/posix';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadFile } from '../includes/file-entry.ts';
import { compareNames, encodeSymlinkNode } from '../wire/reapi/directory.ts';
import type { TreeRequest } from './input-tree.ts';
import type { NativeRefusal } from './native-objection.ts';
import type { RealNames } from './real-names.ts';

/** Each list in the order of its names' bytes. */
export interface DirectoryShape {
  /** Absolute, with a slash behind it. */
  readonly path: string;
  readonly files: readonly { readonly name: string; readonly file: ReadFile }[];
  readonly directories: readonly { readonly name: string; readonly directory: DirectoryShape }[];
  /** Encoded. */
  readonly links: readonly Uint8Array[];
}

export interface TreeShape {
  readonly root: DirectoryShape;
  /** All of the tree. */
  readonly files: readonly ReadFile[];
}

export function shapeOf(names: RealNames, request: TreeRequest): Result<TreeShape, NativeRefusal> {
  const { closure, directory, logicalDirectory, looksAtInodes, withoutBuiltin } = request;
  const omitted = withoutBuiltin ? closure.builtinDirectories.map((name) => `${name}/`) : [];
  const root = new Sketch();
  const files = new Map<string, ReadFile>();
  const resolve = (path: string): string => {
    const { name, links, passed } = names.find(path);
    for (const link of links) root.link(link.name, textOf(link));
    for (const left of passed) root.directory(left);
    return name;
  };
  try {
    root.directory(directory);
    if (resolve(logicalDirectory) !== directory) resolve(directory);
    for (const file of closure.files) {
      if (omitted.some((builtin) => file.entry.path.startsWith(builtin))) continue;
      const name = resolve(file.entry.path);
      if (!files.has(name)) root.file(name, file);
      files.set(name, files.get(name) ?? file);
    }
    for (const { entry } of closure.searchDirectories) root.directory(resolve(entry.path));
    const builtin = withoutBuiltin ? [] : closure.builtinDirectories;
    for (const name of builtin) if (name.startsWith('/')) root.directory(resolve(name));
  } catch (error) {
    if (error instanceof RangeError) return err({ reason: 'link-circle', detail: error.message });
    if (error instanceof NameTaken) return err({ reason: 'unsteady-tree', detail: error.message });
    throw error;
  }
  const all = [...files.values()];
  const hardLink = looksAtInodes ? findHardLink(all) : undefined;
  if (hardLink !== undefined) return err({ reason: 'hard-links', detail: hardLink });
  return ok({ root: root.shape(), files: all });
}

function findHardLink(files: readonly ReadFile[]): string | undefined {
  const seen = new Set<string>();
  for (const { entry } of files) {
    if (seen.has(entry.identityKey)) return entry.path;
    seen.add(entry.identityKey);
  }
  return undefined;
}

/** So that it leads to the same place below any root. */
function textOf({ name, target }: { readonly name: string; readonly target: string }): string {
  return relative(dirname(name), target) || '.';
}

/** A name is a directory and a file at once: somebody changes the tree while we look. */
class NameTaken extends Error {}

/** A directory while names are added to it. */
class Sketch {
  readonly #files = new Map<string, ReadFile>();
  readonly #directories = new Map<string, Sketch>();
  readonly #links = new Map<string, string>();

  file(path: string, file: ReadFile): void {
    const [parent, name] = this.#parentOf(path);
    if (parent.#directories.has(name) || parent.#links.has(name)) throw new NameTaken(path);
    parent.#files.set(name, file);
  }

  link(path: string, target: string): void {
    const [parent, name] = this.#parentOf(path);
    if (parent.#directories.has(name) || parent.#files.has(name)) throw new NameTaken(path);
    parent.#links.set(name, target);
  }

  directory(path: string): Sketch {
    return path === '/'
      ? this
      : path
          .slice(1)
          .split('/')
          .reduce((sketch, name) => sketch.#child(name), this as Sketch);
  }

  shape(path = '/'): DirectoryShape {
    return {
      path,
      files: sorted(this.#files).map(([name, file]) => ({ name, file })),
      directories: sorted(this.#directories).map(([name, sketch]) => ({
        name,
        directory: sketch.shape(`${path}${name}/`),
      })),
      links: sorted(this.#links).map(([name, target]) => encodeSymlinkNode(name, target)),
    };
  }

  #child(name: string): Sketch {
    const child = this.#directories.get(name) ?? new Sketch();
    if (this.#files.has(name) || this.#links.has(name)) throw new NameTaken(name);
    this.#directories.set(name, child);
    return child;
  }

  #parentOf(path: string): [parent: Sketch, name: string] {
    const slash = path.lastIndexOf('/');
    return [this.directory(slash === 0 ? '/' : path.slice(0, slash)), path.slice(slash + 1)];
  }
}

function sorted<T>(table: ReadonlyMap<string, T>): [string, T][] {
  return [...table].sort(([one], [other]) => compareNames(one, other));
}
