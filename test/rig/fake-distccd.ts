/** A distccd under the test's control: takes requests, and answers as it is told. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodeReply, type Reply } from '../../src/wire/distcc/reply.ts';
import { RequestDecoder, type ReceivedRequest } from '../../src/wire/distcc/request.ts';

export interface Conversation {
  readonly request: ReceivedRequest;
  readonly socket: Socket;
  readonly answer: (reply: Partial<Reply>) => void;
}

export class FakeDistccd implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Jobs whose whole request has come. */
  jobs = 0;

  constructor(onJob: (conversation: Conversation) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const decoder = new RequestDecoder();
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const request = decoder.push(chunk);
        if (request === undefined) return;
        this.jobs++;
        onJob({ request, socket, answer: (reply) => answer(socket, request, reply) });
      });
    });
  }

  /** Starts to listen; returns the entry for a host list. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const NOTHING = new Uint8Array();

function answer(socket: Socket, { version }: ReceivedRequest, reply: Partial<Reply>): void {
  const whole = { version, waitStatus: 0, stderr: NOTHING, stdout: NOTHING, object: NOTHING, ...reply };
  for (const piece of encodeReply(whole)) socket.write(piece);
  socket.end();
}
