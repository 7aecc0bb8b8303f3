/**
 * Which file a name in an include means.
 *
 * Source: GCC's cpp manual, "Search Path", "Wrapper Headers"; gcc's libcpp/files.cc for what include_next continues
 * from, and for how system headers are called (maybe_shorter_path).
 */
import type { ByteString } from '../base/byte-string.ts';
import type { IncludeWay } from './directive.ts';
import { Doubt } from './doubt.ts';
import type { FileEntry, Lookup } from './file-entry.ts';
import { join, type FileTree } from './file-tree.ts';
import type { Footing } from './footing.ts';
import { asText } from './header-name.ts';
import type { Translation } from './translation.ts';

/** A file as it was found. */
export interface Frame {
  readonly file: FileEntry;
  readonly typed: string;
  /** Where in the search path it was found: BESIDE for the directory of who asked, ABSOLUTE for nowhere. */
  readonly position: number;
  /** Found in a directory of system headers, or beside such a header. */
  readonly isSystem: boolean;
}

/** Where quotes look first. */
interface Beside {
  /** With its slash. */
  readonly directory: string;
  readonly isSystem: boolean;
}

export const BESIDE = -1;
const ABSOLUTE = -2;

export class HeaderSearch {
  readonly #tree: FileTree;
  readonly #translation: Translation;
  readonly #footing: Footing;

  constructor(tree: FileTree, translation: Translation, footing: Footing) {
    this.#tree = tree;
    this.#translation = translation;
    this.#footing = footing;
  }

  /** The source itself. */
  findSource(): Frame {
    const typed = this.#translation.source;
    const { file } = this.#tree.findFile(this.#absolute(typed));
    if (file === undefined) throw new Doubt('no-such-header', typed);
    return { file, typed, position: BESIDE, isSystem: false };
  }

  /** -include and -imacros: first where the command was called, then as in quotes. */
  findNamed(name: string): Frame {
    const found = this.#search(name, { beside: { directory: '', isSystem: false }, from: 0 });
    if (found === undefined) throw new Doubt('no-such-header', name);
    return found;
  }

  /** What the compiler includes by itself. */
  findBuiltin(name: string): Frame | undefined {
    return this.#search(name, { from: this.#translation.search.bracketStart });
  }

  /** @param quoted the name in its quotes or brackets. */
  find(
    way: IncludeWay,
    quoted: ByteString,
    { frame, isMain }: { readonly frame: Frame; readonly isMain: boolean },
  ): Frame | undefined {
    if (!/^(?:"[^]+"|<[^]+>)$/.test(quoted)) throw new Doubt('bad-directive', quoted);
    const name = asText(quoted.slice(1, -1));
    const { isClang, search } = this.#translation;
    if (way === 'include_next' && !isMain && frame.position !== ABSOLUTE) {
      // clang goes on from the start for what stood beside its includer.
      if (frame.position === BESIDE && isClang)
        throw new Doubt('bad-directive', `include_next in ${frame.typed}`);
      return this.#search(name, { from: frame.position + 1 });
    }
    return quoted.startsWith('"')
      ? this.#search(name, {
          beside: { directory: directoryOf(frame.typed), isSystem: frame.isSystem },
          from: 0,
        })
      : this.#search(name, { from: search.bracketStart });
  }

  #absolute(typed: string): string {
    return typed.startsWith('/') ? typed : join(this.#translation.directory, typed);
  }

  #search(
    name: string,
    { beside, from }: { readonly beside?: Beside; readonly from: number },
  ): Frame | undefined {
    if (name.startsWith('/')) {
      const file = this.#note(this.#tree.findFile(name), name);
      return file && { file, typed: name, position: ABSOLUTE, isSystem: false };
    }
    if (beside !== undefined) {
      const typed = beside.directory + name;
      const path = this.#absolute(typed);
      const file = this.#note(this.#tree.findFile(path), path);
      if (file !== undefined) return this.#named(file, typed, { position: BESIDE, ...beside });
    }
    const { directories } = this.#translation.search;
    for (let position = from; position < directories.length; position++) {
      const directory = directories[position];
      if (directory === undefined) break;
      const { entry, typed, isSystem } = directory;
      const file = this.#note(this.#tree.find(entry, name), join(entry.path, name));
      if (file !== undefined) return this.#named(file, join(typed, name), { position, isSystem });
    }
    return undefined;
  }

  #named(
    file: FileEntry,
    typed: string,
    { position, isSystem }: Pick<Frame, 'position' | 'isSystem'>,
  ): Frame {
    const real = isSystem && this.#translation.shortensNames ? this.#tree.realName(file) : typed;
    const isShorter = Buffer.byteLength(real) < Buffer.byteLength(typed);
    return { file, typed: isShorter ? real : typed, position, isSystem };
  }

  #note(lookup: Lookup, path: string): FileEntry | undefined {
    if (lookup.file === undefined) this.#footing.addAbsence(lookup, path);
    return lookup.file;
  }
}

/** With its slash; empty for a name without one. */
function directoryOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1);
}
