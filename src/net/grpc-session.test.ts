import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { MOST_SHARED_BYTES } from './grpc-messages.ts';
import { GrpcSession } from './grpc-session.ts';

const QUIETLY = { signal: new AbortController().signal, silenceMs: 5000 };

function framed(...messages: Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      return [prefix, message];
    }),
  );
}

/** A server that answers each call by its path. */
async function serve(): Promise<{ port: number; [Symbol.dispose](): void }> {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('end', () => {
      if (headers[':path'] === '/silent') return;
      if (headers[':path'] === '/cut') {
        stream.close(2);
        return;
      }
      if (headers[':path'] === '/no') {
        stream.respond(
          { ':status': 200, 'grpc-status': '9', 'grpc-message': 'no%20way' },
          { endStream: true },
        );
        return;
      }
      if (headers[':path'] === '/500') {
        stream.respond({ ':status': 500 }, { endStream: true });
        return;
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const body =
        headers[':path'] === '/bad'
          ? Buffer.from([1, 0, 0, 0, 0])
          : framed(Buffer.concat(chunks), Buffer.from('x'));
      // In two pieces, with the cut in a prefix.
      stream.write(body.subarray(0, 3));
      setImmediate(() => stream.end(body.subarray(3)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

async function greet(port: number): Promise<GrpcSession> {
  const session = await GrpcSession.greet('there', connect(port, '127.0.0.1'), 5000);
  assert.ok(session.ok);
  return session.value;
}

test('call() sends messages with their lengths, and collects those of the answer', async () => {
  using server = await serve();
  using session = await greet(server.port);
  const large = Buffer.alloc(300_000, 'l');
  const calls = [[Buffer.from('one'), Buffer.from('two')], [], [large]];
  const replies = await Promise.all(calls.map((messages) => session.call('/echo', messages, QUIETLY)));
  for (const [index, reply] of replies.entries()) {
    assert.ok(reply.ok);
    assert.equal(reply.value.status, 0);
    assert.deepEqual(
      reply.value.messages.map((message) => Buffer.from(message)),
      [framed(...(calls[index] ?? [])), Buffer.from('x')],
    );
    for (const { length, buffer } of reply.value.messages)
      assert.ok(length <= MOST_SHARED_BYTES || length === buffer.byteLength);
  }
});

test('call() tells the server’s status from a connection that broke', async () => {
  using server = await serve();
  using session = await greet(server.port);
  const refused = await session.call('/no', [], QUIETLY);
  assert.ok(refused.ok);
  assert.deepEqual([refused.value.status, refused.value.message], [9, 'no way']);
  const kinds = [];
  for (const path of ['/cut', '/500', '/bad']) {
    const reply = await session.call(path, [], QUIETLY);
    kinds.push(!reply.ok && reply.error.kind);
  }
  assert.deepEqual(kinds, ['unreachable', 'derailed', 'derailed']);
  const silent = await session.call('/silent', [], { ...QUIETLY, silenceMs: 50 });
  assert.equal(!silent.ok && silent.error.kind, 'timed-out');
  const controller = new AbortController();
  const cancelled = session.call('/silent', [], { ...QUIETLY, signal: controller.signal });
  controller.abort();
  const reply = await cancelled;
  assert.equal(!reply.ok && reply.error.kind, 'cancelled');
});

test('greet() knows a far end that does not speak HTTP/2', async () => {
  const servers: Server[] = [];
  const listen = async (onData: (socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => onData(socket));
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const hangsUp = await listen((socket) => socket.end());
  const nonsense = await listen((socket) => socket.end('DONE00000001STAT00000000'));
  const mute = await listen(() => {});
  const kinds = [];
  for (const port of [hangsUp, nonsense, mute]) {
    const session = await GrpcSession.greet('there', connect(port, '127.0.0.1'), 200);
    kinds.push(!session.ok && session.error.kind);
  }
  assert.deepEqual(kinds, ['derailed', 'derailed', 'timed-out']);
  for (const server of servers) server.close();
});

test('a session whose server has gone is not open any more', async () => {
  const server = await serve();
  using session = await greet(server.port);
  assert.ok(session.isOpen && (await session.isAlive(5000)));
  server[Symbol.dispose]();
  await session.closed;
  assert.ok(!session.isOpen && !(await session.isAlive(5000)));
  const reply = await session.call('/echo', [], QUIETLY);
  assert.equal(!reply.ok && reply.error.kind, 'unreachable');
});
