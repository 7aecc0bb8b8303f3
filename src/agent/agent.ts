/**
 * The agent: serves launchers until it has been idle for a while. One per user, world, distcc directory
 * and build; it starts no process itself but ssh, one for many jobs.
 */
import { randomUUID } from 'node:crypto';
import { lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import { SpoolDirectory } from '../files/spool-directory.ts';
import { BufferPool } from '../files/buffer-pool.ts';
import { History } from '../events/history.ts';
import { Journal, type Listener } from '../events/journal.ts';
import { Summary } from '../events/summary.ts';
import { RemoteHosts } from '../execute/remote.ts';
import { SshConnections } from '../ssh/ssh-connections.ts';
import type { Caller } from './caller.ts';
import { CallersToolchains } from './callers-toolchains.ts';
import { Door } from './door.ts';
import { FrontEnds } from './front-ends.ts';
import { Headers } from './headers.ts';
import { JobRecord } from './job-record.ts';
import { LocalSlots } from './local-slots.ts';
import { OwnCaches } from './own-caches.ts';
import { answerQuery, type AnswerQuery } from './query.ts';
import { serve } from './serve.ts';
import { Watchers } from './watchers.ts';

export interface AgentOptions {
  /** Listening already; launchers may be waiting in its backlog. */
  readonly server: Server;
  readonly socketPath: string;
  /** Where to make the directory for texts, or a link to it; removed at the end. */
  readonly spool: string;
  readonly build: string;
  readonly version: string;
  /** Relative names in the environment are relative to `directory`. */
  readonly settingsFor: (environment: ReadonlyMap<string, string>, directory: string) => ClientSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly idleMs: number;
  /** Who else hears what happens; they only listen. */
  readonly observers?: readonly Listener[];
  /** What else tools may ask, by the question's first word. */
  readonly queries?: Readonly<Record<string, AnswerQuery>>;
  /** Whether somebody looks on, and would miss it. */
  readonly isWatched?: () => boolean;
}

/** How long the door stays open after its name is gone, for launchers that had found it just before. */
const LAST_CALL_MS = 1000;
const IDLE_CHECK_MS = 5000;
/** How long events are held back for those who do not mind. */
const HELD_MS = 50;

export class Agent {
  readonly #options: AgentOptions;
  readonly #door: Door;
  readonly #journal = new Journal();
  readonly #remote: RemoteHosts;
  readonly #local = new LocalSlots();
  readonly #pool = new BufferPool();
  readonly #frontEnds = new FrontEnds();
  readonly #headers: Headers;
  readonly #toolchains: CallersToolchains;
  readonly #caches: OwnCaches;
  readonly #spool: SpoolDirectory;
  readonly #socketInode: number;
  /** For names of jobs. */
  readonly #name = randomUUID().slice(0, 8);
  #jobs = 0;
  #idleSinceMs: number;
  #state: 'serving' | 'leaving' = 'serving';

  constructor(options: AgentOptions) {
    this.#options = options;
    const { server, socketPath, spool, clock, log, build, version } = options;
    this.#socketInode = lstatSync(socketPath).ino;
    this.#idleSinceMs = clock.monotonicMs();
    this.#spool = new SpoolDirectory(spool);
    const ssh = new SshConnections(this.#spool.path);
    this.#remote = new RemoteHosts(clock, ssh);
    this.#headers = new Headers(clock);
    this.#toolchains = new CallersToolchains(clock);
    this.#caches = new OwnCaches(log);
    const summary = new Summary();
    const history = new History();
    this.#journal.subscribe((event) => summary.add(event));
    this.#journal.subscribe((event) => history.add(event));
    for (const observer of options.observers ?? []) this.#journal.subscribe(observer);
    const identity = { pid: process.pid, build, version, socketPath, startedMs: clock.wallMs() };
    const handlers = {
      onCaller: (caller: Caller) => void this.#serve(caller),
      onQuery: answerQuery.bind(undefined, {
        sources: { identity, summary, history, journal: this.#journal },
        watchers: {
          atOnce: new Watchers(this.#journal, 0),
          together: new Watchers(this.#journal, HELD_MS),
        },
        others: options.queries ?? {},
      }),
    };
    this.#door = new Door(server, handlers, log);
    const timer = setInterval(() => this.#leaveWhenIdle(), Math.min(options.idleMs, IDLE_CHECK_MS));
    // Closed when the last connection has ended: nobody's texts are left then.
    server.once('close', () => {
      clearInterval(timer);
      this.#remote[Symbol.dispose]();
      ssh[Symbol.dispose]();
      this.#spool[Symbol.dispose]();
    });
  }

  /** Lets nobody in any more; jobs under way go on. */
  leave(): void {
    if (this.#state === 'leaving') return;
    this.#state = 'leaving';
    // Another agent may have taken the name, if somebody had removed ours.
    if (this.#ownsName()) unlinkSync(this.#options.socketPath);
    setTimeout(() => this.#door[Symbol.dispose](), LAST_CALL_MS);
  }

  #ownsName(): boolean {
    return lstatSync(this.#options.socketPath, { throwIfNoEntry: false })?.ino === this.#socketInode;
  }

  #leaveWhenIdle(): void {
    const { clock, idleMs } = this.#options;
    const isWatched = this.#options.isWatched?.() === true;
    if (this.#door.callers > 0 || (isWatched && this.#ownsName())) this.#idleSinceMs = clock.monotonicMs();
    else if (!this.#ownsName() || clock.monotonicMs() - this.#idleSinceMs >= idleMs) this.leave();
  }

  async #serve(caller: Caller): Promise<void> {
    const { clock, settingsFor, build, log } = this.#options;
    const spool = this.#spool.path;
    const { invocation } = caller;
    const settings = settingsFor(invocation.environment, invocation.directory);
    const { traces } = settings;
    const record = new JobRecord(this.#journal, clock, {
      job: ++this.#jobs,
      agent: this.#name,
      invocation,
      traces,
    });
    await serve({
      caller,
      settings,
      record,
      remote: this.#remote,
      local: this.#local,
      pool: this.#pool,
      frontEnds: this.#frontEnds,
      headers: this.#headers,
      toolchains: this.#toolchains,
      cache: settings.cache && this.#caches.at(settings.cache),
      spool,
      build,
      agentLog: log,
    });
    this.#idleSinceMs = clock.monotonicMs();
  }
}
