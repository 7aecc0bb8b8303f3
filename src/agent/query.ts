/** What tools may ask the agent: `status` once, or `watch` for every event from now on. */
import type { Socket } from 'node:net';
import type { Journal } from '../events/journal.ts';
import type { Summary } from '../events/summary.ts';
import { encodeReport } from '../wire/launcher/agent-message.ts';

export interface AgentIdentity {
  readonly pid: number;
  readonly build: string;
  readonly version: string;
  readonly socketPath: string;
  readonly startedMs: number;
}

export interface QueryContext {
  readonly identity: AgentIdentity;
  readonly summary: Summary;
  readonly journal: Journal;
}

/** What a watcher may leave unread before it is dropped: work never waits for a monitor. */
const WATCHER_BACKLOG_MAX_BYTES = 4 << 20;

export function answerQuery(
  { identity, summary, journal }: QueryContext,
  query: string,
  socket: Socket,
): void {
  switch (query) {
    case 'status':
      socket.end(
        encodeReport(JSON.stringify({ agent: identity, ...summary.totals, running: summary.running })),
      );
      return;
    case 'watch': {
      const subscription = journal.subscribe((event) => {
        socket.write(encodeReport(JSON.stringify(event)));
        if (socket.writableLength > WATCHER_BACKLOG_MAX_BYTES) socket.destroy();
      });
      socket.once('close', () => subscription[Symbol.dispose]());
      return;
    }
    default:
      socket.destroy();
  }
}
