/** The page of an agent: served from when somebody first asks for it. */
import type { History } from '../../events/history.ts';
import type { Journal } from '../../events/journal.ts';
import type { Summary } from '../../events/summary.ts';
import { formatAgentMetrics } from '../agent-metrics.ts';
import { readPage } from '../../files/page-file.ts';
import { WebDoor, type WebDoorOptions } from './web-door.ts';

export interface AgentWebOptions extends Pick<WebDoorOptions, 'describe' | 'nowMs'> {
  readonly pageFile: string;
}

interface Sources {
  readonly identity: { readonly version: string; readonly pid: number; readonly startedMs: number };
  readonly summary: Summary;
  readonly history: History;
  readonly journal: Journal;
}

/** Where it is served, or why it is not. */
export type WebAnswer = { readonly address: string } | { readonly error: string };

export class AgentWeb implements Disposable {
  readonly #options: AgentWebOptions;
  #door: WebDoor | undefined;

  constructor(options: AgentWebOptions) {
    this.#options = options;
  }

  get isWatched(): boolean {
    return this.#door?.isWatched === true;
  }

  /** @param port in decimal; 0 or nothing for any. @returns a WebAnswer as JSON. */
  async open({ identity, summary, history, journal }: Sources, port: string): Promise<string> {
    const { pageFile, describe, nowMs } = this.#options;
    try {
      const metrics = (): string =>
        formatAgentMetrics({ summary, identity, rssBytes: process.memoryUsage.rss() });
      const sources = { identity, history, journal, nowMs, metrics, describe };
      this.#door ??= await WebDoor.open({ ...sources, page: readPage(pageFile) }, Number(port) || 0);
      return JSON.stringify({ address: this.#door.address } satisfies WebAnswer);
    } catch (error) {
      return JSON.stringify({ error: (error as Error).message } satisfies WebAnswer);
    }
  }

  [Symbol.dispose](): void {
    this.#door?.[Symbol.dispose]();
  }
}
