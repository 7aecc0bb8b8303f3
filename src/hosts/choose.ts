/** Which hosts of the list may take a job now, in order of preference; or why none may. */
import type { Backoff } from './backoff.ts';
import type { Host, HostList } from './host.ts';
import type { Candidate } from './slots.ts';
import { keyOf } from './host.ts';

export type Choice =
  | { readonly kind: 'hosts'; readonly candidates: readonly HostCandidate[] }
  | { readonly kind: 'none'; readonly reason: NoHostReason };

/** A candidate for Slots that knows its host. */
export interface HostCandidate extends Candidate {
  readonly host: Host;
}

/** Why there is no host for a job, with a sentence for people. */
export const NO_HOST_REASONS = {
  'no-hosts': 'The host list is empty',
  'all-down': 'All hosts are listed as down',
  'none-usable': 'No host of the list can be used for this job',
  'other-compiler': 'No host of the list has this version of the compiler',
  'all-tried': 'All hosts have been tried for this job',
  'all-backed-off': 'All hosts failed of late and are left alone for a while',
} as const;

export type NoHostReason = keyof typeof NO_HOST_REASONS;

export interface ChooseOptions {
  readonly backoff: Backoff;
  /** 0: places that failed are tried again at once. */
  readonly backoffPeriodMs: number;
  /** Keys of hosts where this job failed already. */
  readonly tried?: ReadonlySet<string>;
  /** Whether this job could go there at all. */
  readonly isUsable?: (host: Host) => boolean;
  /** Whether it has the compiler, as far as is known. */
  readonly hasCompiler?: (host: Host) => boolean;
  /** From 0 to below 1; for `--randomize`. */
  readonly random: () => number;
}

export function chooseHosts(list: HostList, options: ChooseOptions): Choice {
  const { backoff, backoffPeriodMs, tried, isUsable, hasCompiler, random } = options;
  const steps: readonly [NoHostReason, (host: Host) => boolean][] = [
    ['all-down', (host) => host.kind === 'local' || !host.isDown],
    ['none-usable', (host) => isUsable?.(host) ?? true],
    ['other-compiler', (host) => hasCompiler?.(host) ?? true],
    ['all-tried', (host) => tried?.has(keyOf(host)) !== true],
    ['all-backed-off', (host) => backoff.remainingMs(keyOf(host), backoffPeriodMs) === 0],
  ];
  let hosts = list.hosts;
  if (hosts.length === 0) return { kind: 'none', reason: 'no-hosts' };
  for (const [reason, mayTake] of steps) {
    hosts = hosts.filter((host) => mayTake(host));
    if (hosts.length === 0) return { kind: 'none', reason };
  }
  const ordered = list.isRandomized ? shuffle(hosts, random) : hosts;
  return {
    kind: 'hosts',
    candidates: ordered.map((host) => ({ key: keyOf(host), limit: host.limit, host })),
  };
}

/** Fisher and Yates. */
function shuffle(hosts: readonly Host[], random: () => number): readonly Host[] {
  const shuffled = [...hosts];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    const [here, there] = [shuffled[index], shuffled[other]];
    if (here === undefined || there === undefined) continue;
    shuffled[index] = there;
    shuffled[other] = here;
  }
  return shuffled;
}
