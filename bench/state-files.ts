/**
 * What does it cost a job to be shown to distcc's monitors? The agent's CPU for its state file alone, on the
 * disk of TMPDIR and in memory; for jobs that are over at once, and for such as wait, preprocess and compile
 * for long enough to be seen. And what making and removing a file for each would cost instead.
 */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import path from 'node:path';
import type { Event, Phase } from '../src/events/event.ts';
import { StateBoard } from '../src/monitor/state-board.ts';
import { stateFileBytes, stateLayoutOf } from '../src/wire/monitor/state-file.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const ROUNDS = 15;
const JOBS = 1000;
/** At once. */
const LANES = 16;
const LAYOUT = stateLayoutOf(process.arch, endianness());
const PHASES: readonly (readonly [Phase, host: string])[] = [
  ['blocked', ''],
  ['preprocess', 'localhost'],
  ['connect', 'build7/8,lzo'],
  ['send', 'build7/8,lzo'],
  ['compile', 'build7/8,lzo'],
  ['receive', 'build7/8,lzo'],
];
const LASTING: ReadonlySet<Phase> = new Set(['blocked', 'preprocess', 'compile']);

const NOTHING = { host: '', reason: '', detail: '', elapsedMs: 0, bytesSent: 0, bytesReceived: 0 };

let nowMs = 0;
const rows: string[][] = [];
for (const parent of [tmpdir(), '/dev/shm']) {
  const directory = mkdtempSync(path.join(parent, 'bench-state-files-'));
  try {
    measure('jobs of a moment', directory, (board) => runJobs(board, false));
    measure('jobs that are seen', directory, (board) => runJobs(board, true));
    measure('made and removed each', directory, () => makeAndRemove(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
console.log(await describeMachine());
console.log(formatTable(['what', 'n', 'median us/job', '90 % of medians'], rows));

function measure(name: string, directory: string, work: (board: Board) => void): void {
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  using states = new StateBoard({ distccDir: directory, layout: LAYOUT, clock, log: () => undefined });
  const board: Board = {
    add: (event) => states.add(event),
    pass: () => {
      nowMs += 100;
      states.look();
    },
  };
  work(board);
  const perJobUs = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work(board);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / JOBS;
  });
  const { n, median, low, high } = summarize(perJobUs);
  const where = directory.startsWith('/dev/shm') ? 'memory' : 'disk';
  rows.push([`${name}, ${where}`, String(n), median.toFixed(1), `${low.toFixed(1)} to ${high.toFixed(1)}`]);
}

interface Board {
  readonly add: (event: Event) => void;
  /** A look later. */
  readonly pass: () => void;
}

function runJobs({ add, pass }: Board, isSeen: boolean): void {
  for (let first = 0; first < JOBS; first += LANES) {
    const jobs = Array.from({ length: LANES }, (_, lane) => first + lane);
    for (const job of jobs)
      add({
        kind: 'started',
        job,
        atMs: 0,
        pid: 100_000 + job,
        directory: '/src',
        argv: [],
        source: '/src/some/file.c',
      });
    for (const [phase, host] of PHASES) {
      for (const job of jobs) add({ kind: 'phase', job, atMs: 0, phase, host });
      if (isSeen && LASTING.has(phase)) pass();
    }
    for (const job of jobs) add({ kind: 'finished', job, atMs: 0, ending: 'remote', ...NOTHING });
  }
}

function makeAndRemove(directory: string): void {
  const bytes = new Uint8Array(stateFileBytes(LAYOUT));
  for (let job = 0; job < JOBS; job++) {
    const file = path.join(directory, `binstate_${job}`);
    for (const _ of LASTING) writeFileSync(file, bytes);
    unlinkSync(file);
  }
}
