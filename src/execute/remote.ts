/**
 * Sends an Action away: chooses a host, takes a Slot, tries, and remembers how it went.
 *
 * The ladder: a host that cannot be reached, breaks off or refuses is followed by another one; when none
 * is left, the job goes home. A compile that failed on its merits is an answer, and no host's fault.
 */
import type { ActionResult, SentAction } from '../action/action.ts';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Phase } from '../events/event.ts';
import { Backoff } from '../hosts/backoff.ts';
import type { SshSettings } from '../command/client-settings.ts';
import { chooseHosts, type HostCandidate, type NoHostReason } from '../hosts/choose.ts';
import type { Host, HostList, LocalHost } from '../hosts/host.ts';
import { Slots, type Slot } from '../hosts/slots.ts';
import type { SshConnections } from '../ssh/ssh-connections.ts';
import { executeOverDistcc, overTcp, type Answer, type DistccHost } from './over-distcc.ts';

export interface DispatchOptions<Objection> {
  readonly signal: AbortSignal;
  readonly ioTimeoutMs: number;
  readonly backoffMs: number;
  /** Asked for only where a host is reached by ssh. */
  readonly ssh: () => SshSettings;
  /** As in ClientSettings. */
  readonly socksProxy: string | undefined;
  /**
   * Makes what is to be sent, or says why it cannot be made or must not leave. Called at most once for each
   * form; where a tree is asked for, a text may come.
   */
  readonly prepare: (form: SentAction['kind']) => Promise<Result<SentAction, Objection>>;
  /**
   * What to make of a tree's result; undefined where that is not the last word, and the job is done once
   * more, as a text.
   */
  readonly accept: (result: ActionResult) => ActionResult | undefined;
  /** A tree was sent in vain, and a text will be. */
  readonly onDemotion: (host: string, failure: Failure) => void;
  readonly onPhase: (phase: Phase, host: string) => void;
  /** An attempt has failed; another one may follow. */
  readonly onTrouble: (host: string, failure: Failure) => void;
}

export type Dispatched<Objection> =
  | ({ readonly kind: 'answered'; readonly host: string } & Answer)
  /** The host list names localhost, and the slot there is the caller's now. */
  | { readonly kind: 'local-turn'; readonly slot: Slot }
  | { readonly kind: 'unprepared'; readonly objection: Objection }
  /** Nobody could be asked. */
  | { readonly kind: 'nobody'; readonly reason: NoHostReason }
  /** All that could be asked have failed; the last of them so. */
  | { readonly kind: 'failed'; readonly host: string; readonly failure: Failure };

type RemoteHost = Exclude<Host, LocalHost>;

/** All that is remembered about hosts: who holds their slots, and which of them failed of late. */
export class RemoteHosts {
  readonly #slots = new Slots();
  readonly #backoff: Backoff;
  readonly #ssh: SshConnections;

  /** The connections are the owner's to dispose. */
  constructor(clock: Clock, ssh: SshConnections) {
    this.#ssh = ssh;
    this.#backoff = new Backoff(clock);
  }

  /** @throws the signal's reason once it is aborted. */
  async dispatch<T>(list: HostList, options: DispatchOptions<T>): Promise<Dispatched<T>> {
    const tried = new Set<string>();
    const preparation = new Preparation(options.prepare);
    let last: Extract<Dispatched<T>, { kind: 'failed' }> | undefined;
    for (;;) {
      const choice = this.#choose(list, options, tried);
      if (choice.kind === 'none') return last ?? { kind: 'nobody', reason: choice.reason };
      // A slot that may turn out to be our own is taken before the preprocessor runs; one of another
      // machine after it, so that no machine waits for ours.
      const hosts = choice.candidates.map(({ host }) => host);
      if (hosts.every(({ kind }) => kind !== 'local')) {
        const early = await preparation.make(hosts.some(takesTrees) ? 'tree' : 'text');
        if (!early.ok) return { kind: 'unprepared', objection: early.error };
      }

      options.onPhase('blocked', '');
      const slot = await this.#slots.acquire(choice.candidates, options.signal);
      const host = hostOf(choice.candidates, slot);
      if (host.kind === 'local') return { kind: 'local-turn', slot };
      using _slot = slot;
      const prepared = await preparation.make(takesTrees(host) ? 'tree' : 'text');
      if (!prepared.ok) return { kind: 'unprepared', objection: prepared.error };

      const isTree = prepared.value.kind === 'tree';
      const attempt = await this.#attempt(host, prepared.value, options);
      options.signal.throwIfAborted();
      const answer = isTree ? accepted(attempt, options) : attempt;
      if (isTree && !answer.ok && isOfNoUse(answer.error)) {
        preparation.demote();
        options.onDemotion(host.token, answer.error);
        continue;
      }
      if (answer.ok) {
        this.#backoff.succeed(slot.key);
        return { kind: 'answered', host: host.token, ...answer.value };
      }
      tried.add(slot.key);
      if (isHostsFault(answer.error)) this.#backoff.fail(slot.key);
      last = { kind: 'failed', host: host.token, failure: answer.error };
      options.onTrouble(host.token, answer.error);
    }
  }

