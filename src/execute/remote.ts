/**
 * Sends an Action away: chooses a host, takes a Slot, tries, and remembers how it went.
 *
 * The ladder: a host that cannot be reached, breaks off or refuses is followed by another one; when none
 * is left, the job goes home. A compile that failed on its merits is an answer, and no host's fault.
 */
import type { Action } from '../action/action.ts';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Phase } from '../events/event.ts';
import { Backoff } from '../hosts/backoff.ts';
import { chooseHosts } from '../hosts/choose.ts';
import type { Host, HostList } from '../hosts/host.ts';
import { Slots, type Slot } from '../hosts/slots.ts';
import { executeOverDistcc, type Answer } from './over-distcc.ts';

export interface DispatchOptions {
  readonly signal: AbortSignal;
  readonly ioTimeoutMs: number;
  readonly backoffMs: number;
  /** Makes what is to be sent, once; undefined when it cannot be made. */
  readonly prepare: () => Promise<Action | undefined>;
  readonly onPhase: (phase: Phase, host: string) => void;
  /** An attempt has failed and another one may follow. */
  readonly onTrouble: (host: string, failure: Failure) => void;
}

export type Dispatched =
  | ({ readonly kind: 'answered'; readonly host: string } & Answer)
  /** The host list names localhost, and the slot there is the caller's now. */
  | { readonly kind: 'local-turn'; readonly slot: Slot }
  | { readonly kind: 'unprepared' }
  | {
      readonly kind: 'failed';
      readonly reason: 'no-hosts' | 'hosts-resting' | 'hosts-failed';
      readonly host: string;
      readonly failure: Failure;
    };

/** All that is remembered about hosts: who holds their slots, and which of them failed of late. */
export class RemoteHosts {
  readonly #slots = new Slots();
  readonly #backoff: Backoff;

  constructor(clock: Clock) {
    this.#backoff = new Backoff(clock);
  }

  async dispatch(list: HostList, options: DispatchOptions): Promise<Dispatched> {
    let action: Action | undefined;
    let last: { host: string; failure: Failure } | undefined;
    const tried = new Set<string>();
    for (;;) {
      const choice = chooseHosts(list, this.#backoff, options.backoffMs, tried);
      if (choice.kind === 'none') {
        if (last !== undefined) return { kind: 'failed', reason: 'hosts-failed', ...last };
        return nobody(choice.reason, list);
      }
      // A slot that may turn out to be our own is taken before the preprocessor runs; one of another
      // machine after it, so that no machine waits for ours.
      const isPreparedFirst = !choice.hosts.some(({ host }) => host.kind === 'local');
      if (isPreparedFirst && action === undefined) {
        action = await options.prepare();
        if (action === undefined) return { kind: 'unprepared' };
      }
      options.onPhase('blocked', '');
      const slot = await this.#slots.acquire(choice.hosts, options.signal);
      // TODO-HOST
    }
  }
}
