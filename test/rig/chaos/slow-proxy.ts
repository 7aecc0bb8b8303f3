/**
 * Stands between a client and a worker, and makes one phase of each job long enough to be hit. It tells
 * where each connection is, as the worker sees it.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

export type WirePhase = 'connect' | 'send' | 'compile' | 'receive';

export interface SlowProxyOptions {
  readonly target: number;
  readonly holdMs: (phase: WirePhase) => number;
  /** `clientPort` is the client's end of the connection. */
  readonly onPhase: (phase: WirePhase, clientPort: number) => void;
}

/** The request's last packet is its DOTI; what is held back in the middle of a send is this much. */
const HELD_BACK_BYTES = 300;
const FIRST_REPLY_BYTES = 20;
const TREE_GREETING = 'DIST00000003';

export class SlowProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: SlowProxyOptions;
  readonly #open = new Set<Socket>();
  /** Requests in protocol 3, which bring all files of a compile. */
  trees = 0;

  private constructor(options: SlowProxyOptions) {
    this.#options = options;
    this.#server = createServer((client) => this.#serve(client));
  }

  static async open(options: SlowProxyOptions): Promise<SlowProxy> {
    const proxy = new SlowProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #serve(client: Socket): void {
    const { holdMs, target } = this.#options;
    const port = client.remotePort ?? 0;
    const onPhase = (phase: WirePhase): void => this.#options.onPhase(phase, port);
    onPhase('connect');
    const pass = (): void => {
      if (client.destroyed) return;
      const worker = connect(target, '127.0.0.1');
      this.#keep(client, worker);
      this.#passRequest(client, worker, onPhase);
      this.#passReply(worker, client, onPhase);
    };
    client.on('error', () => {});
    hold(holdMs('connect'), pass);
  }

  /** What either side breaks is broken for both. */
  #keep(client: Socket, worker: Socket): void {
    for (const [one, other] of [
      [client, worker],
      [worker, client],
    ] as const) {
      this.#open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#open.delete(one);
        // Not before what was held back of the reply has gone.
        if (one === client) other.destroy();
        else hold(this.#options.holdMs('receive') + 10, () => other.end());
      });
    }
  }

  #passRequest(client: Socket, worker: Socket, onPhase: (phase: WirePhase) => void): void {
    const { holdMs } = this.#options;
    client.once('data', (chunk: Buffer) => {
      onPhase('send');
      if (chunk.toString('latin1', 0, TREE_GREETING.length) === TREE_GREETING) this.trees++;
      const cut = Math.max(1, chunk.length - HELD_BACK_BYTES);
      worker.write(chunk.subarray(0, cut));
      client.pause();
      hold(holdMs('send'), () => {
        worker.write(chunk.subarray(cut));
        onPhase('compile');
        client.on('data', (more: Buffer) => worker.write(more));
        client.resume();
      });
    });
  }

  #passReply(worker: Socket, client: Socket, onPhase: (phase: WirePhase) => void): void {
    const { holdMs } = this.#options;
    worker.once('data', (chunk: Buffer) => {
      onPhase('receive');
      client.write(chunk.subarray(0, FIRST_REPLY_BYTES));
      worker.pause();
      hold(holdMs('receive'), () => {
        client.write(chunk.subarray(FIRST_REPLY_BYTES));
        worker.on('data', (more: Buffer) => client.write(more));
        worker.resume();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function hold(ms: number, then: () => void): void {
  if (ms > 0) setTimeout(then, ms);
  else then();
}
