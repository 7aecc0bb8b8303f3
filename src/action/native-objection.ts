/**
 * Why a compile whose files are known is all the same not sent as blobs: the closed list, with one sentence each for
 * people. It goes over distcc's wire then.
 */
export const NATIVE_OBJECTIONS = {
  'hard-links': 'Two headers are one file under two names, and this compiler looks at that',
  'link-circle': 'Links lead in a circle',
  'unsteady-tree': 'A name is a file and a directory at once',
  'other-charset': 'An option names a set of characters, whose tables the worker need not have',
  'reads-more': 'An option makes the compiler read a file that is no header',
} as const satisfies Readonly<Record<string, string>>;

export type NativeObjection = keyof typeof NATIVE_OBJECTIONS;

export interface NativeRefusal {
  readonly reason: NativeObjection;
  readonly detail: string;
}
