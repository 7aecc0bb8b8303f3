/**
 * distcc's contract with the shell: the exit codes that our programs use for their own failures.
 *
 * Source: distcc src/exitcode.h. A compiler's own exit status is passed on unchanged; these start at
 * 100 to stay clear of it.
 */
export const EXIT = {
  failed: 100,
  badArguments: 101,
  bindFailed: 102,
  connectFailed: 103,
  compilerCrashed: 104,
  outOfMemory: 105,
  badHostSpec: 106,
  ioError: 107,
  truncated: 108,
  protocolError: 109,
  compilerMissing: 110,
  recursion: 111,
  setUserFailed: 112,
  accessDenied: 113,
  busy: 114,
  noSuchFile: 115,
  noHosts: 116,
  gone: 117,
  timeout: 118,
} as const;
