/**
 * Why the scanner does not say which files a compile reads: the closed list, with one sentence each for
 * people. The preprocessor itself answers then.
 */
export const DOUBTS = {
  'no-such-header': 'A header is not found',
  'bad-directive': 'A directive is none that we understand',
  'bad-condition': 'A condition cannot be computed',
  'bad-macro': 'A macro does not expand to anything that we understand',
  'odd-macro':
    'A condition or a header’s name stands on __LINE__, __COUNTER__, the time, or a macro that a _Pragma changes',
  'odd-name': 'The name of a header is no text, or too long',
  'odd-file':
    'A name leads nowhere, or to something that is neither file nor directory, or that cannot be read',
  unsteady: 'A file changes while it is looked at',
  'too-large': 'There is more of it than we look at',
  clock: 'A file has the date, the time, or its own age in it',
  'assembler-file': 'Assembler inside a file reads another file (.incbin, .include)',
  'base-file': 'A file names the source as it is called (__BASE_FILE__)',
  'precompiled-header': 'Beside a header is a precompiled one',
  'absolute-include': 'A file names a header by its absolute name',
  'header-age': 'A file asks which of two files is older (#pragma GCC dependency)',
  'same-header-twice': 'A header that is to be read once has a twin',
  modules: 'Modules are imported',
  'search-options':
    'An option or variable changes where headers are looked for in a way that we do not follow',
  'preprocessor-options': 'An option changes how the preprocessor works in a way that we do not follow',
  'compiler-silent': 'The compiler does not say where it looks for headers, or which macros it has',
} as const satisfies Readonly<Record<string, string>>;

export type DoubtReason = keyof typeof DOUBTS;

/** Thrown inside the room, and given out as an answer at its edge. */
export class Doubt extends Error {
  readonly reason: DoubtReason;
  readonly detail: string;

  constructor(reason: DoubtReason, detail: string) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
    this.detail = detail;
  }
}
