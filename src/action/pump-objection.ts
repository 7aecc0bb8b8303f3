/**
 * Why a compile whose files are known is all the same not sent with them over distcc's wire, where the
 * worker has the tree under another root: the closed list, with one sentence each for people. It is
 * preprocessed here then.
 */
export const PUMP_OBJECTIONS = {
  'maps-paths': 'An option maps paths, which are other ones on the worker',
  'sent-name':
    'By its name or an option the source is in a language that a stock distccd does not take it for',
  'two-names': 'One file is read under two names',
  'logical-directory': 'Debug information names the directory through a link',
  'odd-operand': 'An option’s operand looks like a source or an object',
  'link-circle': 'Links lead in a circle',
} as const satisfies Readonly<Record<string, string>>;

export type PumpObjection = keyof typeof PUMP_OBJECTIONS;
