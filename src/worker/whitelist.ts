/**
 * Which compilers clients may run: those that somebody linked into a masquerade directory, or those in
 * the file that DISTCC_CMDLIST names.
 *
 * As a stock distccd has it, with two differences: a list that cannot be read allows nothing (there:
 * everything), and `/usr/bin/` counts only as it is spelled (there: in any case).
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { fromText, toBytes, toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';

export type WhitelistSettings =
  | { readonly kind: 'anything' }
  | { readonly kind: 'directories'; readonly directories: readonly string[] }
  | { readonly kind: 'list'; readonly file: string; readonly words: number };

export type WhitelistAnswer =
  /** Run this as argv[0]. */
  | { readonly compiler: ByteString }
  /** Why not, and what the worker's owner can do. */
  | { readonly refusal: string };

/** @throws nothing: what cannot be looked up is refused. */
export function findCompiler(settings: WhitelistSettings, name: ByteString): WhitelistAnswer {
  switch (settings.kind) {
    case 'anything':
      return { compiler: name };
    case 'directories':
      return inDirectories(settings.directories, name);
    default:
      return inList(settings, name);
  }
}

function inDirectories(directories: readonly string[], name: ByteString): WhitelistAnswer {
  const base = name.replace(/^(\/usr)?\/bin\//, '');
  const isName = base !== '' && !base.includes('/') && base !== '.' && base !== '..' && !base.includes('\0');
  if (isName && directories.some((directory) => isCompiler(directory, base))) return { compiler: name };
  return {
    refusal: isName
      ? `${toText(base)} is not in its whitelist; if it is installed there, run update-distcc-symlinks there`
      : `compilers are called by name here, not by path: ${JSON.stringify(toText(name))}`,
  };
}

/** `lib/distcc/bin` is none, but a place where scripts look for `lib/distcc`. */
function isCompiler(directory: string, base: ByteString): boolean {
  return (
    isExecutable(directory, base) &&
    statSync(fileIn(directory, base), { throwIfNoEntry: false })?.isFile() === true
  );
}

function isExecutable(directory: string, base: ByteString): boolean {
  try {
    accessSync(fileIn(directory, base), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fileIn(directory: string, base: ByteString): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), toBytes(base)]);
}

function inList({ file, words }: { file: string; words: number }, name: ByteString): WhitelistAnswer {
  let lines: ByteString[];
  try {
    lines = readFileSync(file, 'latin1').split('\n');
  } catch (error) {
    return { refusal: `its list of compilers, ${file}, cannot be read: ${(error as Error).message}` };
  }
  const asked = lastComponents(name, words);
  const compiler = lines.find((line) => path.isAbsolute(line) && lastComponents(line, words) === asked);
  return compiler === undefined
    ? { refusal: `${toText(name)} is not in its list of compilers, ${file}` }
    : { compiler };
}

function lastComponents(name: ByteString, count: number): ByteString {
  return name.split('/').slice(-count).join('/');
}

/** What makes the whitelist of no use from the start, as a sentence; undefined when all is well. */
export function findWhitelistProblem(settings: WhitelistSettings): string | undefined {
  switch (settings.kind) {
    case 'anything':
      return undefined;
    case 'list':
      return isReadable(settings.file)
        ? undefined
        : `Cannot read DISTCC_CMDLIST ${settings.file}: every job will be refused`;
    default:
      return settings.directories.some((directory) => isExecutable(directory, fromText('.')))
        ? undefined
        : `No whitelist of compilers: neither ${settings.directories.join(' nor ')} is there. Run update-distcc-symlinks, or set DISTCC_CMDLIST`;
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
