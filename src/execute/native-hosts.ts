/**
 * Who speaks the native wire, and the sessions with those that do.
 *
 * A host is asked once, by the first job that could go there so. The answer is remembered until the host has been
 * away, and a "no" for some minutes, since a daemon may be replaced by ours. Of each host is remembered what it
 * has of blobs, and which compilers it has not got.
 */
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { BlobAction, StatedToolchain } from '../action/action.ts';
import type { Conduit } from '../net/conduit.ts';
import { GrpcSession } from '../net/grpc-session.ts';
import {
  decodeCapabilities,
  encodeGetCapabilities,
  type Capabilities,
} from '../wire/reapi/client-messages.ts';
import { METHODS } from '../wire/reapi/methods.ts';
import { KnownBlobs } from './known-blobs.ts';
import type { Answer } from './over-distcc.ts';
import { executeOverReapi, type NoToolchain, type OverReapiOptions } from './over-reapi.ts';
import { messageOf, UploadCalls, type Server } from './server.ts';

export interface NativeTarget {
  readonly key: string;
  /** For messages. */
  readonly name: string;
  readonly instance: string;
  /** As in Server. */
  readonly isPlain: boolean;
  readonly connect: (signal: AbortSignal) => Promise<Result<Conduit, Failure>>;
}

/** The far side speaks only distcc's protocols. */
export interface NotNative {
  readonly kind: 'not-native';
  readonly message: string;
}

export type NativeFailure = Failure | NoToolchain | NotNative;

/** What a host is good for, with a job's compiler. */
export type Standing =
  /** Nobody has asked yet, or it has that very compiler. */
  | 'may-be-native'
  /** It takes texts: it is no native host, has another build of that compiler, or one that cannot be told by its parts. */
  | 'old-wire'
  /** It has another version of the compiler. */
  | 'wrong-compiler';

const GREET_MS = 4000;
const IDLE_MS = 30_000;
const ASK_AGAIN_MS = 10 * 60_000;
/** A compiler may be installed any time. */
const VERDICT_MS = 60_000;
const MOST_VERDICTS = 1000;
/** No answer comes sooner: the line is no local one, and slower than a processor packs. */
const FAR_MS = 20;
/** gRPC's own bound is 4 MiB a message. */
const USUAL_BATCH_BYTES = 3 << 20;

interface Verdict {
  readonly standing: Standing;
  readonly atMs: number;
}

class NativeHost {
  readonly known = new KnownBlobs();
  usedMs = 0;
  oldSinceMs: number | undefined;
  server: Promise<Result<Server, Failure | NotNative>> | undefined;
  /** By the toolchain's hash. */
  readonly verdicts = new Map<string, Verdict>();
}

export class NativeHosts implements Disposable {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, NativeHost>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param toolchain undefined before the job's is known. */
  standing(key: string, toolchain: StatedToolchain | undefined): Standing {
    const host = this.#hosts.get(key);
    if (host === undefined) return 'may-be-native';
    const nowMs = this.#clock.monotonicMs();
    if (host.oldSinceMs !== undefined && nowMs - host.oldSinceMs < ASK_AGAIN_MS) return 'old-wire';
    const verdict = toolchain && host.verdicts.get(toolchain.root.hash);
    return verdict !== undefined && nowMs - verdict.atMs < VERDICT_MS ? verdict.standing : 'may-be-native';
  }

  async execute(
    target: NativeTarget,
    action: BlobAction,
    options: OverReapiOptions,
  ): Promise<Result<Answer, NativeFailure>> {
    const host = this.#hostOf(target.key);
    options.onPhase('connect');
    const server = await this.#serverOf(host, target);
    if (!server.ok) return server;
    const answer = await executeOverReapi(server.value, action, options);
    if (!answer.ok && answer.error.kind === 'no-toolchain') this.#judge(host, action.toolchain, answer.error);
    return answer;
  }

