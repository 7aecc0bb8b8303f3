/**
 * Which language a source is in, and how a preprocessed text of it is called.
 *
 * Source: "Options Controlling the Kind of Output" in the GCC manual (suffixes and -x); g++ takes .c for
 * C++. A stock distccd chooses its temporary file's suffix, and so the language, by the suffix of the
 * source's name (distcc src/filename.c).
 */
import type { ByteString } from '../base/byte-string.ts';

export type Language = 'c' | 'c++' | 'objective-c' | 'objective-c++';

export interface SourceKind {
  readonly language: Language;
  readonly isPreprocessed: boolean;
}

const kind = (language: Language, isPreprocessed = false): SourceKind => ({ language, isPreprocessed });

const BY_SUFFIX: Readonly<Record<string, SourceKind>> = {
  '.c': kind('c'),
  '.i': kind('c', true),
  '.cc': kind('c++'),
  '.cp': kind('c++'),
  '.cxx': kind('c++'),
  '.cpp': kind('c++'),
  '.CPP': kind('c++'),
  '.c++': kind('c++'),
  '.C': kind('c++'),
  '.ii': kind('c++', true),
  '.m': kind('objective-c'),
  '.mi': kind('objective-c', true),
  '.mm': kind('objective-c++'),
  '.M': kind('objective-c++'),
  '.mii': kind('objective-c++', true),
};

const BY_NAME: Readonly<Record<string, SourceKind>> = {
  c: kind('c'),
  'cpp-output': kind('c', true),
  'c++': kind('c++'),
  'c++-cpp-output': kind('c++', true),
  'objective-c': kind('objective-c'),
  'objective-c-cpp-output': kind('objective-c', true),
  'objc-cpp-output': kind('objective-c', true),
  'objective-c++': kind('objective-c++'),
  'objective-c++-cpp-output': kind('objective-c++', true),
  'objc++-cpp-output': kind('objective-c++', true),
};

/** The suffix under which gcc, clang and a stock distccd take a text as preprocessed. */
export const PREPROCESSED_SUFFIX: Readonly<Record<Language, string>> = {
  c: '.i',
  'c++': '.ii',
  'objective-c': '.mi',
  'objective-c++': '.mii',
};

/** Suffixes that a stock distccd knows, by the language in which it has the text compiled. */
const STOCK_SUFFIXES: Readonly<Record<Language, readonly string[]>> = {
  c: ['.c', '.i'],
  'c++': ['.cc', '.cpp', '.cxx', '.cp', '.c++', '.C', '.ii'],
  'objective-c': ['.m', '.mi'],
  'objective-c++': ['.mm', '.M', '.mii'],
};

const ASSEMBLER_SUFFIXES = new Set(['.s', '.S', '.sx']);
const HEADER_SUFFIXES = new Set(['.h', '.hh', '.H', '.hp', '.hxx', '.hpp', '.HPP', '.h++', '.tcc']);
const OBJECT_SUFFIXES = new Set(['.o', '.a', '.so', '.lo', '.la']);

export type FileRole = 'source' | 'header' | 'assembler' | 'linker-input' | 'unknown';

/** From the last dot of the last component; empty where there is none or nothing follows it. */
function suffixOf(path: ByteString): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return dot === -1 || dot === base.length - 1 ? '' : base.slice(dot);
}

export function roleOf(path: ByteString): FileRole {
  const suffix = suffixOf(path);
  if (Object.hasOwn(BY_SUFFIX, suffix)) return 'source';
  if (HEADER_SUFFIXES.has(suffix)) return 'header';
  if (ASSEMBLER_SUFFIXES.has(suffix)) return 'assembler';
  return OBJECT_SUFFIXES.has(suffix) ? 'linker-input' : 'unknown';
}

/** What `-x NAME` says; undefined where such a source cannot be sent. */
export function findLanguage(name: string): SourceKind | undefined {
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
}

/** What the suffix says to this driver; undefined where such a source cannot be sent. */
export function findSourceKind(path: ByteString, isCxxDriver: boolean): SourceKind | undefined {
  const suffix = suffixOf(path);
  // g++ takes a.i for C++ that is to be preprocessed once more, clang++ for C++ that is preprocessed.
  if (isCxxDriver && suffix === '.i') return undefined;
  if (isCxxDriver && suffix === '.c') return BY_SUFFIX['.cc'];
  return Object.hasOwn(BY_SUFFIX, suffix) ? BY_SUFFIX[suffix] : undefined;
}

/** A name for the source by which any distccd takes its preprocessed text for `language`. */
export function sentSourceName(source: ByteString, language: Language): ByteString {
  const fits = STOCK_SUFFIXES[language].includes(suffixOf(source));
  return fits ? source : source + PREPROCESSED_SUFFIX[language];
}
