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

export class Caller {
  readonly invocation: InvocationFrame;
  /** Aborts when the connection ends. */
  readonly signal: AbortSignal;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #controller = new AbortController();
  #spawned: PromiseWithResolvers<Ended> | undefined;
  #isDecided = false;
  readonly #childrenUs = { userUs: 0, systemUs: 0 };

  constructor(socket: Socket, invocation: InvocationFrame) {
    this.invocation = invocation;
    this.#socket = socket;
    this.signal = this.#controller.signal;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    const leave = (): void => {
      this.#controller.abort(new CallerGone());
      this.#spawned?.reject(new CallerGone());
    };
    socket.once('end', leave);
    socket.once('close', () => {
      leave();
      resolve();
    });
    socket.write(encodeAck());
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
    if (!this.#isDecided) this.#socket.write(encodeAlive());
  }

  /** Names that the launcher removes if it has to go home on its own. */
  announce(names: readonly string[]): void {
    this.#socket.write(encodeStaged(names));
  }

  /**
   * Has the launcher run a program; one at a time.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  spawn(program: Spawn): Promise<Ended> {
    this.signal.throwIfAborted();
    this.#spawned = Promise.withResolvers<Ended>();
    this.#socket.write(encodeSpawn(program));
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

  /** Ends the connection from this side. */
  hangUp(): void {
    this.#socket.destroy();
  }

  runHere(verb: RunHere): void {
    const frame = encodeRunHere(verb);
    this.#isDecided = true;
    this.#socket.write(frame);
  }

  exit(verb: Exit): void {
    const frame = encodeExit(verb);
    this.#isDecided = true;
    this.#socket.write(frame);
  }
}
