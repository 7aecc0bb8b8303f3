/**
 * Clients that `distccd --inetd` carries here over a Unix socket (native/inetd.h). The carrier says first
 * who the client is, in one line, and waits for a "+" before it reads anything of the client's:
 *
 *    net ADDRESS PORT\n     a network client: its address is judged as if it had come to our own port
 *    pipe ADDRESS PORT\n    whoever holds the other end of the pipe was judged by sshd; "-" is no address
 *
 * The line is believed, because only this user can get at the socket.
 */
import type { Socket } from 'node:net';

import type { Peer } from './connection.ts';

export interface CarriedPeer extends Peer {
  readonly isJudged: boolean;
}

const MAX_LINE_BYTES = 200;
const LINE_MS = 10_000;

/** Resolves with undefined when the carrier has gone, or is none. The socket is left paused. */
export function receivePeer(socket: Socket): Promise<CarriedPeer | undefined> {
  const { promise, resolve } = Promise.withResolvers<CarriedPeer | undefined>();
  let line = '';
  const take = (chunk: Buffer): void => {
    line += chunk.toString('latin1');
    if (line.includes('\n') || line.length > MAX_LINE_BYTES) resolve(parsePeer(line));
  };
  const leave = (): void => resolve(undefined);
  socket.on('data', take);
  socket.on('error', () => {}); // 'close' follows
  socket.once('end', leave).once('close', leave);
  const timer = setTimeout(leave, LINE_MS);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('data', take).off('end', leave).off('close', leave).pause();
  });
}

function parsePeer(line: string): CarriedPeer | undefined {
  const [, kind, address = '', port] = /^(net|pipe) (\S+) (\d+)\n$/.exec(line) ?? [];
  return kind === undefined ? undefined : { address, port: Number(port), isJudged: kind === 'pipe' };
}
