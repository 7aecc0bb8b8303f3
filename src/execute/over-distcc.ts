/**
 * Runs an Action on one host over distcc's protocol: one connection, one job. A text goes in protocol 1 or
 * 2, as the host has it, a tree in 3.
 *
 * The request goes out in one write, because a stock server reads it packet by packet and a stock
 * client's many small writes are what makes it slow. The connection is never half-closed: a stock server
 * takes that for a client that has gone.
 */
import type { ActionResult, DistccAction } from '../action/action.ts';
import { EXIT } from '../base/exit-code.ts';
import type { Failure } from '../base/failure.ts';
import { freeMemory, isWholeBuffer } from '../base/memory.ts';
import { err, ok, type Result } from '../base/result.ts';
import { exitCodeOf, signalOf } from '../base/wait-status.ts';
import type { Phase } from '../events/event.ts';
import type { Conduit } from '../net/conduit.ts';
import { connectTcp } from '../net/connect.ts';
import { connectThrough } from './socks-proxy.ts';
import { ProtocolError } from '../wire/distcc/protocol-error.ts';
import { ReplyDecoder, type Reply } from '../wire/distcc/reply.ts';
import { encodeTextRequest, encodeTreeRequest } from '../wire/distcc/request.ts';

export interface DistccHost {
  /** For messages. */
  readonly name: string;
  /** For texts. 1: plain, 2: bodies compressed with LZO. */
  readonly protocol: 1 | 2;
  readonly connect: (signal: AbortSignal) => Promise<Result<Conduit, Failure>>;
}

export interface OverDistccOptions {
  readonly signal: AbortSignal;
  /** How long the host may be silent, compiling included. */
  readonly ioTimeoutMs: number;
  readonly onPhase: (phase: Phase) => void;
}

/** Disposing it frees the object's memory. */
export interface Answer extends Disposable {
  readonly result: ActionResult;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Of each address, as distcc has it. */
const CONNECT_TIMEOUT_MS = 4000;

/** A daemon that listens for TCP connections; `proxy` is who makes them for us, if somebody does. */
export function overTcp(
  { host, port }: { readonly host: string; readonly port: number },
  protocol: DistccHost['protocol'],
  proxy?: string,
): DistccHost {
  const connect: DistccHost['connect'] = (signal) => {
    const options = { host, port, timeoutMs: CONNECT_TIMEOUT_MS, signal };
    return proxy === undefined ? connectTcp(options) : connectThrough(proxy, options);
  };
  return { name: `${host}:${port}`, protocol, connect };
}

export async function executeOverDistcc(
  host: DistccHost,
  action: DistccAction,
  options: OverDistccOptions,
): Promise<Result<Answer, Failure>> {
  options.onPhase('connect');
  const connection = await host.connect(options.signal);
  if (!connection.ok) return connection;
  options.onPhase('send');
  return converse(connection.value, host, action, options);
}

function converse(
  conduit: Conduit,
  { name, protocol }: DistccHost,
  action: DistccAction,
  { signal, ioTimeoutMs, onPhase }: OverDistccOptions,
): Promise<Result<Answer, Failure>> {
  return new Promise((resolve) => {
    const isTree = action.kind === 'tree';
    const decoder = new ReplyDecoder(isTree ? 3 : protocol);
    const chunks = isTree ? encodeTreeRequest(action) : encodeTextRequest({ protocol, ...action });
    const bytesSent = chunks.reduce((sum, { length }) => sum + length, 0);
    let bytesReceived = 0;
    let isSent = false;
    // A reply of plain bodies has views of what came.
    const free = isTree || protocol === 2 ? freeMemory : () => undefined;

    const end = (result: Result<Answer, Failure>): void => {
      signal.removeEventListener('abort', onAbort);
      conduit.destroy();
      resolve(result);
    };
    const fail = (kind: Failure['kind'], message: string): void => end(err({ kind, message }));
    const onAbort = (): void => fail('cancelled', 'the caller has gone');
    const onReply = (reply: Reply): void => {
      const refusal = refusalOf(reply);
      if (refusal !== undefined) return fail('refused', `${name} refuses: ${refusal}`);
      if (reply.waitStatus === 0 && reply.object.length === 0) {
        return fail('refused', `${name} says that all went well, but sent no output`);
      }
      end(ok({ result: reply, bytesSent, bytesReceived, [Symbol.dispose]: () => free(reply.object) }));
      free(decoder.collected);
      // A tree's pieces are kept for the next tree.
      const body = chunks.at(-1);
      if (isSent && !isTree && body !== undefined && isWholeBuffer(body)) free(body);
    };

    // A host that does not know what to do with files hangs up before it has read them all.
    const onBroken = (error: Error): void =>
      fail(isTree ? 'derailed' : 'unreachable', `The connection to ${name} broke: ${error.message}`);

    if (signal.aborted) return onAbort();
    if (conduit.errored) return onBroken(conduit.errored);
    signal.addEventListener('abort', onAbort);
    conduit.setTimeout(ioTimeoutMs, () =>
      fail('timed-out', `${name} was silent for ${ioTimeoutMs / 1000} s`),
    );
    conduit.on('error', onBroken);
    conduit.on('end', () => {
      const reply = decoder.end();
      if (reply !== undefined) return onReply(reply);
      if (bytesReceived > 0) return fail('derailed', `${name} ended in the middle of its reply`);
      const failure = conduit.explainEnd?.();
      if (failure !== undefined) return end(err(failure));
      return fail('refused', `${name} closed the connection without an answer: its log says why`);
    });
    conduit.on('data', (chunk: Buffer) => {
      if (bytesReceived === 0) onPhase('receive');
      bytesReceived += chunk.length;
      try {
        const reply = decoder.push(chunk);
        if (reply !== undefined) onReply(reply);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        fail('derailed', `${name} sent nonsense: ${error.message}`);
      }
      if (isWholeBuffer(chunk)) free(chunk);
    });

    conduit.cork();
    for (const chunk of chunks.slice(0, -1)) conduit.write(chunk);
    conduit.write(chunks.at(-1) ?? '', () => {
      isSent = true;
      if (bytesReceived === 0) onPhase('compile');
    });
    conduit.uncork();
  });
}

/**
 * What a daemon says when it is the daemon that fails, not the compiler: distcc's own exit codes. A
 * compiler that was killed there says nothing about the source either.
 */
function refusalOf(reply: Reply): string | undefined {
  if (signalOf(reply.waitStatus) !== 0)
    return `its compiler was killed by signal ${signalOf(reply.waitStatus)}`;
  const code = exitCodeOf(reply.waitStatus);
  if (code < EXIT.failed || code > EXIT.timeout) return undefined;
  const words = Buffer.from(reply.stderr).toString('utf8').trim();
  return words === '' ? `exit code ${code}` : words;
}
