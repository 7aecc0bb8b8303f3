/**
 * The agent's door: a Unix socket that launchers and tools come through, one connection each.
 *
 * Nobody but this user gets here: the socket stands in a directory of mode 0700.
 */
import type { Server, Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import { FrameError } from '../wire/launcher/frame.ts';
import { LauncherDecoder, type LauncherMessage } from '../wire/launcher/launcher-message.ts';
import { Caller } from './caller.ts';

export interface DoorHandlers {
  /** A launcher has come. Must not throw; the connection is the caller's. */
  readonly onCaller: (caller: Caller) => void;
  /** A tool asks; the socket is its answer's way. */
  readonly onQuery: (query: string, socket: Socket) => void;
}

/** Half of what a launcher bears in silence before it doubts us. */
const ALIVE_EVERY_MS = 5000;

export class Door implements Disposable {
  readonly #server: Server;
  readonly #handlers: DoorHandlers;
  readonly #log: Log;
  readonly #callers = new Set<Caller>();
  readonly #alive: NodeJS.Timeout;

  constructor(server: Server, handlers: DoorHandlers, log: Log) {
    this.#server = server;
    this.#handlers = handlers;
    this.#log = log;
    server.on('connection', (socket: Socket) => this.#admit(socket));
    this.#alive = setInterval(() => this.#sayAlive(), ALIVE_EVERY_MS);
  }

  /** Launchers whose connection is open, those whose compiler runs here included. */
  get callers(): number {
    return this.#callers.size;
  }

  /** Lets nobody in any more; those inside stay. */
  [Symbol.dispose](): void {
    clearInterval(this.#alive);
    this.#server.close();
  }

  #sayAlive(): void {
    for (const caller of this.#callers) caller.sayAlive();
  }

  #admit(socket: Socket): void {
    const decoder = new LauncherDecoder();
    let caller: Caller | undefined;

    const onMessage = (message: LauncherMessage): void => {
      switch (message.type) {
        case 'invocation':
          if (caller !== undefined) throw new FrameError('A second invocation came');
          caller = this.#welcome(socket, message);
          return;
        case 'ended':
          if (caller?.ended(message) !== true) throw new FrameError('An end came of what was not started');
          return;
        case 'query':
          if (caller !== undefined) throw new FrameError('A query came after an invocation');
          this.#handlers.onQuery(message.text, socket);
          return;
      }
    };

    // A launcher that vanished is told by `close`; why the kernel thinks so does not matter.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const message of decoder.push(chunk)) onMessage(message);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#log('warning', `a launcher sent nonsense: ${error.message}`);
        socket.destroy();
      }
    });
  }

  #welcome(socket: Socket, message: Extract<LauncherMessage, { type: 'invocation' }>): Caller {
    const caller = new Caller(socket, message);
    this.#callers.add(caller);
    void caller.closed.then(() => this.#callers.delete(caller));
    this.#handlers.onCaller(caller);
    return caller;
  }
}
