/**
 * What happens, for pages that are open: told some times a second, in one text for all of them. Nothing is done while none
 * is; one that does not read is dropped, so that it costs nobody memory.
 */
import type { ServerResponse } from 'node:http';
import type { History } from '../../events/history.ts';
import type { Journal } from '../../events/journal.ts';
import { rowOfEvent, rowOfStory, type EventRow, type Greeting } from './feed-rows.ts';

export interface FeedOptions {
  readonly history: History;
  readonly journal: Journal;
  readonly identity: { readonly version: string; readonly pid: number };
  readonly nowMs: () => number;
}

const TELL_EVERY_MS = 150;
/** A page that is behind by so much is not looked at. The first text has all jobs so far, and counts for itself. */
const MOST_UNREAD_BYTES = 2 << 20;
const MOST_PAGES = 16;

export class Feed implements Disposable {
  readonly #options: FeedOptions;
  /** With how much each may leave unread. */
  readonly #pages = new Map<ServerResponse, number>();
  #rows: EventRow[] = [];
  #subscription: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get isWatched(): boolean {
    return this.#pages.size > 0;
  }

  /** Tells one page all that has been, and then what happens. @returns whether there was room for one more. */
  open(page: ServerResponse): boolean {
    if (this.#pages.size >= MOST_PAGES) return false;
    // What is told to the others next is in the greeting already.
    this.#tell();
    const { history, identity, nowMs } = this.#options;
    const stories = history.find({ kind: 'all' }).map(rowOfStory);
    const greeting: Greeting = { ...identity, nowMs: nowMs(), stories };
    const text = formatMessage('greeting', greeting);
    page.write(text);
    this.#pages.set(page, text.length + MOST_UNREAD_BYTES);
    page.once('close', () => this.#leave(page));
    this.#subscription ??= this.#options.journal.subscribe((event) => {
      this.#rows.push(rowOfEvent(event));
      this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
    });
    return true;
  }

  [Symbol.dispose](): void {
    for (const page of this.#pages.keys()) page.destroy();
  }

  #leave(page: ServerResponse): void {
    this.#pages.delete(page);
    if (this.#pages.size > 0) return;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rows = [];
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#rows.length === 0) return;
    const text = formatMessage('events', this.#rows);
    this.#rows = [];
    for (const [page, mostUnreadBytes] of this.#pages) {
      page.write(text);
      if (page.writableLength > mostUnreadBytes) page.destroy();
    }
  }
}

/** As server-sent events have it. JSON has no line ends of its own. */
function formatMessage(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
