/**
 * The worker's door for the Remote Execution API: sessions of HTTP/2 on connections that came in at the one port.
 */
import type { Http2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Log } from '../../base/log.ts';
import type { StreamedBlobStore } from '../../store/blob-store.ts';
import type { ResultStore } from '../../store/result-store.ts';
import { actionCache } from './action-cache.ts';
import { byteStream } from './byte-stream.ts';
import { capabilities } from './capabilities.ts';
import { contentStore } from './content-store.ts';
import { execution, type ExecutionOptions } from './execution.ts';
import { inputs } from './inputs.ts';
import { MOST_MESSAGE_BYTES, MOST_STREAMS } from './limits.ts';
import { Uploads } from './uploads.ts';

export interface ReapiDoorOptions extends Pick<ExecutionOptions, 'box' | 'clock' | 'onExecuted'> {
  readonly stores: ReapiStores;
  readonly log: Log;
  readonly onUpload: (bytes: number) => void;
}

export interface ReapiStores {
  readonly blobs: StreamedBlobStore;
  /** Of this worker's own runs. */
  readonly results: ResultStore;
  /** Undefined where clients may not store results. */
  readonly clientResults: ResultStore | undefined;
}

/** Of what a client may send before we have read it: of one call, and of all. */
const WINDOW_BYTES = 4 << 20;
/** What comes with a message beside its blobs. */
const MESSAGE_OVERHEAD_BYTES = 1 << 20;

export class ReapiDoor {
  readonly #server: Server;
  readonly #injector: ReturnType<Server['createConnectionInjector']>;

  constructor({ stores, box, clock, log, onExecuted, onUpload }: ReapiDoorOptions) {
    this.#server = new Server({
      'grpc.max_receive_message_length': MOST_MESSAGE_BYTES + MESSAGE_OVERHEAD_BYTES,
      'grpc.max_send_message_length': MOST_MESSAGE_BYTES + MESSAGE_OVERHEAD_BYTES,
      'grpc.max_concurrent_streams': MOST_STREAMS,
    });
    widen(this.#server);
    const uploads = new Uploads();
    const { blobs, results, clientResults } = stores;
    const services = [
      capabilities({ canExecute: box !== undefined, takesResults: clientResults !== undefined }, log),
      contentStore({ blobs, uploads, log, onUpload }),
      inputs({ blobs, uploads, log, onUpload }),
      byteStream({ blobs, uploads, log, onUpload }),
      actionCache({ blobs, results, clientResults, log }),
      execution({ blobs, results, uploads, box, clock, log, onExecuted }),
    ];
    for (const { definition, implementation } of services)
      this.#server.addService(definition, implementation);
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Serves a connection that has begun with HTTP/2's preface. The socket is the door's to read from now on. */
  accept(socket: Socket, begun: Buffer): void {
    socket.unshift(begun);
    this.#injector.injectConnection(socket);
  }

  /** Ends idle sessions at once, others when their calls are done. */
  drain(seconds: number): void {
    this.#injector.drain(seconds * 1000);
  }

  destroy(): void {
    this.#injector.destroy();
    this.#server.forceShutdown();
  }
}

/**
 * HTTP/2's own windows of 64 KB let no more than that go up in each round trip. grpc-js has an option for them, but
 * looks at it in clients alone.
 */
function widen(server: Server): void {
  const create = server['createHttp2Server'].bind(server) as (credentials: ServerCredentials) => Http2Server;
  server['createHttp2Server'] = (credentials: ServerCredentials): Http2Server => {
    const http2 = create(credentials);
    http2.on('session', (session) => {
      session.settings({ initialWindowSize: WINDOW_BYTES });
      session.setLocalWindowSize(WINDOW_BYTES);
    });
    return http2;
  };
}
