/**
 * Why a compile is not sent to a server that runs it below a root of its own, where its absolute names are others:
 * the closed list, with one sentence each for people. It goes to another host, or stays here.
 */
export const PLAIN_OBJECTIONS = {
  'absolute-name': 'An option has an absolute name in it that would not mean the same below another root',
  'records-command': 'An option writes the command line, or all macros, into the object',
  'unmapped-names': 'An option makes the compiler write names of files that it does not map',
  'odd-targets': 'Both -MT and -MQ name targets',
  'equal-files': 'Two files are equal, and this compiler looks at which of them are one',
} as const satisfies Readonly<Record<string, string>>;

export type PlainObjection = keyof typeof PLAIN_OBJECTIONS;
