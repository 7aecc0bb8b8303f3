/**
 * The port of --stats: whoever connects is given the page, whatever it says or does not say, as distcc has
 * it. Nobody is waited for: a silent peer has the page and goes, or is cut off.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import type { Log } from '../base/log.ts';
import type { Admission } from './admit.ts';

export interface StatsDoorOptions {
  /** Descriptors of sockets that listen already. */
  readonly listeners: readonly number[];
  readonly admission: (address: string | undefined) => Admission;
  readonly page: () => Promise<string>;
  readonly log: Log;
}

const MAX_CONNECTIONS = 64;
const CONNECTION_MS = 5000;

export class StatsDoor {
  readonly #options: StatsDoorOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: StatsDoorOptions) {
    this.#options = options;
  }

  /** Begins to accept. @throws when a descriptor is no listening socket. */
  async listen(): Promise<void> {
    await Promise.all(this.#options.listeners.map((fd) => this.#listenOn(fd)));
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listenOn(fd: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => void this.#serve(socket));
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ fd }, () => {
      server.off('error', reject);
      server.on('error', (error) => this.#options.log('info', `Cannot accept: ${error.message}`));
      resolve();
    });
    return promise;
  }

  async #serve(socket: Socket): Promise<void> {
    socket.on('error', () => {}); // 'close' follows
    const { remoteAddress: address = '', remotePort: port = 0 } = socket;
    if (this.#options.admission(address) === 'denied') {
      this.#options.log(
        'warning',
        `connection from client '${address.replace(/^::ffff:/, '')}:${port}' denied by access list`,
      );
      socket.destroy();
      return;
    }
    if (this.#sockets.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    });
    // What it says is read and dropped: closing on unread bytes would take our page away from it.
    socket.resume();
    socket.end(await this.#options.page());
  }
}
