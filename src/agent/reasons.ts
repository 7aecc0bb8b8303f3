/** What each reason means, as a sentence, and what its user may do about it: for `manyhands explain`. */
import { STAY_REASONS } from '../command/stay-reason.ts';
import { DEMOTIONS } from './demotion.ts';
import { HOME_REASONS } from './home-reason.ts';

const SENTENCES = { ...DEMOTIONS, ...STAY_REASONS, ...HOME_REASONS };

type Reason = keyof typeof SENTENCES;

/** Of those without a row nothing need be done, or nothing can. */
const REMEDIES: Partial<Readonly<Record<Reason, string>>> = {
  'native-flag': 'name the processor that is meant: gcc -march=native -Q --help=target shows it',
  'other-build': 'nothing: the next compile starts an agent of the new build',
  'other-files':
    'run the build and its agent in one container or chroot, or set another DISTCC_DIR for the one in it',
  'no-host-list': 'set DISTCC_HOSTS, or write the hosts to ~/.distcc/hosts',
  'no-hosts': 'set DISTCC_HOSTS, or write the hosts to ~/.distcc/hosts',
  'bad-host-list': 'correct that entry',
  'bad-setting': 'correct that variable',
  'all-down': 'take ,down away from an entry',
  'none-usable': 'add a host without ,auth',
  'other-compiler': 'install this version of the compiler there, or that one here',
  'all-backed-off': 'wait a minute; for why they failed, see manyhands explain --trouble',
  unsendable: 'add a host of distcc’s kind to the list, which takes preprocessed texts',
  'hosts-failed':
    'see that distccd runs there, that its --allow has this machine in it, and that no firewall is between',
  'cannot-stage': 'see that the directory of the output can be written to, and has room',
  'odd-target': 'remove what is in the output’s place',
  coverage: 'build without coverage what need not have it',
  'precompiled-header': 'nothing: a precompiled header is made where it is used',
  'path-mapping': 'use -fdebug-prefix-map, or gcc',
  environment: 'unset that variable',
  clock: 'leave __DATE__, __TIME__ and __TIMESTAMP__ out, and the result can be kept, too',
  'odd-compiler': 'have distcc call the compiler itself, and ccache call distcc (CCACHE_PREFIX=distcc)',
  'records-command': 'leave that option out of what is to be distributed',
  'our-fault': 'report it, with what stands here',
};

export function describeReason(reason: string): {
  readonly sentence: string | undefined;
  readonly remedy: string | undefined;
} {
  return { sentence: sentenceOf(reason), remedy: remedyOf(reason) };
}

export function sentenceOf(reason: string): string | undefined {
  return Object.hasOwn(SENTENCES, reason) ? SENTENCES[reason as Reason] : undefined;
}

export function remedyOf(reason: string): string | undefined {
  return Object.hasOwn(REMEDIES, reason) ? REMEDIES[reason as Reason] : undefined;
}
