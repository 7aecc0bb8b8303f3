/**
 * Runs programs through the parent process (native/distccd.c), which forks cheaply and sees to it that
 * nothing of a program is left: each has a process group of its own, killed whole.
 */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';

import { killGroup } from './kill-group.ts';
import { encodeKill, encodeReady, encodeRun, RunnerDecoder } from './runner-frames.ts';
import type { Ended, Program, RunnerMessage } from './runner-frames.ts';

export type { Ended, Program } from './runner-frames.ts';

/** How long a program that is told to go may take to clean up after itself. */
const KILL_GRACE_MS = 300;

export interface RunnerEvents {
  /** Comes once, before anything else: how many sockets there are for jobs, and after them for statistics. */
  readonly settings: (listeners: number, statsListeners: number, settings: string) => void;
  /** Take no more work; end within `seconds`. May come twice, the second time to hurry. */
  readonly drain: (seconds: number) => void;
  /** The parent is gone. All groups that it had started have been killed already. */
  readonly gone: () => void;
}

export interface Runner {
  /** Runs a program to its end. Aborting ends its whole group: SIGTERM, then SIGKILL. It still resolves then. */
  run(program: Program, signal: AbortSignal): Promise<Ended>;
}

interface Running {
  pid: number | undefined;
  readonly ended: (ended: Ended) => void;
}

export class RunnerClient implements Runner {
  readonly #socket: Duplex;
  readonly #events: RunnerEvents;
  readonly #running = new Map<number, Running>();
  readonly #decoder = new RunnerDecoder();
  #nextId = 1;
  #isGone = false;

  constructor(socket: Duplex, events: RunnerEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk: Buffer) => {
      for (const message of this.#decoder.push(chunk)) this.#take(message);
    });
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#leave());
    socket.on('end', () => this.#leave());
  }

  /** Tells the parent that clients are being served. */
  ready(): void {
    this.#socket.write(encodeReady());
  }

  async run(program: Program, signal: AbortSignal): Promise<Ended> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.#running.set(id, { pid: undefined, ended: resolve });
    this.#socket.write(encodeRun(id, program));

    let graceTimer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.#socket.write(encodeKill(id, constants.signals.SIGTERM));
      graceTimer = setTimeout(() => {
        this.#socket.write(encodeKill(id, constants.signals.SIGKILL));
      }, KILL_GRACE_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(graceTimer);
      signal.removeEventListener('abort', stop);
    }
  }

  #take(message: RunnerMessage): void {
    switch (message.type) {
      case 'settings':
        this.#events.settings(message.listeners, message.statsListeners, message.settings);
        return;
      case 'drain':
        this.#events.drain(message.seconds);
        return;
      case 'started':
        this.#get(message.id).pid = message.pid;
        return;
      case 'ended': {
        const running = this.#get(message.id);
        this.#running.delete(message.id);
        running.ended(message.ended);
      }
    }
  }

  #get(id: number): Running {
    const running = this.#running.get(id);
    assert(running, `the runner speaks of program ${id}, which does not run`);
    return running;
  }

  /** Nobody else is left to kill what it had started. */
  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const { pid } of this.#running.values()) killGroup(pid);
    this.#running.clear();
    this.#events.gone();
  }
}