  #choose(
    list: HostList,
    { backoffMs }: Pick<DispatchOptions<never>, 'backoffMs'>,
    tried: ReadonlySet<string>,
  ): ReturnType<typeof chooseHosts> {
    const backoff = this.#backoff;
    return chooseHosts(list, { backoff, backoffPeriodMs: backoffMs, tried, isUsable, random: Math.random });
  }

  #attempt(
    host: RemoteHost,
    action: SentAction,
    { signal, ioTimeoutMs, ssh, socksProxy, onPhase }: Omit<DispatchOptions<never>, 'prepare'>,
  ): Promise<Result<Answer, Failure>> {
    return executeOverDistcc(this.#reach(host, { ssh, socksProxy }), action, {
      signal,
      ioTimeoutMs,
      onPhase: (phase) => onPhase(phase, host.token),
    });
  }

  #reach(
    host: RemoteHost,
    { ssh, socksProxy }: Pick<DispatchOptions<never>, 'ssh' | 'socksProxy'>,
  ): DistccHost {
    const protocol = host.isCompressed ? 2 : 1;
    if (host.kind === 'ssh') {
      return { name: host.token, protocol, connect: (signal) => this.#ssh.open(host, ssh(), signal) };
    }
    return overTcp(host, protocol, socksProxy);
  }
}

/** What is to be sent, made when it is needed, and each form once. */
class Preparation<T> {
  readonly #prepare: DispatchOptions<T>['prepare'];
  readonly #made = new Map<SentAction['kind'], Result<SentAction, T>>();
  #isDemoted = false;

  constructor(prepare: DispatchOptions<T>['prepare']) {
    this.#prepare = prepare;
  }

  async make(wanted: SentAction['kind']): Promise<Result<SentAction, T>> {
    const form = this.#isDemoted ? 'text' : wanted;
    const before = this.#made.get(form);
    if (before !== undefined) return before;
    const made = await this.#prepare(form);
    this.#made.set(form, made);
    // Where a tree could not be made, the text that was made instead serves all.
    if (!made.ok || made.value.kind === 'text') this.#made.set('text', made);
    return made;
  }

  /** The tree was of no use. */
  demote(): void {
    this.#isDemoted = true;
  }
}

/** What came of a tree, as far as it is the last word. */
function accepted(
  attempt: Result<Answer, Failure>,
  { accept }: Pick<DispatchOptions<never>, 'accept'>,
): Result<Answer, Failure> {
  if (!attempt.ok) return attempt;
  const result = accept(attempt.value.result);
  if (result !== undefined) return ok({ ...attempt.value, result });
  return err({ kind: 'refused', message: 'it did not compile with the headers that were sent' });
}

/** Whether a text may fare better. */
function isOfNoUse({ kind }: Failure): boolean {
  return kind === 'refused' || kind === 'derailed';
}

function takesTrees(host: Host): boolean {
  return host.kind !== 'local' && host.preprocessesThere;
}

/** Hosts that want to know who asks are still to come. */
function isUsable(host: Host): boolean {
  return host.kind === 'local' || host.authentication === undefined;
}

function hostOf(candidates: readonly HostCandidate[], { key }: Slot): Host {
  const host = candidates.find((candidate) => candidate.key === key)?.host;
  if (host === undefined) throw new Error(`A slot of ${key} was not asked for`);
  return host;
}

/** Whether the host is to be left alone for a while: not for having refused one job. */
function isHostsFault({ kind }: Failure): boolean {
  switch (kind) {
    case 'unreachable':
    case 'timed-out':
    case 'derailed':
      return true;
    case 'refused':
    case 'cancelled':
      return false;
  }
}
