/**
 * The worker's door for HTTP/1.1: the page, metrics, and where the owner lets them, what clients keep here: `bazel
 * --remote_cache=http://`, ccache and sccache.
 *
 *    GET        /web...      a page for people (page-door.ts)
 *    GET, HEAD  /            the page, in the form of distcc's statistics
 *    GET, HEAD  /metrics     for Prometheus
 *    GET, HEAD  /healthz     whether it is there
 *    GET, HEAD, PUT  [/PREFIX]/cas/HASH     a blob by its SHA-256, compared when it comes in
 *    GET, HEAD, PUT  [/PREFIX]/ac/KEY, /AB/KEY, /KEY     whatever the client says that it is
 *
 * Nothing of it is ever the answer to a compile: it has a store of its own.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { digestOf } from '../base/digest.ts';
import type { Log } from '../base/log.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { PageDoor } from './page-door.ts';
import { METRICS_TYPE } from '../wire/monitor/prometheus.ts';

export interface HttpDoorOptions {
  readonly page: () => Promise<string>;
  readonly metrics: () => string;
  readonly site: PageDoor;
  /** Undefined where clients may keep nothing here. */
  readonly kept: ResultStore | undefined;
  readonly log: Log;
}

/** A client that says nothing for so long, in the middle of a request or after one, is gone. */
const SILENCE_MS = 60_000;
const MOST_BODY_BYTES = 256 << 20;
const TEXT = 'text/plain; charset=utf-8';
const BLOB = /\/cas\/([0-9a-f]{64})$/;
const KEY = /^(?:\/[\w.-]{1,64})*?\/(?:ac\/|[\da-z]{2}\/)?[\da-zA-Z]{16,128}$/;

export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #server: Server;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        options.log('warning', `a request of HTTP failed: ${error.message}`);
        response.destroy();
      });
    }).setTimeout(SILENCE_MS);
  }

  /** Serves a connection of which `begun` has come. The socket is the door's to read from now on. */
  accept(socket: Socket, begun: Buffer): void {
    socket.unshift(begun);
    this.#server.emit('connection', socket);
    socket.resume();
  }

  /** Ends connections on which nothing is asked. */
  drain(): void {
    this.#options.site.close();
    this.#server.closeIdleConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const path = url.split('?')[0] ?? '';
    const isRead = method === 'GET' || method === 'HEAD';
    if (method === 'GET' && this.#options.site.answer(path, response)) return;
    const told = isRead ? await this.#tell(path) : undefined;
    if (told !== undefined) {
      response.shouldKeepAlive = false;
      response.setHeader('content-type', told.type);
      return end(response, 200, method === 'HEAD' ? '' : told.text);
    }
    const { kept } = this.#options;
    if (kept === undefined) return end(response, isRead ? 404 : 405);
    if (!BLOB.test(path) && !KEY.test(path)) return end(response, 404);
    // Names of keys are the client's; the store's are digests.
    const name = digestOf(Buffer.from(path));
    if (isRead) return this.#read(response, await kept.find(name), method);
    if (method !== 'PUT') return end(response, 405);
    const body = await readBody(request);
    if (body === undefined) return end(response, 413);
    const hash = BLOB.exec(path)?.[1];
    if (hash !== undefined && digestOf(body).hash !== hash)
      return end(response, 400, 'it is not that blob\n');
    const put = await kept.put(name, body);
    return put.ok ? end(response, 200) : end(response, 507, `${put.error.message}\n`);
  }

  /** undefined for what is no page. */
  async #tell(path: string): Promise<{ readonly text: string; readonly type: string } | undefined> {
    const { page, metrics } = this.#options;
    switch (path) {
      case '/':
        return { text: await page(), type: TEXT };
      case '/metrics':
        return { text: metrics(), type: METRICS_TYPE };
      case '/healthz':
        return { text: 'ok\n', type: TEXT };
      default:
        return undefined;
    }
  }

  #read(response: ServerResponse, kept: Uint8Array | undefined, method: string): void {
    if (kept === undefined) return end(response, 404);
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', kept.length);
    end(response, 200, method === 'HEAD' ? undefined : kept);
  }
}

function end(response: ServerResponse, status: number, body?: Uint8Array | string): void {
  response.statusCode = status;
  response.end(body);
}

/** undefined where it is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BODY_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
