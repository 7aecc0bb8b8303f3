/**
 * A proxy before a distccd that answers what it was asked before by itself: so builds after the first need
 * no compiler, and many rounds fit into a minute. It counts as the counting proxy does.
 */
import { createHash } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { RequestDecoder, type ReceivedRequest } from '../../src/wire/distcc/request.ts';
import { encodeEntry } from '../../src/wire/distcc/tree.ts';
import type { CountingProxy } from './proxy.ts';

export interface RememberingProxy extends Omit<CountingProxy, 'bytesUp'> {
  /** Jobs answered so far, from memory or not. */
  answers(): number;
}

export async function startRememberingProxy(targetPort: number): Promise<RememberingProxy> {
  const memory = new Map<string, Buffer>();
  const sockets = new Set<Socket>();
  let bytes = 0;
  let answers = 0;

  const answer = (client: Socket, reply: Buffer): void => {
    bytes += reply.length;
    answers++;
    client.end(reply);
  };

  const forward = (client: Socket, key: string, request: Buffer): void => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    target.on('data', (chunk: Buffer) => chunks.push(chunk));
    target.on('error', () => client.destroy());
    target.on('end', () => {
      const reply = Buffer.concat(chunks);
      memory.set(key, reply);
      answer(client, reply);
      target.destroy();
    });
    target.write(request);
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const decoder = new RequestDecoder();
    const chunks: Buffer[] = [];
    sockets.add(client.setNoDelay(true));
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    client.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      const request = decoder.push(chunk);
      if (request === undefined) return;
      const key = keyOf(request);
      const reply = memory.get(key);
      if (reply === undefined) forward(client, key, Buffer.concat(chunks));
      else answer(client, reply);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    answers: () => answers,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Equal for the same work; where the client wants the object is another place in each build. */
function keyOf(request: ReceivedRequest): string {
  const digest = createHash('sha256');
  const words = request.argv.filter((_, index) => request.argv[index - 1] !== '-o');
  digest.update([request.version, ...words].join('\0'));
  if (request.kind === 'text') digest.update(request.body);
  else for (const entry of request.entries) digest.update(encodeEntry(entry));
  return digest.digest('base64');
}
