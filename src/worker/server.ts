/**
 * The worker's one port: accepts, bounds the number of connections, and in the end closes the door and
 * waits for those inside.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import type { Admission } from './admit.ts';
import { Connection } from './connection.ts';
import type { ConnectionServices } from './connection.ts';

export interface ServerOptions extends ConnectionServices {
  /** Descriptors of sockets that listen already. */
  readonly listeners: readonly number[];
  readonly admission: (address: string | undefined) => Admission;
}

const BACKLOG = 1024;
const MAX_CONNECTIONS = 4096;
/** Peers that are not let in, but may hear why. */
const MAX_DENIED = 16;
const DENIED_MS = 30_000;

export class WorkerServer {
  readonly #options: ServerOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  #denied = 0;
  #drained = Promise.withResolvers<void>();
  #isDraining = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Begins to accept. @throws when a descriptor is no listening socket. */
  async listen(): Promise<void> {
    await Promise.all(this.#options.listeners.map((fd) => this.#listenOn(fd)));
  }

  /** Accepts no more, closes those who have said nothing yet; resolves when the last one has its answer. */
  async drain(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      for (const server of this.#servers) server.close();
      for (const connection of this.#connections) if (connection.isIdle) connection.close();
      if (this.#connections.size === 0) this.#drained.resolve();
    }
    await this.#drained.promise;
  }

  /** Ends all connections and their jobs. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  #listenOn(fd: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#servers.push(server);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ fd, backlog: BACKLOG }, () => {
      server.off('error', reject);
      // When the parent closes the door, accept() fails here before its word reaches us.
      server.on('error', (error) => this.#options.log('info', `Cannot accept: ${error.message}`));
      resolve();
    });
    return promise;
  }

  #accept(socket: Socket): void {
    const admission = this.#options.admission(socket.remoteAddress);
    const isFull = this.#connections.size >= MAX_CONNECTIONS;
    if (this.#isDraining || isFull || (admission === 'denied' && this.#denied >= MAX_DENIED)) {
      if (isFull)
        this.#options.log('warning', `${MAX_CONNECTIONS} connections are open; one more was closed`);
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, admission, this.#options);
    this.#connections.add(connection);
    let timer: NodeJS.Timeout | undefined;
    if (admission === 'denied') {
      this.#denied++;
      timer = setTimeout(() => connection.close(), DENIED_MS);
    }
    socket.once('close', () => {
      clearTimeout(timer);
      if (admission === 'denied') this.#denied--;
      this.#connections.delete(connection);
      if (this.#isDraining && this.#connections.size === 0) this.#drained.resolve();
    });
  }
}
