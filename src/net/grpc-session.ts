/**
 * A client of gRPC over HTTP/2 on whatever carries bytes: one session for all calls to one server.
 *
 * Our own, because a call costs half of what it costs with grpc-js (docs/decisions), and because a session runs
 * on a connection that we have made: TCP, or a channel of ssh.
 *
 * Source: gRPC over HTTP2 (PROTOCOL-HTTP2.md): each message has one byte, 0 for not compressed, and four with
 * its length, big-endian, before it; the call's status comes in the trailers, or with the headers where there is no message.
 */
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Conduit } from './conduit.ts';
import { MessageDecoder, PREFIX_BYTES } from './grpc-messages.ts';

/** How a call ended at the server: gRPC's numbers, of which these count here. */
export const GRPC_STATUS = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

export interface GrpcReply {
  readonly status: number;
  /** The server's sentence. */
  readonly message: string;
  /** An encoded google.rpc.Status, where the server sent one. */
  readonly details: Uint8Array | undefined;
  /** In their order; each is whole. Above MOST_SHARED_BYTES each has a buffer of its own. */
  readonly messages: readonly Uint8Array[];
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  /** How long the server may be silent. */
  readonly silenceMs: number;
  /** Beside gRPC's own: names in lowercase. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when a message begins that is no little word: of more than LITTLE_MESSAGE_BYTES. */
  readonly onLargeMessage?: () => void;
}

/** How much a server may send of one call, and of all, before we have read it. */
const WINDOW_BYTES = 8 << 20;
/** Node's own bound on a session is 10 MB, which a few objects fill. In MB. */
const SESSION_MEMORY_MB = 1024;

export class GrpcSession implements Disposable {
  readonly #name: string;
  readonly #session: ClientHttp2Session;
  readonly #closed = Promise.withResolvers<void>();
  #state: 'open' | 'closing' | 'closed' = 'open';

  private constructor(name: string, session: ClientHttp2Session) {
    this.#name = name;
    this.#session = session;
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('error', () => {}); // 'close' follows
    session.once('goaway', () => this.#leave('closing'));
    session.once('close', () => {
      this.#leave('closed');
      this.#closed.resolve();
    });
  }

  /**
   * Greets the server at the other end of a connection, which is the session's from then on.
   *
   * @returns a Failure of kind `derailed` where the far end is there but does not speak HTTP/2.
   */
  static greet(name: string, conduit: Conduit, greetMs: number): Promise<Result<GrpcSession, Failure>> {
    return new Promise((resolve) => {
      const session = connect(`http://${name}`, {
        createConnection: () => conduit,
        settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
        maxSessionMemory: SESSION_MEMORY_MB,
      });
      const end = (result: Result<GrpcSession, Failure>): void => {
        clearTimeout(timer);
        session.removeListener('error', onEnd).removeListener('close', onEnd);
        if (!result.ok) {
          session.on('error', () => {});
          session.destroy();
          conduit.destroy();
        }
        resolve(result);
      };
      const onEnd = (error?: Error): void => {
        const failure = conduit.explainEnd?.();
        const why = error === undefined ? 'it hung up' : error.message;
        end(err(failure ?? { kind: 'derailed', message: `${name} does not speak HTTP/2: ${why}` }));
      };
      const timer = setTimeout(
        () => end(err({ kind: 'timed-out', message: `${name} said nothing within ${greetMs / 1000} s` })),
        greetMs,
      );
      session.once('error', onEnd).once('close', onEnd);
      session.once('remoteSettings', () => end(ok(new GrpcSession(name, session))));
    });
  }

  /** Whether calls may be made: the far end has neither left nor said that it will. */
  get isOpen(): boolean {
    return this.#state === 'open' && !this.#session.destroyed;
  }

  /**
   * Asks a far end that has been silent whether it is still there: a connection may have died without a word. Ends the
   * session if not.
   */
  async isAlive(answerMs: number): Promise<boolean> {
    if (!this.isOpen) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), answerMs);
    const isSent = this.#session.ping((error) => resolve(error === null));
    const isThere = isSent && (await promise);
    clearTimeout(timer);
    if (!isThere) this[Symbol.dispose]();
    return isThere;
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Makes one call with one message or more, and collects the answer. A Failure means that the call did not come
   * to its end: the connection broke, the server was silent, or the caller has gone.
   */
  call(
    method: string,
    messages: readonly Uint8Array[],
    options: CallOptions,
  ): Promise<Result<GrpcReply, Failure>> {
    if (options.signal.aborted)
      return Promise.resolve(err({ kind: 'cancelled', message: 'the caller has gone' }));
    if (!this.isOpen) return Promise.resolve(err(this.#broken('it has closed the session')));
    const stream = this.#session.request(
      {
        ':method': 'POST',
        ':path': method,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...options.headers,
      },
      { endStream: false },
    );
    const call = new Call(this.#name, stream, options);
    for (const message of messages) call.send(message);
    stream.end();
    return call.reply;
  }

  [Symbol.dispose](): void {
    this.#leave('closed');
    this.#session.destroy();
  }

  #leave(state: 'closing' | 'closed'): void {
    if (this.#state === 'open') this.#state = state;
  }

  #broken(why: string): Failure {
    return { kind: 'unreachable', message: `The connection to ${this.#name} broke: ${why}` };
  }
}

/** One call under way. */
class Call {
  readonly reply: Promise<Result<GrpcReply, Failure>>;
  readonly #name: string;
  readonly #stream: ClientHttp2Stream;
  readonly #messages: Uint8Array[] = [];
  readonly #decoder: MessageDecoder;
  #bytesSent = 0;
  #bytesReceived = 0;
  #status: Pick<GrpcReply, 'status' | 'message' | 'details'> | undefined;
  #failure: Failure | undefined;

