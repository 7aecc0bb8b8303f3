/**
 * Sends an Action away: chooses a host, takes a Slot, tries, and remembers how it went.
 *
 * The ladder: a host that cannot be reached, breaks off or refuses is followed by another one; when none
 * is left, the job goes home. A compile that failed on its merits is an answer, and no host's fault. Another ladder is that
 * of forms: blobs where host and job allow it, else a tree, else a text; servers of other makes take plain blobs, or nothing.
 */
import assert from 'node:assert';
import type { BlobAction, DistccAction, SentAction } from '../action/action.ts';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { err, type Result } from '../base/result.ts';
import type { Phase } from '../events/event.ts';
import { Backoff } from '../hosts/backoff.ts';
import type { SshSettings } from '../command/client-settings.ts';
import { chooseHosts, type HostCandidate, type NoHostReason } from '../hosts/choose.ts';
import {
  isDistccdHost,
  keyOf,
  type DistccdHost,
  type Host,
  type HostList,
  type LocalHost,
} from '../hosts/host.ts';
import { Slots, type Slot } from '../hosts/slots.ts';
import type { SshConnections } from '../ssh/ssh-connections.ts';
import { accepted, afterwards, isHostsFault, type Accepting } from './ladder.ts';
import { NativeHosts, type NativeFailure } from './native-hosts.ts';
import { executeOverDistcc, overTcp, type Answer, type DistccHost } from './over-distcc.ts';
import type { OverReapiOptions } from './over-reapi.ts';
import { Preparation, type Form, type Prepare } from './preparation.ts';

export interface DispatchOptions<Objection> extends Accepting {
  /** Its name, for the logs of hosts. */
  readonly job: string;
  readonly signal: AbortSignal;
  readonly ioTimeoutMs: number;
  readonly backoffMs: number;
  /** Asked for only where a host is reached by ssh. */
  readonly ssh: () => SshSettings;
  /** As in ClientSettings. */
  readonly socksProxy: string | undefined;
  /** Called at most once for each form. */
  readonly prepare: Prepare<Objection>;
  /** It was sent in vain in that form, and will be in another one. */
  readonly onDemotion: (host: string, form: Form, failure: Failure) => void;
  readonly onPhase: (phase: Phase, host: string) => void;
  /** An attempt has failed; another one may follow. */
  readonly onTrouble: (host: string, failure: Failure) => void;
}

export type Dispatched<Objection> =
  | ({
      readonly kind: 'answered';
      readonly host: string;
      readonly form: Form;
      /** As in scopes(); undefined where it is not to be kept. */
      readonly scope: string | undefined;
    } & Answer)
  /** The host list names localhost, and the slot there is the caller's now. */
  | { readonly kind: 'local-turn'; readonly slot: Slot }
  | { readonly kind: 'unprepared'; readonly objection: Objection }
  /** It can be had in no form that its hosts take. */
  | { readonly kind: 'unsendable' }
  /** Nobody could be asked. */
  | { readonly kind: 'nobody'; readonly reason: NoHostReason }
  /** All that could be asked have failed; the last of them so. */
  | { readonly kind: 'failed'; readonly host: string; readonly failure: Failure };

type RemoteHost = Exclude<Host, LocalHost>;

/** All that is remembered about hosts: who holds their slots, which of them failed of late, and what they speak. */
export class RemoteHosts implements Disposable {
  readonly #slots = new Slots();
  readonly #backoff: Backoff;
  readonly #ssh: SshConnections;
  readonly #native: NativeHosts;

  /** The ssh connections are the owner's to dispose. */
  constructor(clock: Clock, ssh: SshConnections) {
    this.#ssh = ssh;
    this.#backoff = new Backoff(clock);
    this.#native = new NativeHosts(clock);
  }

