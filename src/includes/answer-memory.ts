/** Answers for commands, with what each stands on. */
import type { DoubtReason } from './doubt.ts';
import type { DirectoryEntry, FileEntry, ReadFile } from './file-entry.ts';
import type { FileTree } from './file-tree.ts';
import type { SearchDirectory } from './search-path.ts';
import type { Walked } from './walk.ts';

/** All files that a compile will read. The same object as long as the answer is the same. */
export interface Closure {
  readonly files: readonly ReadFile[];
  /** Those of them of which nothing is seen under that name. */
  readonly unread: ReadonlySet<ReadFile>;
  /** Those of the command and of the compiler that are there. */
  readonly searchDirectories: readonly SearchDirectory[];
  /** The compiler's own. */
  readonly builtinDirectories: readonly string[];
  /** Headers that the compiler includes by itself, by their names in brackets. */
  readonly preincluded: readonly string[];
  readonly marks: ReadonlySet<DoubtReason>;
}

interface Remembered {
  readonly closure: Closure;
  readonly files: readonly FileEntry[];
  readonly generations: readonly number[];
  readonly identities: readonly number[] | undefined;
  readonly directories: readonly DirectoryEntry[];
  readonly directoryGenerations: readonly number[];
}

/** References to files and directories: 16 bytes each. */
const MOST_REFERENCES = 6_000_000;

export class AnswerMemory {
  readonly #remembered = new Map<string, Remembered>();
  #references = 0;

  /** An answer that still holds. */
  find(key: string, tree: FileTree): Closure | undefined {
    const before = this.#remembered.get(key);
    return before !== undefined && holds(before, tree) ? before.closure : undefined;
  }

  remember(key: string, closure: Closure, walked: Walked): void {
    const files = [...walked.missing, ...closure.files.map(({ entry }) => entry)];
    this.#references += files.length + walked.directories.length;
    if (this.#references > MOST_REFERENCES) {
      this.#remembered.clear();
      this.#references = files.length + walked.directories.length;
    }
    this.#remembered.set(key, {
      closure,
      files,
      generations: files.map(({ generation }) => generation),
      identities: walked.standsOnIdentity ? files.map(({ identity }) => identity) : undefined,
      directories: walked.directories,
      directoryGenerations: walked.directories.map(({ generation }) => generation),
    });
  }

  clear(): void {
    this.#remembered.clear();
    this.#references = 0;
  }
}

/** Directories come first: FileTree tells why. */
function holds(
  { files, generations, identities, directories, directoryGenerations }: Remembered,
  tree: FileTree,
): boolean {
  for (let index = 0; index < directories.length; index++) {
    const directory = directories[index];
    if (directory === undefined) continue;
    tree.refreshDirectory(directory);
    if (directory.generation !== directoryGenerations[index]) return false;
  }
  for (let index = 0; index < files.length; index++) {
    const file = files[index];
    if (file === undefined) continue;
    tree.refreshFile(file);
    if (file.generation !== generations[index]) return false;
    if (identities !== undefined && file.identity !== identities[index]) return false;
  }
  return true;
}
