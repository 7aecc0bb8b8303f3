/**
 * What tools may ask the agent: `status` or `stories QUESTION` once, `watch` or `watch together` for every event from now on, and what the
 * program around it adds.
 */
import type { Socket } from 'node:net';
import type { History, StoryQuestion } from '../events/history.ts';
import type { Journal } from '../events/journal.ts';
import type { Summary } from '../events/summary.ts';
import type { Watchers } from './watchers.ts';
import { encodeReport } from '../wire/launcher/agent-message.ts';

export interface AgentIdentity {
  readonly pid: number;
  readonly build: string;
  readonly version: string;
  readonly socketPath: string;
  readonly startedMs: number;
}

export interface AgentSources {
  readonly identity: AgentIdentity;
  readonly summary: Summary;
  readonly history: History;
  readonly journal: Journal;
}

/** Answers with JSON. `rest` is what stood after the word. */
export type AnswerQuery = (sources: AgentSources, rest: string) => Promise<string>;

export interface QueryContext {
  readonly sources: AgentSources;
  readonly watchers: Readonly<Record<'atOnce' | 'together', Watchers>>;
  readonly others: Readonly<Record<string, AnswerQuery>>;
}

export function answerQuery(
  { sources, watchers, others }: QueryContext,
  query: string,
  socket: Socket,
): void {
  const { identity, summary, history } = sources;
  const [word = '', rest = ''] = query.split(/ (.*)/s);
  switch (word) {
    case 'status':
      socket.end(
        encodeReport(JSON.stringify({ agent: identity, ...summary.totals, running: summary.running })),
      );
      return;
    case 'stories':
      socket.end(encodeReport(JSON.stringify(history.find(readQuestion(rest)))));
      return;
    case 'watch':
      return watchers[rest === 'together' ? 'together' : 'atOnce'].add(socket);
    default: {
      const answer = Object.hasOwn(others, word) ? others[word] : undefined;
      if (answer === undefined) socket.destroy();
      else
        answer(sources, rest).then(
          (json) => socket.end(encodeReport(json)),
          () => socket.destroy(),
        );
    }
  }
}

/** What is no question is asked by a program of another build, and told of the last job. */
function readQuestion(text: string): StoryQuestion {
  try {
    const question = JSON.parse(text) as { readonly [name in string]?: unknown };
    const { kind, file, directory } = question;
    if (kind === 'local' || kind === 'trouble' || kind === 'all') return { kind };
    if (kind === 'file' && typeof file === 'string' && typeof directory === 'string')
      return { kind, file, directory };
  } catch {
    // As below.
  }
  return { kind: 'last' };
}
