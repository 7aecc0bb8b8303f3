/**
 * Where headers are looked for: the command's own directories, then the compiler's.
 *
 * One list: quote directories first, then those for brackets, from `bracketStart` on. A directory counts
 * once: a later one of the same chain goes, and one that is a system directory too counts as that only. For
 * gcc that goes for quote directories, too, and the last of them goes where it is the first for brackets.
 *
 * Source: GCC's cpp manual, "Search Path" and the options -iquote, -I, -isystem, -idirafter; gcc/incpath.cc for
 * which duplicate goes; tried with gcc 12 and clang 14.
 */
import type { CompileCommand } from '../command/compile-command.ts';
import type { Word } from '../command/words.ts';
import { Doubt } from './doubt.ts';
import { DirectoryEntry, type Absence } from './file-entry.ts';
import { join, type FileTree } from './file-tree.ts';
import { asText } from './header-name.ts';

export interface SearchDirectory {
  /** As the compiler names files in it. */
  readonly typed: string;
  readonly entry: DirectoryEntry;
  readonly isSystem: boolean;
}

export interface SearchPath {
  readonly directories: readonly SearchDirectory[];
  readonly bracketStart: number;
  /** All that are there, those that do not count too, because they are others by another name. */
  readonly opened: readonly DirectoryEntry[];
  /** Directories that are not there, but would count. */
  readonly absences: readonly Absence[];
}

type Chain = 'quote' | 'bracket' | 'system' | 'after';

const CHAINS: Readonly<Record<string, Chain>> = {
  '-iquote': 'quote',
  '-I': 'bracket',
  '-isystem': 'system',
  '-idirafter': 'after',
};

/** What else decides where headers are. */
const NOT_FOLLOWED = new Set([
  '-F',
  '-isystem-after',
  '-iprefix',
  '-iwithprefix',
  '-iwithprefixbefore',
  '-iwithsysroot',
  '-isysroot',
  '-imultilib',
  '-imultiarch',
  '-iframework',
  '-iframeworkwithsysroot',
  '-ivfsoverlay',
  '-c-isystem',
  '-cxx-isystem',
  '-objc-isystem',
  '-objcxx-isystem',
  '-stdlib++-isystem',
  '-ibuiltininc',
  '-remap',
  '--sysroot',
  '--sysroot=',
]);

/** @throws {Doubt} for an option whose meaning is not followed. */
export function searchDirectoriesOf({ words }: CompileCommand): readonly (readonly [Chain, string])[] {
  return words.flatMap((word) => {
    const name = word.option?.name ?? '';
    if (NOT_FOLLOWED.has(name)) throw new Doubt('search-options', word.texts.join(' '));
    const chain = CHAINS[name];
    if (chain === undefined) return [];
    return [[chain, operandOf(word)] as const];
  });
}

function operandOf({ operand = '', texts }: Word): string {
  // = stands for the sysroot, and clang has its own idea of it; -I- changes what -I before it means.
  if (/^(?:|-|=.*|\$SYSROOT.*)$/s.test(operand)) throw new Doubt('search-options', texts.join(' '));
  return asText(operand);
}

/** @param builtin the compiler's own directories, absolute. */
export function buildSearchPath(
  tree: FileTree,
  typed: readonly (readonly [Chain, string])[],
  {
    directory,
    builtin,
    isClang,
  }: { readonly directory: string; readonly builtin: readonly string[]; readonly isClang: boolean },
): SearchPath {
  const opened: DirectoryEntry[] = [];
  const absences: Absence[] = [];
  const open = (name: string, isSystem: boolean): SearchDirectory[] => {
    const path = name.startsWith('/') ? name : join(directory, name);
    const entry = tree.findDirectory(path);
    if (entry instanceof DirectoryEntry) {
      opened.push(entry);
      return [{ typed: name, entry, isSystem }];
    }
    // clang reads it as a map of headers; gcc complains, and fails where it is to be a directory's parent.
    if ((isClang ? [path] : parentsAnd(path)).some((one) => tree.findFile(one).file !== undefined))
      throw new Doubt('search-options', name);
    absences.push(entry);
    return [];
  };
  const chain = (wanted: Chain, isSystem: boolean): SearchDirectory[] =>
    typed.flatMap(([kind, name]) => (kind === wanted ? open(name, isSystem) : []));
  const system = withoutTwins([
    ...chain('system', true),
    ...builtin.flatMap((name) => open(name, true)),
    ...chain('after', true),
  ]);
  const bracket = withoutTwins(chain('bracket', false), system);
  const quote = withoutTwins(chain('quote', false), isClang ? [] : system);
  const [next = system[0]] = bracket;
  const last = quote.at(-1);
  if (!isClang && next !== undefined && last !== undefined && identityOf(last) === identityOf(next))
    quote.pop();
  const directories = [...quote, ...bracket, ...system];
  return { directories, bracketStart: quote.length, opened, absences };
}

/** An absolute path after all that it leads through. */
function parentsAnd(path: string): readonly string[] {
  const ends = [...path.matchAll(/\/+(?=.)/g)].map(({ index }) => index).filter((index) => index > 0);
  return [...ends.map((end) => path.slice(0, end)), path];
}

/** Of directories that are the same the first, and none that is in `others`. */
function withoutTwins(
  directories: readonly SearchDirectory[],
  others: readonly SearchDirectory[] = [],
): SearchDirectory[] {
  const seen = new Set(others.map(identityOf));
  return directories.filter((directory) => {
    const identity = identityOf(directory);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function identityOf({ entry }: SearchDirectory): string {
  return `${entry.stat?.dev}:${entry.stat?.ino}`;
}
