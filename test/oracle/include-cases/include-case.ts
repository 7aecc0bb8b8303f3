/**
 * A small tree and a command of which it is known by hand what the compiler reads. The compiler is asked
 * all the same: a case that does not say what the compiler does is wrong, and fails as such.
 *
 * All names and texts are byte strings; `fromText('ä')` makes one of UTF-8.
 */
import type { ByteString } from '../../../src/base/byte-string.ts';

export interface IncludeCase {
  readonly name: string;
  /**
   * By their names, relative to the directory of the case. A name that ends in a slash is an empty
   * directory; `link('to')` is a symlink, `twin('of')` a second name of the same file.
   */
  readonly files: Readonly<Record<ByteString, ByteString | Link | Twin>>;
  readonly flags?: readonly ByteString[];
  /** `a.c` where nothing is said. Its suffix is the language. */
  readonly source?: ByteString;
  readonly environment?: Readonly<Record<string, string>>;
  /** Commands that are run in the directory before. */
  readonly prepare?: readonly (readonly string[])[];
  /** All that is read in the directory of the case beside the source, in any order. */
  readonly reads: readonly ByteString[];
  /** What clang reads, where it is something else; `refused` where clang does not take it. */
  readonly clangReads?: readonly ByteString[] | 'refused';
  /** What no compiler lists, but what the compile depends on all the same. */
  readonly dependsOn?: readonly ByteString[];
  /** The scanner may say that it does not know. Where this is not set, it has to know. */
  readonly mayBeUnsure?: true;
}

export interface Link {
  readonly link: ByteString;
}

export interface Twin {
  readonly twin: ByteString;
}

export function link(to: ByteString): Link {
  return { link: to };
}

export function twin(of: ByteString): Twin {
  return { twin: of };
}

/** A source that reads `yes.h` where `condition` holds, and `no.h` where not. */
export function asks(condition: ByteString, before = ''): Readonly<Record<ByteString, ByteString>> {
  const text = `${before}#if ${condition}\n#include "yes.h"\n#else\n#include "no.h"\n#endif\n`;
  return { 'a.c': text, 'a.cc': text, 'yes.h': '', 'no.h': '' };
}

/** A source that reads `<x.h>`, and an x.h in each of these. */
export function inEach(...directories: readonly string[]): Record<string, string> {
  const headers = directories.map((directory) => [`${directory}/x.h`, '']);
  return { 'a.c': '#include <x.h>\n', 'a.cc': '#include <x.h>\n', ...Object.fromEntries(headers) };
}
