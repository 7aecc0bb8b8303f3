/** Where jobs are, told at once: by the agent's `watch`, or by the state files of Debian's client. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import type { Event } from '../../../src/events/event.ts';
import { AgentDecoder } from '../../../src/wire/launcher/agent-message.ts';
import { encodeQuery } from '../../../src/wire/launcher/launcher-message.ts';

export const PHASES = ['connect', 'preprocess', 'send', 'queue', 'compile', 'receive', 'rename'] as const;
export type ChaosPhase = (typeof PHASES)[number];

export interface Sighting {
  readonly phase: ChaosPhase;
  /** Of the launcher. */
  readonly pid: number;
  /** Whether the job has not moved on since. */
  readonly isCurrent: () => boolean;
}

export type OnSighting = (sighting: Sighting) => void;

const LOOK_EVERY_MS = 3;

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

/** Source: distcc's src/state.h, `enum dcc_phase`. Its client writes the object itself while it receives. */
const STATE_PHASES: readonly (ChaosPhase | undefined)[] = [
  undefined,
  'queue',
  'connect',
  'preprocess',
  'send',
  'compile',
  'receive',
  'rename',
];
/** size_t size, unsigned long magic, unsigned long pid, char file[128], char host[128], int slot, enum. */
const STATE = { pidAt: 16, phaseAt: 3 * 8 + 128 + 128 + 4, bytes: 3 * 8 + 128 + 128 + 8 };

/** Watches Debian's clients that keep their state in this DISTCC_DIR. */
export function watchStateFiles(distccDir: string, onSighting: OnSighting): Disposable {
  const directory = path.join(distccDir, 'state');
  const current = new Map<string, number>();
  const look = (): void => {
    for (const name of namesIn(directory)) {
      if (!name.startsWith('binstate_')) continue;
      const state = readState(path.join(directory, name));
      if (state === undefined || current.get(name) === state.phase) continue;
      current.set(name, state.phase);
      const phase = STATE_PHASES[state.phase];
      const isCurrent = (): boolean => current.get(name) === state.phase;
      if (phase !== undefined) onSighting({ phase, pid: state.pid, isCurrent });
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
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