  /** Whose results of blobs may be used for a job with these hosts: '' for workers of ours, else that server's key. */
  scopes(list: HostList): readonly string[] {
    const forms = list.hosts.map((host) => this.#formsOf(host, undefined));
    const isNative = forms.some((some) => some.includes('blobs'));
    const others = list.hosts.map((host) => scopeOf(host, 'plain')).filter((scope) => scope !== undefined);
    return [...(isNative ? [''] : []), ...others];
  }

  /** @throws the signal's reason once it is aborted. */
  async dispatch<T>(list: HostList, options: DispatchOptions<T>): Promise<Dispatched<T>> {
    const tried = new Set<string>();
    const preparation = new Preparation(options.prepare);
    let last: Extract<Dispatched<T>, { kind: 'failed' }> | undefined;
    for (;;) {
      const choice = this.#choose(list, options, { tried, preparation });
      if (choice.kind === 'none') {
        const isUnsendable = choice.reason === 'none-usable' && preparation.lacksForms;
        return last ?? (isUnsendable ? { kind: 'unsendable' } : { kind: 'nobody', reason: choice.reason });
      }
      // A slot that may turn out to be our own is taken before the preprocessor runs; one of another
      // machine after it, so that no machine waits for ours.
      const hosts = choice.candidates.map(({ host }) => host);
      if (hosts.every(({ kind }) => kind !== 'local')) {
        const forms = hosts.map((host) => this.#formsOf(host, preparation.toolchain));
        const early = await preparation.make(
          FORMS.filter((form) => forms.some((some) => some.includes(form))),
        );
        if (!early.ok) return { kind: 'unprepared', objection: early.error };
        if (early.value === undefined) continue;
      }

      options.onPhase('blocked', '');
      const slot = await this.#slots.acquire(choice.candidates, options.signal);
      const host = hostOf(choice.candidates, slot);
      if (host.kind === 'local') return { kind: 'local-turn', slot };
      using _slot = slot;
      const prepared = await preparation.make(this.#formsOf(host, preparation.toolchain));
      if (!prepared.ok) return { kind: 'unprepared', objection: prepared.error };
      const action = prepared.value;
      if (action === undefined) continue;
      // What it has against this compiler may be known by now.
      if (action.kind === 'blobs' && !this.#formsOf(host, action.toolchain).includes('blobs')) continue;

      const attempt = await this.#attempt(host, action, {
        ...options,
        onComputed: () => slot[Symbol.dispose](),
      });
      options.signal.throwIfAborted();
      const answer = accepted(attempt, action.kind, options);
      if (answer.ok) {
        this.#backoff.succeed(slot.key);
        return {
          kind: 'answered',
          host: host.token,
          form: action.kind,
          scope: scopeOf(host, action.kind),
          ...answer.value,
        };
      }
      if (answer.error.kind === 'no-toolchain')
        options.onTrouble(host.token, { kind: 'refused', message: answer.error.message });
      const next = afterwards(answer.error, action.kind);
      if (next.kind === 'same-host') continue;
      if (next.kind === 'other-form') {
        preparation.demote(action.kind);
        options.onDemotion(host.token, action.kind, next.failure);
        continue;
      }
      tried.add(slot.key);
      if (isHostsFault(next.failure)) this.#backoff.fail(slot.key);
      last = { kind: 'failed', host: host.token, failure: next.failure };
      options.onTrouble(host.token, next.failure);
    }
  }

  [Symbol.dispose](): void {
    this.#native[Symbol.dispose]();
  }

  #choose(
    list: HostList,
    { backoffMs }: Pick<DispatchOptions<never>, 'backoffMs'>,
    { tried, preparation }: { tried: ReadonlySet<string>; preparation: Preparation<unknown> },
  ): ReturnType<typeof chooseHosts> {
    const { toolchain } = preparation;
    const isUsable = (host: Host): boolean =>
      mayAsk(host) && this.#formsOf(host, undefined).some((form) => preparation.mayBe(form));
    const hasCompiler = (host: Host): boolean => {
      if (host.kind === 'local' || (isDistccdHost(host) && !host.mayBeNative)) return true;
      const standing = this.#native.standing(keyOf(host), toolchain);
      return host.kind === 'reapi' ? standing === 'may-be-native' : standing !== 'wrong-compiler';
    };
    return chooseHosts(list, {
      backoff: this.#backoff,
      backoffPeriodMs: backoffMs,
      tried,
      isUsable,
      hasCompiler,
      random: Math.random,
    });
  }

  /** What a host takes, the best first. */
  #formsOf(host: Host, toolchain: BlobAction['toolchain'] | undefined): readonly Form[] {
    if (host.kind === 'local') return ['text'];
    const mayBeNative = this.#native.standing(keyOf(host), toolchain) === 'may-be-native';
    if (host.kind === 'reapi') return mayBeNative ? ['plain'] : [];
    return FORMS.filter((form) => {
      if (form === 'blobs') return mayBeNative && host.mayBeNative;
      return form === 'text' || (form === 'tree' && host.preprocessesThere);
    });
  }

  async #attempt(
    host: RemoteHost,
    action: SentAction,
    options: Omit<DispatchOptions<never>, 'prepare'> & Pick<OverReapiOptions, 'onComputed'>,
  ): Promise<Result<Answer, NativeFailure>> {
    const { job, signal, ioTimeoutMs, onComputed } = options;
    const call = {
      job,
      signal,
      ioTimeoutMs,
      onComputed,
      onPhase: (phase: Phase) => options.onPhase(phase, host.token),
    };
    const key = keyOf(host);
    if (action.kind === 'plain') {
      assert(host.kind === 'reapi');
      const { name, connect } = overTcp(host, 1, options.socksProxy);
      const target = { key, name, connect, instance: host.instance, isPlain: true };
      const answer = await this.#native.execute(target, action.state(host), call);
      if (answer.ok || answer.error.kind !== 'not-native') return answer;
      return err({ kind: 'derailed', message: answer.error.message });
    }
    assert(isDistccdHost(host));
    const reached = this.#reach(host, options);
    return action.kind === 'blobs'
      ? this.#native.execute({ ...reached, key, instance: '', isPlain: false }, action, call)
      : executeOverDistcc(reached, action satisfies DistccAction, call);
  }

  #reach(
    host: DistccdHost,
    { ssh, socksProxy }: Pick<DispatchOptions<never>, 'ssh' | 'socksProxy'>,
  ): DistccHost {
    const protocol = host.isCompressed ? 2 : 1;
    if (host.kind === 'ssh') {
      return { name: host.token, protocol, connect: (signal) => this.#ssh.open(host, ssh(), signal) };
    }
    return overTcp(host, protocol, socksProxy);
  }
}

/** undefined where nobody could say what the result was made of: of a text, or of headers that a server has. */
function scopeOf(host: Host, form: Form): string | undefined {
  if (form === 'blobs') return '';
  return form === 'plain' && host.kind === 'reapi' && !host.hasHeaders ? keyOf(host) : undefined;
}

/** The best first. */
const FORMS = ['blobs', 'plain', 'tree', 'text'] as const;

/** Hosts that want to know who asks are still to come. */
function mayAsk(host: Host): boolean {
  return !isDistccdHost(host) || host.authentication === undefined;
}

function hostOf(candidates: readonly HostCandidate[], { key }: Slot): Host {
  const host = candidates.find((candidate) => candidate.key === key)?.host;
  if (host === undefined) throw new Error(`A slot of ${key} was not asked for`);
  return host;
}
