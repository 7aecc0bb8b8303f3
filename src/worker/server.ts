/**
 * The worker's one port: accepts, bounds the number of connections, and in the end closes the door and
 * waits for those inside.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import type { Admission } from './admit.ts';
import { receivePeer } from './carried.ts';
import { Connection } from './connection.ts';
import type { Caller, ConnectionServices } from './connection.ts';

export interface ServerOptions extends ConnectionServices {
  /** Descriptors of sockets that listen already. */
  readonly listeners: readonly number[];
  /** Has sessions of HTTP/2 end when their calls are done. */
  readonly drainSessions: () => void;
  readonly admission: (address: string | undefined) => Admission;
  /** Set when clients are carried here: `onIdle` is called when none has been here for `keepMs`. */
  readonly carried: { readonly keepMs: number; readonly onIdle: () => void } | undefined;
}

const BACKLOG = 1024;
const MAX_CONNECTIONS = 4096;
/** Peers that are not let in, but may hear why. */
const MAX_DENIED = 16;
const DENIED_MS = 30_000;
/** How long a worker of `distccd --inetd` waits for the first client, which is on its way. */
const FIRST_CLIENT_MS = 60_000;

export class WorkerServer {
  readonly #options: ServerOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  #denied = 0;
  /** Carriers that have not said yet whom they bring. */
  #arriving = 0;
  #idleTimer: NodeJS.Timeout | undefined;
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
    this.#waitForClients(FIRST_CLIENT_MS);
  }

  /** Accepts no more, closes those who have said nothing yet; resolves when the last one has its answer. */
  async drain(): Promise<void> {
    if (!this.#isDraining) {
      this.#isDraining = true;
      for (const server of this.#servers) server.close();
      for (const connection of this.#connections) if (connection.isIdle) connection.close();
      this.#options.drainSessions();
      if (this.#connections.size === 0) this.#drained.resolve();
    }
    await this.#drained.promise;
  }

  /** Ends all connections and their jobs. */
  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  #listenOn(fd: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.#options.carried) void this.#acceptCarried(socket);
      else this.#accept(socket);
    });
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
    const { remoteAddress: address = '', remotePort: port = 0 } = socket;
    this.#serve(socket, { peer: { address, port }, admission: this.#options.admission(address) });
  }

  async #acceptCarried(socket: Socket): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#arriving++;
    const peer = await receivePeer(socket);
    this.#arriving--;
    if (peer === undefined) {
      socket.destroy();
      this.#waitForClients(this.#options.carried?.keepMs ?? 0);
      return;
    }
    if (!this.#isDraining) socket.write('+');
    this.#serve(socket, {
      peer,
      admission: peer.isJudged ? 'welcome' : this.#options.admission(peer.address),
    });
    socket.resume();
  }

  #serve(socket: Socket, caller: Caller): void {
    const isDenied = caller.admission === 'denied';
    const isFull = this.#connections.size >= MAX_CONNECTIONS;
    if (this.#isDraining || isFull || (isDenied && this.#denied >= MAX_DENIED)) {
      if (isFull)
        this.#options.log('warning', `${MAX_CONNECTIONS} connections are open; one more was closed`);
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, caller, this.#options);
    this.#connections.add(connection);
    let timer: NodeJS.Timeout | undefined;
    if (isDenied) {
      this.#denied++;
      timer = setTimeout(() => connection.close(), DENIED_MS);
    }
    socket.once('close', () => {
      clearTimeout(timer);
      if (isDenied) this.#denied--;
      this.#connections.delete(connection);
      if (this.#isDraining && this.#connections.size === 0) this.#drained.resolve();
      this.#waitForClients(this.#options.carried?.keepMs ?? 0);
    });
  }

  #waitForClients(timeoutMs: number): void {
    const { carried } = this.#options;
    if (carried === undefined || this.#connections.size + this.#arriving > 0) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(carried.onIdle, timeoutMs);
  }
}