  constructor(name: string, stream: ClientHttp2Stream, { signal, silenceMs, onLargeMessage }: CallOptions) {
    this.#decoder = new MessageDecoder(onLargeMessage);
    this.#name = name;
    this.#stream = stream;
    const { promise, resolve } = Promise.withResolvers<Result<GrpcReply, Failure>>();
    this.reply = promise;
    const onAbort = (): void => this.#fail('cancelled', 'the caller has gone');
    signal.addEventListener('abort', onAbort);
    stream.setTimeout(silenceMs, () =>
      this.#fail('timed-out', `${name} was silent for ${silenceMs / 1000} s`),
    );
    stream.on('response', (headers) => this.#hear(headers));
    stream.on('trailers', (headers) => this.#hear(headers));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) =>
      this.#fail('unreachable', `The connection to ${name} broke: ${error.message}`),
    );
    stream.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(this.#result());
    });
  }

  send(message: Uint8Array): void {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    // Small ones are joined: each piece is a frame of its own on the wire.
    if (message.length < 16 << 10) this.#stream.write(Buffer.concat([prefix, message]));
    else {
      this.#stream.write(prefix);
      this.#stream.write(message);
    }
    this.#bytesSent += PREFIX_BYTES + message.length;
  }

  #hear(headers: IncomingHttpHeaders): void {
    const http = headers[':status'] as unknown as number | undefined;
    const status = headers['grpc-status'];
    if (status !== undefined) {
      const details = headers['grpc-status-details-bin'];
      this.#status = {
        status: Number(status),
        message: decodeMessage(String(headers['grpc-message'] ?? '')),
        details: details === undefined ? undefined : Buffer.from(String(details), 'base64'),
      };
    } else if (http !== undefined && http !== 200)
      this.#fail('derailed', `${this.#name} answered with ${http}`);
  }

  #take(chunk: Buffer): void {
    this.#bytesReceived += chunk.length;
    const messages = this.#decoder.push(chunk);
    if (messages === undefined) return this.#fail('derailed', `${this.#name} sent no proper message`);
    this.#messages.push(...messages);
  }

  #fail(kind: Failure['kind'], message: string): void {
    this.#failure ??= { kind, message };
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #result(): Result<GrpcReply, Failure> {
    if (this.#failure !== undefined) return err(this.#failure);
    if (this.#status === undefined)
      return err({ kind: 'unreachable', message: `The connection to ${this.#name} broke: no status came` });
    const counts = { bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived };
    return ok({ ...this.#status, messages: this.#messages, ...counts });
  }
}

/** As gRPC has it: percent-encoded. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
