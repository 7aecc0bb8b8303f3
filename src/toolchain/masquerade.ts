/**
 * The masquerade directory: a link to our launcher under each name by which a compiler of this machine is
 * called. Before the compilers on PATH it makes a build distribute without being told; and a daemon runs
 * those compilers only that have a name there.
 *
 * Source, for the names: distcc's update-distcc-symlinks; Debian's, Gentoo's and LLVM's ways to name
 * compilers of several versions and targets.
 */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import path from 'node:path';
import { namesIn } from '../files/names-in.ts';

/** Target, compiler, version, and how Debian's compilers for Windows have their threads. */
const COMPILER_NAME =
  /^(?<target>(?!c[89]9-)(?:[a-z0-9_]+-)+?)?(?:cc|c\+\+|(?:c89|c99)(?:-gcc)?|gcc|g\+\+|clang|clang\+\+)(?:-[0-9]+(?:\.[0-9]+)*)?(?:-posix|-win32)?$/;

/** What is a compiler by name only: it would call us again, or itself. */
const WRAPPERS = new Set(['distcc', 'ccache', 'icecc', 'sccache']);

/** Where compilers are, whatever PATH says. */
export const COMPILER_DIRECTORIES: readonly string[] = ['/usr/local/bin', '/usr/bin'];

/** The names of all compilers in these directories, sorted. Directories that are not there have none. */
export function findCompilers(directories: readonly string[]): string[] {
  const names = new Set(directories.flatMap(listCompilers));
  return [...names].sort();
}

/** What a compiler compiles for, if its name says so: `arm-none-eabi`. */
export function findTarget(compiler: string): string | undefined {
  return COMPILER_NAME.exec(compiler)?.groups?.['target']?.slice(0, -1);
}

/** What a link in a masquerade directory says: relative where launcher and directory have one prefix. */
export function linkTextFor(directory: string, launcher: string): string {
  const [, prefix] = /^(.*)\/lib[^/]*\/distcc(?:\/bin)?$/.exec(directory) ?? [];
  if (prefix === undefined) return launcher;
  return path.relative(directory, path.join(prefix === '' ? '/' : prefix, 'bin', 'distcc'));
}

export interface MasqueradeOptions {
  readonly directory: string;
  /** The text of each link. */
  readonly link: string;
  /** Names to have a link. */
  readonly names: readonly string[];
  /** Names whose links may stay; others go. */
  readonly kept?: readonly string[];
}

export interface MasqueradeChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Brings the directory up to date, and makes it if it is not there. What is no link with our text, or has no
 * compiler's name, is somebody else's and stays.
 *
 * @throws when the directory cannot be written.
 */
export function updateMasquerade({ directory, link, names, kept = [] }: MasqueradeOptions): MasqueradeChange {
  mkdirSync(directory, { recursive: true });
  const there = new Set(readdirSync(directory));
  const added = names.filter((name) => !there.has(name));
  const wanted = new Set([...names, ...kept]);
  const removed = [...there].filter(
    (name) => COMPILER_NAME.test(name) && !wanted.has(name) && readLink(path.join(directory, name)) === link,
  );
  for (const name of removed) unlinkSync(path.join(directory, name));
  for (const name of added) symlinkSync(link, path.join(directory, name));
  return { added, removed: removed.sort() };
}

function listCompilers(directory: string): string[] {
  return namesIn(directory).filter(
    (name) => COMPILER_NAME.test(name) && isCompiler(path.join(directory, name)),
  );
}

function isCompiler(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() && !WRAPPERS.has(path.basename(realpathSync(file)));
  } catch {
    return false;
  }
}

function readLink(file: string): string | undefined {
  return lstatSync(file).isSymbolicLink() ? readlinkSync(file) : undefined;
}
