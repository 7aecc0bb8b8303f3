/**
 * The worker's page and its feed, for whoever the access list lets in:
 *
 *    GET  /web         the page
 *    GET  /web/feed    figures, each second, as Server-Sent Events
 *
 * Nothing is collected while nobody looks.
 */
import type { ServerResponse } from 'node:http';
import type { PageFile } from '../files/page-file.ts';
import type { WorkerFigures } from '../wire/monitor/worker-figures.ts';

export interface PageDoorOptions {
  readonly readPage: () => PageFile;
  readonly figures: () => WorkerFigures;
}

const EVERY_MS = 1000;
/** More are sent away: a page that is left open counts. */
const MOST_READERS = 50;

export class PageDoor {
  readonly #options: PageDoorOptions;
  readonly #readers = new Set<ServerResponse>();
  #page: PageFile | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PageDoorOptions) {
    this.#options = options;
  }

  /** Whether it was one of its paths, and is answered. */
  answer(path: string, response: ServerResponse): boolean {
    if (path === '/web') this.#show(response);
    else if (path === '/web/feed') this.#feed(response);
    else return false;
    return true;
  }

  /** Ends all feeds. */
  close(): void {
    for (const reader of this.#readers) reader.end();
  }

  #show(response: ServerResponse): void {
    this.#page ??= this.#options.readPage();
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', this.#page.policy);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    response.shouldKeepAlive = false;
    response.end(this.#page.html);
  }

  #feed(response: ServerResponse): void {
    if (this.#readers.size >= MOST_READERS) {
      response.statusCode = 503;
      response.end('too many look at it\n');
      return;
    }
    // A page that comes again finds a worker that leaves closed.
    response.shouldKeepAlive = false;
    response.setHeader('content-type', 'text/event-stream');
    response.setHeader('cache-control', 'no-store');
    response.write(this.#format());
    this.#readers.add(response);
    this.#timer ??= setInterval(() => this.#tell(), EVERY_MS);
    response.once('close', () => {
      this.#readers.delete(response);
      if (this.#readers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  #tell(): void {
    const text = this.#format();
    for (const reader of this.#readers) {
      // One that does not read misses some: each stands for itself.
      if (!reader.writableNeedDrain) reader.write(text);
    }
  }

  #format(): string {
    return `data: ${JSON.stringify(this.#options.figures())}\n\n`;
  }
}
