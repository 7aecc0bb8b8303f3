/**
 * Why a job that could be distributed came home all the same: a closed list, one sentence each. The
 * reasons that a command line gives by itself are in command/.
 */
import { NO_HOST_REASONS } from '../hosts/choose.ts';

export const HOME_REASONS = {
  'other-build': 'Launcher and agent are of different builds',
  'other-files': 'The agent does not see the files that the caller sees',
  'not-text': 'A name on the command line is not UTF-8',
  'no-host-list': 'No host list is set',
  'bad-host-list': 'The host list cannot be understood',
  'bad-setting': 'A variable says what cannot be',
  ...NO_HOST_REASONS,
  unsendable: 'The hosts of the list do not take what has to be sent of it',
  'hosts-failed': 'Every host that could be asked has failed',
  'local-turn': 'The host list names localhost, and its turn had come',
  'odd-target': 'An output is there already and is no plain file',
  'cannot-stage': 'A temporary file cannot be created beside an output',
  'assembler-file': 'Assembler inside the source reads a file of this machine (.incbin, .include)',
  'preprocessor-failed': 'The preprocessor failed; the compiler says why',
  'compile-error': 'The remote compiler failed; the compiler here has the last word',
  'other-language': 'The compiler here speaks the caller’s language, and the remote one had something to say',
  'our-fault': 'An error in manyhands itself',
} as const;

export type HomeReason = keyof typeof HOME_REASONS;
