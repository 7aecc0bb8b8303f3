/**
 * Opens a TCP connection, all addresses of a name in turn; or one to a Unix socket.
 *
 * Not left to node:net's own happy eyeballs: its deadline per address is a quarter of a second by
 * default, and its error names only the last address.
 */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type IpcSocketConnectOpts, type Socket, type TcpSocketConnectOpts } from 'node:net';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

export interface ConnectOptions extends Patience {
  readonly host: string;
  readonly port: number;
}

export interface Patience {
  /** For each address. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Connects, or says what was tried and what was seen. The socket is the caller's to destroy. */
export async function connectTcp(options: ConnectOptions): Promise<Result<Socket, Failure>> {
  const { host, port, timeoutMs, signal } = options;
  let addresses: readonly string[];
  try {
    addresses = isIP(host) > 0 ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return err(unreachable(`Cannot find ${host}: ${reasonOf(error)}. Is the name right?`));
  }
  let failure = unreachable(`Cannot find ${host}: it has no address`);
  for (const address of addresses) {
    if (signal.aborted) break;
    const target = { host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
    const attempt = await connectTo(target, { timeoutMs, signal });
    if (attempt.ok) return attempt;
    failure = unreachable(`Cannot connect to ${host}:${port}: ${attempt.error}. Is distccd running there?`);
  }
  if (signal.aborted) return err({ kind: 'cancelled', message: 'the caller has gone' });
  return err(failure);
}

/** The same for a server of this machine. */
export async function connectUnix(path: string, patience: Patience): Promise<Result<Socket, Failure>> {
  const attempt = await connectTo({ path }, patience);
  return attempt.ok ? attempt : err(unreachable(`Cannot connect to ${path}: ${attempt.error}`));
}

function connectTo(
  target: TcpSocketConnectOpts | IpcSocketConnectOpts,
  { timeoutMs, signal }: Patience,
): Promise<Result<Socket, string>> {
  return new Promise((resolve) => {
    const socket = connect(target);
    const end = (result: Result<Socket, string>): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      if (!result.ok) {
        socket.on('error', ignore);
        socket.destroy();
      }
      resolve(result);
    };
    const timer = setTimeout(() => end(err(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const onAbort = (): void => end(err('cancelled'));
    signal.addEventListener('abort', onAbort);
    socket.on('connect', () => end(ok(socket)));
    socket.on('error', (error) => end(err(reasonOf(error))));
  });
}

function unreachable(message: string): Failure {
  return { kind: 'unreachable', message };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ENOTFOUND':
      return 'no such name';
    case 'EHOSTUNREACH':
      return 'no way to the host';
    default:
      return error.message;
  }
}

function ignore(): void {
  // A destroyed socket may still say why; nobody asks any more.
}
