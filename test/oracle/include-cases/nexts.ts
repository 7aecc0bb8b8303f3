/** `#include_next`: the search goes on behind the directory where this header was found. */
import { type IncludeCase, inEach } from './include-case.ts';

export const NEXT_CASES: readonly IncludeCase[] = [
  {
    name: 'next: of three',
    files: chain('p', 'q', 'r'),
    flags: ['-Ip', '-Iq', '-Ir'],
    reads: ['p/x.h', 'q/x.h', 'r/x.h'],
  },
  {
    name: 'next: over -I, -isystem and -idirafter',
    files: chain('p', 'q', 'r'),
    flags: ['-idirafter', 'r', '-isystem', 'q', '-Ip'],
    reads: ['p/x.h', 'q/x.h', 'r/x.h'],
  },
  {
    name: 'next: from a header found beside the source',
    files: {
      'a.c': '#include "x.h"\n',
      'x.h': '#include_next "x.h"\n',
      'p/x.h': '#include_next "x.h"\n',
      'q/x.h': '',
    },
    flags: ['-Ip', '-Iq'],
    reads: ['x.h', 'p/x.h', 'q/x.h'],
    clangReads: 'refused',
  },
  {
    name: 'next: of another name',
    files: { ...inEach('p'), 'p/x.h': '#include_next <y.h>\n', 'p/y.h': '', 'q/y.h': '' },
    flags: ['-Ip', '-Iq'],
    reads: ['p/x.h', 'q/y.h'],
  },
  {
    name: 'next: in the source itself',
    files: { 'a.c': '#include_next <x.h>\n', 'p/x.h': '', 'x.h': '' },
    flags: ['-Ip'],
    reads: ['p/x.h'],
  },
  {
    name: 'next: from a header that no directory led to',
    files: { 'a.c': '#include "p/x.h"\n', 'p/x.h': '#include_next "y.h"\n', 'p/y.h': '', 'q/y.h': '' },
    flags: ['-Iq'],
    reads: ['p/x.h', 'q/y.h'],
    clangReads: ['p/x.h', 'p/y.h'],
    mayBeUnsure: true,
  },
  {
    name: 'next: __has_include_next',
    files: {
      ...inEach('p', 'q'),
      'p/x.h': '#if __has_include_next(<x.h>)\n#include_next <x.h>\n#endif\n',
      'q/x.h': '#if __has_include_next(<x.h>)\n#include_next <x.h>\n#else\n#include <y.h>\n#endif\n',
      'p/y.h': '',
    },
    flags: ['-Ip', '-Iq'],
    reads: ['p/x.h', 'q/x.h', 'p/y.h'],
  },
];

/** A source that reads `<x.h>`, with `#include_next <x.h>` in each, and a last x.h that has none. */
function chain(...directories: readonly string[]): Record<string, string> {
  const files = inEach(...directories);
  const last = `${directories.at(-1)}/x.h`;
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [
      name,
      name.endsWith('/x.h') && name !== last ? '#include_next <x.h>\n' : text,
    ]),
  );
}
