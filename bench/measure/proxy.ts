/**
 * A TCP proxy on loopback that counts. It runs in the bench's own process, which is not measured: what
 * counts as client is below `make`.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** Bytes in both directions so far, without TCP's own. */
  bytes(): number;
  /** Those of them that went to the target. */
  bytesUp(): number;
}

export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  const counts = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  const relay = (from: Socket, to: Socket, way: keyof typeof counts) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes) => (counts[way] += bytes.length));
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
    from.pipe(to);
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    relay(client, target, 'up');
    relay(target, client, 'down');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => counts.up + counts.down,
    bytesUp: () => counts.up,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
