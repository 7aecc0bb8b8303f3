/** Where jobs are, told at once: by the agent's `watch`, or by what Debian's client leaves in files. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import type { Event } from '../../../src/events/event.ts';
import { AgentDecoder } from '../../../src/wire/launcher/agent-message.ts';
import { encodeQuery } from '../../../src/wire/launcher/launcher-message.ts';

export const PHASES = ['connect', 'preprocess', 'send', 'queue', 'compile', 'receive', 'rename'] as const;
/** `start` is the agent's own, not a job's. */
export type ChaosPhase = (typeof PHASES)[number] | 'start';

export interface Sighting {
  readonly phase: ChaosPhase;
  /** Of the launcher. */
  readonly pid: number;
  /** Whether the job has not moved on since. */
  readonly isCurrent: () => boolean;
}

export type OnSighting = (sighting: Sighting) => void;

const LOOK_EVERY_MS = 3;
const LOOK_FOR_STARTS_EVERY_MS = 10;
/** About what Node takes to start. */
const START_MS = 60;

/** Watches the agent of this runtime directory, and its successors. */
export function watchAgent(runtimeDirectory: string, onSighting: OnSighting): Disposable {
  const sockets = path.join(runtimeDirectory, 'manyhands');
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const again = (): void => {
    socket = undefined;
    if (!isOver) timer = setTimeout(look, LOOK_EVERY_MS);
  };
  const look = (): void => {
    const name = namesIn(sockets).find((entry) => /^[0-9a-f]{16}$/.test(entry));
    if (name === undefined) return again();
    const tracker = new Tracker(onSighting);
    const decoder = new AgentDecoder();
    socket = connect(path.join(sockets, name));
    socket.on('connect', () => void socket?.write(encodeQuery('watch')));
    socket.on('error', () => {});
    socket.on('close', again);
    socket.on('data', (chunk) => {
      for (const message of decoder.push(chunk)) {
        if (message.type === 'report') tracker.take(JSON.parse(message.json) as Event);
      }
    });
  };
  look();
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      clearTimeout(timer);
      socket?.destroy();
    },
  };
}

/** Tells of each agent while it starts; `list()` gives those that there are. */
export function watchStarts(list: () => readonly number[], onSighting: OnSighting): Disposable {
  const sinceMs = new Map<number, number>();
  const look = (): void => {
    for (const pid of list()) {
      const since = sinceMs.get(pid) ?? performance.now();
      sinceMs.set(pid, since);
      if (performance.now() - since < START_MS) onSighting({ phase: 'start', pid, isCurrent: () => true });
    }
  };
  const timer = setInterval(look, LOOK_FOR_STARTS_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

class Tracker {
  readonly #onSighting: OnSighting;
  readonly #pids = new Map<number, number>();
  readonly #current = new Map<number, Event>();

  constructor(onSighting: OnSighting) {
    this.#onSighting = onSighting;
  }

  take(event: Event): void {
    this.#current.set(event.job, event);
    if (event.kind === 'started') this.#pids.set(event.job, event.pid);
    if (event.kind !== 'phase') return;
    const phase = nameOf(event);
    const pid = this.#pids.get(event.job);
    if (phase === undefined || pid === undefined) return;
    this.#onSighting({ phase, pid, isCurrent: () => this.#current.get(event.job) === event });
  }
}

function nameOf({ phase, host }: Extract<Event, { kind: 'phase' }>): ChaosPhase | undefined {
  switch (phase) {
    case 'startup':
      return undefined;
    case 'blocked':
      return host === 'localhost' ? undefined : 'queue';
    case 'compile':
      return host === 'localhost' ? undefined : 'compile';
    case 'deliver':
      return 'rename';
    default:
      return phase;
  }
}

/**
 * Source: distcc's src/state.h, `enum dcc_phase`. The others are over too soon to be seen in a file, and
 * it writes no state while it is blocked.
 */
const STATE_PREPROCESS = 3;
/** size_t size, unsigned long magic, unsigned long pid, char file[128], char host[128], int slot, enum. */
const STATE = { pidAt: 16, phaseAt: 3 * 8 + 128 + 128 + 4, bytes: 3 * 8 + 128 + 128 + 8 };
/** A client that has no state by then waits for a slot. */
const BLOCKED_AFTER_MS = 100;
const LOOK_FOR_BLOCKED_EVERY_MS = 30;

interface Client {
  readonly sinceMs: number;
  phase: number | undefined;
}

/** Watches Debian's clients, which are those that `list()` gives, and what they leave in their DISTCC_DIR. */
export function watchStateFiles(
  distccDir: string,
  list: () => readonly number[],
  onSighting: OnSighting,
): Disposable {
  const directory = path.join(distccDir, 'state');
  const clients = new Map<number, Client>();
  const sight = (phase: ChaosPhase, pid: number, seen: number | undefined): void =>
    onSighting({ phase, pid, isCurrent: () => clients.get(pid)?.phase === seen });
  const look = (): void => {
    for (const name of namesIn(directory)) {
      const state = name.startsWith('binstate_') ? readState(path.join(directory, name)) : undefined;
      if (state === undefined || clients.get(state.pid)?.phase === state.phase) continue;
      clients.set(state.pid, { sinceMs: performance.now(), phase: state.phase });
      if (state.phase === STATE_PREPROCESS) sight('preprocess', state.pid, state.phase);
    }
  };
  const lookForBlocked = (): void => {
    for (const pid of list()) {
      const client = clients.get(pid);
      if (client === undefined) clients.set(pid, { sinceMs: performance.now(), phase: undefined });
      else if (client.phase === undefined && performance.now() - client.sinceMs > BLOCKED_AFTER_MS)
        sight('queue', pid, undefined);
    }
  };
  const timers = [setInterval(look, LOOK_EVERY_MS), setInterval(lookForBlocked, LOOK_FOR_BLOCKED_EVERY_MS)];
  return { [Symbol.dispose]: () => timers.forEach((timer) => clearInterval(timer)) };
}

function readState(file: string): { pid: number; phase: number } | undefined {
  try {
    const bytes = readFileSync(file);
    if (bytes.length < STATE.bytes) return undefined;
    return { pid: Number(bytes.readBigUInt64LE(STATE.pidAt)), phase: bytes.readUInt32LE(STATE.phaseAt) };
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