  [Symbol.dispose](): void {
    for (const { server } of this.#hosts.values()) {
      void server?.then((opened) => opened.ok && opened.value.session[Symbol.dispose]());
    }
    this.#hosts.clear();
  }

  #hostOf(key: string): NativeHost {
    const host = this.#hosts.get(key) ?? new NativeHost();
    this.#hosts.set(key, host);
    return host;
  }

  #judge(host: NativeHost, { root, version }: StatedToolchain, { version: there }: NoToolchain): void {
    if (host.verdicts.size >= MOST_VERDICTS) host.verdicts.clear();
    // Of one that cannot be told by its parts nobody knows better than distcc would.
    const standing = there === '' || there === version ? 'old-wire' : 'wrong-compiler';
    host.verdicts.set(root.hash, { standing, atMs: this.#clock.monotonicMs() });
  }

  async #serverOf(host: NativeHost, target: NativeTarget): Promise<Result<Server, Failure | NotNative>> {
    const before = host.server && (await host.server);
    if (before?.ok === true && (await this.#isThere(host, before.value))) return before;
    if (before !== undefined && host.server !== undefined) host.server = undefined;
    host.server ??= this.#open(host, target);
    const opened = await host.server;
    if (!opened.ok) host.server = undefined;
    return opened;
  }

  /** Whether the session may be used: one that was idle for long may have died without a word. */
  async #isThere(host: NativeHost, { session }: Server): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs();
    const wasIdle = nowMs - host.usedMs > IDLE_MS;
    host.usedMs = nowMs;
    return wasIdle ? session.isAlive(GREET_MS) : session.isOpen;
  }

  /** For all jobs that wait for it: not given up when one of them goes away. */
  async #open(
    host: NativeHost,
    { name, instance, isPlain, connect }: NativeTarget,
  ): Promise<Result<Server, Failure | NotNative>> {
    // It may be another one by now.
    host.known.clear();
    host.verdicts.clear();
    const { signal } = new AbortController();
    const conduit = await connect(signal);
    if (!conduit.ok) return conduit;
    const greetedMs = this.#clock.monotonicMs();
    const session = await GrpcSession.greet(name, conduit.value, GREET_MS);
    if (!session.ok) {
      if (session.error.kind !== 'derailed') return session;
      host.oldSinceMs = this.#clock.monotonicMs();
      return err({ kind: 'not-native', message: session.error.message });
    }
    host.oldSinceMs = undefined;
    const askedMs = this.#clock.monotonicMs();
    const call = { signal, silenceMs: GREET_MS };
    const reply = await session.value.call(METHODS.getCapabilities, [encodeGetCapabilities(instance)], call);
    const message = messageOf(name, reply, { bytesSent: 0, bytesReceived: 0 });
    const capabilities = message.ok ? decodeCapabilities(message.value) : undefined;
    const why = message.ok ? objectionTo(capabilities) : message.error.message;
    if (capabilities === undefined || why !== undefined) {
      session.value[Symbol.dispose]();
      host.oldSinceMs = this.#clock.monotonicMs();
      return err({ kind: 'not-native', message: `${name}: ${why}` });
    }
    return ok({
      name,
      session: session.value,
      instance,
      isPlain,
      known: host.known,
      uploads: new UploadCalls(),
      takesFrames: !isPlain,
      takesZstd: capabilities.takesZstd,
      isFar: Math.min(askedMs - greetedMs, this.#clock.monotonicMs() - askedMs) > FAR_MS,
      mostBatchBytes: Math.min(capabilities.mostBatchBytes || USUAL_BATCH_BYTES, USUAL_BATCH_BYTES),
    });
  }
}

function objectionTo(capabilities: Capabilities | undefined): string | undefined {
  if (capabilities?.hasSha256 !== true) return 'it does not know SHA-256';
  return capabilities.canExecute ? undefined : 'it runs nothing on this wire';
}
