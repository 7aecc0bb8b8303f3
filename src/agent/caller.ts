/**
 * One launcher at the other end of a connection: what it asked, and the verbs that it obeys.
 *
 * End of file means that the caller has gone, or, after `RUN_HERE`, that its compiler has ended.
 */
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Ended, InvocationFrame } from '../wire/launcher/launcher-message.ts';
import {
  encodeAck,
  encodeAlive,
  encodeExit,
  encodeRunHere,
  encodeSpawn,
  encodeStaged,
  type Exit,
  type RunHere,
  type Spawn,
} from '../wire/launcher/agent-message.ts';

/** The caller went away in the middle of its job. */
export class CallerGone extends Error {
  constructor() {
    super('the caller has gone');
  }
}

/** A launcher waits two seconds for it. */
const ACK_LATEST_MS = 20;

/** An error's stack is dear, and at the end of a job nobody looks at it. */
const GONE_AFTERWARDS = new CallerGone();

export class Caller {
  readonly invocation: InvocationFrame;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #controller = new AbortController();
  #spawned: PromiseWithResolvers<Ended> | undefined;
  #unsaid: Uint8Array | undefined;
  #isDecided = false;
  readonly #childrenUs = { userUs: 0, systemUs: 0 };

  constructor(socket: Socket, invocation: InvocationFrame) {
    this.invocation = invocation;
    this.#socket = socket;
    this.signal = this.#controller.signal;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      const gone = this.#isDecided ? GONE_AFTERWARDS : new CallerGone();
      this.#controller.abort(gone);
      this.#spawned?.reject(gone);
    };
    socket.once('end', leave);
    socket.once('close', () => {
      leave();
      resolve();
    });
    // Each piece wakes the launcher: where the outcome is known at once, it comes along with it.
    this.#unsaid = encodeAck();
    setTimeout(() => this.#say(), ACK_LATEST_MS).unref();
  }

  /** Whether the final verb has been said. */
  get isDecided(): boolean {
    return this.#isDecided;
  }

  /** CPU that the programs it was asked to start have used. */
  get childrenUs(): { readonly userUs: number; readonly systemUs: number } {
    return this.#childrenUs;
  }

  /** To be called at least every 5 s. */
  sayAlive(): void {
    if (!this.#isDecided) this.#write(encodeAlive());
  }

  /** Names that the launcher removes if it has to go home on its own. */
  announce(names: readonly string[]): void {
    this.#write(encodeStaged(names));
  }

  /**
   * Has the launcher run a program; one at a time.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  spawn(program: Spawn): Promise<Ended> {
    this.signal.throwIfAborted();
    this.#spawned = Promise.withResolvers<Ended>();
    this.#write(encodeSpawn(program));
    return this.#spawned.promise;
  }

  /** The answer to spawn(), as it came in. Returns false when none was asked for. */
  ended(frame: Ended): boolean {
    if (this.#spawned === undefined) return false;
    this.#childrenUs.userUs += frame.userUs;
    this.#childrenUs.systemUs += frame.systemUs;
    this.#spawned.resolve(frame);
    this.#spawned = undefined;
    return true;
  }

  /**
   * Hears all that has come by now: if we were stopped for long, the caller may have gone home meanwhile.
   *
   * @throws {CallerGone} if so.
   */
  async confirm(): Promise<void> {
    await setImmediate();
    this.signal.throwIfAborted();
  }

  /** What is said in one turn goes out in one piece: each piece wakes the launcher. */
  #write(frame: Uint8Array): void {
    if (!this.#socket.writableCorked) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#say();
    this.#socket.write(frame);
  }

  #say(): void {
    const frame = this.#unsaid;
    this.#unsaid = undefined;
    if (frame !== undefined && !this.#socket.destroyed) this.#socket.write(frame);
  }

  /** Ends the connection from this side. */
  hangUp(): void {
    this.#socket.destroy();
  }

  runHere(verb: RunHere): void {
    const frame = encodeRunHere(verb);
    this.#isDecided = true;
    this.#write(frame);
  }

  exit(verb: Exit): void {
    const frame = encodeExit(verb);
    this.#isDecided = true;
    this.#write(frame);
  }
}
