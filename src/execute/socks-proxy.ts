/**
 * TCP connections that a SOCKS5 proxy makes for us, for a build that has no network of its own: Portage's
 * network-sandbox leaves it a proxy behind a Unix socket and names that in DISTCC_SOCKS_PROXY.
 */
import type { Socket } from 'node:net';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { connectTcp, connectUnix, type ConnectOptions, type Patience } from '../net/connect.ts';
import {
  decodeConnected,
  decodeMethod,
  encodeConnect,
  GREETING,
  NAME_MAX_BYTES,
  type SocksReply,
} from '../wire/socks5.ts';

/** Registered for SOCKS. */
const PORT = 1080;

/**
 * Connects by way of `proxy`: HOST, HOST:PORT or the full path of a Unix socket. The socket is the caller's
 * to destroy. The proxy finds the host's addresses, and has as long for all of them as we have for one.
 */
export async function connectThrough(
  proxy: string,
  { host, port, timeoutMs, signal }: ConnectOptions,
): Promise<Result<Socket, Failure>> {
  if (Buffer.byteLength(host) > NAME_MAX_BYTES)
    return err({ kind: 'unreachable', message: `A SOCKS proxy takes no name as long as ${host}` });
  const patience = { timeoutMs, signal };
  const connected = proxy.startsWith('/')
    ? await connectUnix(proxy, patience)
    : await connectTcp({ ...parseProxy(proxy), ...patience });
  if (signal.aborted) return cancelled(connected);
  if (!connected.ok) {
    const message = `Cannot ask the SOCKS proxy for ${host}:${port}: ${connected.error.message}`;
    return err({ kind: 'unreachable', message });
  }
  const socket = connected.value;
  let answer = await exchange(socket, { message: GREETING, decode: decodeMethod, ...patience });
  if (answer.ok) {
    const message = encodeConnect(host, port);
    answer = await exchange(socket, { message, decode: decodeConnected, ...patience });
  }
  if (signal.aborted) return cancelled(connected);
  if (answer.ok) return connected;
  socket.destroy();
  const message = `Cannot connect to ${host}:${port} by the SOCKS proxy ${proxy}: ${answer.error}`;
  return err({ kind: 'unreachable', message });
}

/** An IPv6 address with a port has brackets. */
export function parseProxy(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain ?? text, port: port === undefined ? PORT : Number(port) };
}

interface Exchange extends Patience {
  readonly message: Uint8Array;
  readonly decode: (bytes: Uint8Array) => SocksReply;
}

/** Says one thing and hears one; what comes after it stays in the socket. */
function exchange(
  socket: Socket,
  { message, decode, timeoutMs, signal }: Exchange,
): Promise<Result<void, string>> {
  return new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const end = (result: Result<void, string>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('readable', onReadable).off('end', onEnd).off('error', onError);
      if (!result.ok) socket.on('error', ignore);
      resolve(result);
    };
    const onAbort = (): void => end(err('cancelled'));
    const onEnd = (): void => end(err('it hung up'));
    const onError = (error: Error): void => end(err(error.message));
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
      const reply = decode(bytes);
      if (reply.kind === 'incomplete') return;
      if (reply.kind === 'denied') return end(err(reply.reason));
      if (bytes.length > reply.sizeBytes) socket.unshift(bytes.subarray(reply.sizeBytes));
      end(ok(undefined));
    };
    const timer = setTimeout(() => end(err(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    signal.addEventListener('abort', onAbort);
    socket.on('readable', onReadable).on('end', onEnd).on('error', onError);
    socket.write(message);
  });
}

function cancelled(connected: Result<Socket, Failure>): Result<Socket, Failure> {
  if (connected.ok) connected.value.destroy();
  return err({ kind: 'cancelled', message: 'the caller has gone' });
}

function ignore(): void {
  // A destroyed socket may still say why; nobody asks any more.
}
