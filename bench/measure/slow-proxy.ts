/**
 * A TCP proxy on loopback that is as slow as a line far away: each direction has a bandwidth, which all connections
 * share, and each byte is under way for a while. A connection is read on when what it has sent is on the line.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface SlowProxy extends AsyncDisposable {
  readonly port: number;
  /** Since the last time, in the direction that had more, without TCP's own. */
  takeBytes(): number;
}

export interface LineOptions {
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

/** One direction. */
class Line {
  bytes = 0;
  readonly #options: LineOptions;
  #freeMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  carry(from: Socket, to: Socket): void {
    const { delayMs, bytesPerSecond } = this.#options;
    // Timers of nearly one time come in any order, bytes do not.
    const underWay: (() => void)[] = [];
    const deliver = (act: () => void): void => {
      underWay.push(act);
      setTimeout(() => underWay.shift()?.(), this.#freeMs - performance.now() + delayMs);
    };
    from.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.#freeMs = Math.max(performance.now(), this.#freeMs) + (1000 * chunk.length) / bytesPerSecond;
      from.pause();
      setTimeout(() => from.resume(), Math.max(0, this.#freeMs - performance.now()));
      deliver(() => to.write(chunk));
    });
    from.on('end', () => {
      this.#freeMs = Math.max(performance.now(), this.#freeMs);
      deliver(() => to.end());
    });
    from.on('error', () => to.destroy());
  }
}

export async function startSlowProxy(targetPort: number, options: LineOptions): Promise<SlowProxy> {
  const lines = [new Line(options), new Line(options)] as const;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket.setNoDelay(true));
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, target]) keep(socket);
    lines[0].carry(client, target);
    lines[1].carry(target, client);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', 1024, resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    takeBytes: () => {
      const most = Math.max(...lines.map(({ bytes }) => bytes));
      for (const line of lines) line.bytes = 0;
      return most;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
