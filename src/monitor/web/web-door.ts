/**
 * Serves the page on loopback to whoever has the token: other users of the machine, and pages of other sites that
 * guess the port, are told nothing.
 *
 *    /?token=TOKEN   leaves the token with the browser, and goes to /
 *    /               the page
 *    /feed           what happens, as server-sent events
 *    /story?job=N    all of one job
 *    /metrics        for Prometheus, which may bring the token as a bearer's
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Story } from '../../events/history.ts';
import { METRICS_TYPE } from '../../wire/monitor/prometheus.ts';
import { Feed, type FeedOptions } from './feed.ts';
import { describeReasons, type DescribeReason, type ToldStory } from './told-story.ts';
import type { PageFile } from '../../files/page-file.ts';

export interface WebDoorOptions extends FeedOptions {
  readonly page: PageFile;
  readonly metrics: () => string;
  readonly describe: DescribeReason;
}

const LOOPBACK = '127.0.0.1';
/** Goes on to the page; it has an icon, so that none is asked for. */
const ENTRANCE =
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url=/">';
const TOKEN_BYTES = 24;

export class WebDoor implements Disposable {
  readonly #options: WebDoorOptions;
  readonly #server: Server;
  readonly #feed: Feed;
  readonly #token = randomBytes(TOKEN_BYTES).toString('base64url');

  private constructor(options: WebDoorOptions) {
    this.#options = options;
    this.#feed = new Feed(options);
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @param port 0 for any. @throws where it cannot listen there. */
  static async open(options: WebDoorOptions, port: number): Promise<WebDoor> {
    const door = new WebDoor(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    door.#server.once('error', reject).listen(port, LOOPBACK, resolve);
    await promise;
    return door;
  }

  /** Where a browser is let in. */
  get address(): string {
    return `http://${LOOPBACK}:${this.#port}/?token=${this.#token}`;
  }

  get isWatched(): boolean {
    return this.#feed.isWatched;
  }

  [Symbol.dispose](): void {
    this.#feed[Symbol.dispose]();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ports share their cookies. */
  get #cookie(): string {
    return `manyhands-${this.#port}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    if (!this.#isMeant(request)) return end(response, 403, 'It is served under its own address alone');
    if (request.method !== 'GET') return end(response, 405, 'There is nothing to change here');
    const target = URL.parse(request.url ?? '/', 'http://localhost');
    if (target === null) return end(response, 400, 'It names no page');
    const { pathname, searchParams } = target;
    const given = searchParams.get('token');
    if (given !== null && this.#isToken(given)) {
      // Not by a redirect: a browser that came from elsewhere would not take the cookie along.
      response.setHeader('set-cookie', `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`);
      return end(response, 200, ENTRANCE, 'text/html');
    }
    if (!isOwnSite(request)) return end(response, 403, 'It is served to its own pages alone');
    if (!this.#isToken(tokenOf(request, this.#cookie)))
      return end(response, 401, 'Open the address that `manyhands web` prints');
    return this.#show(pathname, searchParams, response);
  }

  #show(pathname: string, parameters: URLSearchParams, response: ServerResponse): void {
    const { page, metrics, history, describe } = this.#options;
    switch (pathname) {
      case '/':
        response.setHeader('content-security-policy', page.policy);
        return end(response, 200, page.html, 'text/html');
      case '/feed':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        if (!this.#feed.open(response)) response.end();
        return;
      case '/story': {
        const story: Story | undefined = history.story(Number(parameters.get('job')));
        if (story === undefined) return end(response, 404, 'No such job is remembered');
        const told: ToldStory = { story, known: describeReasons(story, describe) };
        return end(response, 200, JSON.stringify(told), 'application/json');
      }
      case '/metrics':
        return end(response, 200, metrics(), METRICS_TYPE);
      default:
        return end(response, 404, 'There is no such page');
    }
  }

  /** Whether it was meant for this door: a name of another site may lead here. */
  #isMeant({ headers: { host = '', origin } }: IncomingMessage): boolean {
    const own = [`${LOOPBACK}:${this.#port}`, `localhost:${this.#port}`];
    return own.includes(host) && (origin === undefined || origin === `http://${host}`);
  }

  #isToken(given: string): boolean {
    const [one, other] = [given, this.#token].map((text) => Buffer.from(text)) as [Buffer, Buffer];
    return one.length === other.length && timingSafeEqual(one, other);
  }
}

/** Pages of other sites may ask, though they are not told the answer. */
function isOwnSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

function tokenOf({ headers }: IncomingMessage, cookie: string): string {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  return bearer ?? new RegExp(`(?:^|; )${cookie}=([^;]*)`).exec(headers.cookie ?? '')?.[1] ?? '';
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.statusCode = status;
  response.setHeader('content-type', type.includes(';') ? type : `${type}; charset=utf-8`);
  response.end(text);
}
