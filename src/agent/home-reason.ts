/**
 * Why a job that could be distributed came home all the same: a closed list, one sentence each. The
 * reasons that a command line gives by itself are in command/.
 */
export const HOME_REASONS = {
  'other-build': 'launcher and agent are of different builds',
  'other-files': 'the agent does not see the files that the caller sees',
  'not-text': 'a name on the command line is not UTF-8',
  'no-host-list': 'no host list is set',
  'bad-host-list': 'the host list cannot be understood',
  'no-hosts': 'the host list names no host that can be asked',
  'hosts-resting': 'every host failed a short while ago',
  'hosts-failed': 'every host was tried and failed',
  'local-turn': 'the host list names localhost, and its turn had come',
  'odd-target': 'an output is there already and is no plain file',
  'cannot-stage': 'a temporary file cannot be created beside an output',
  'preprocessor-failed': 'the preprocessor failed; the compiler says why',
  'compile-error': 'the remote compiler failed; the compiler here has the last word',
  'our-fault': 'an error in manyhands itself',
} as const;

export type HomeReason = keyof typeof HOME_REASONS;
