import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Phase } from '../events/event.ts';
import { decodeState, stateLayoutOf, type TaskState } from '../wire/monitor/state-file.ts';
import { StateBoard } from './state-board.ts';

const LAYOUT = stateLayoutOf('x64', 'LE');
const FINISHED = { host: '', reason: '', detail: '', elapsedMs: 0, bytesSent: 0, bytesReceived: 0 };

let distccDir: string;
let state: string;
let nowMs: number;
let lines: string[];
let board: StateBoard;

beforeEach(() => {
  distccDir = mkdtempSync(path.join(tmpdir(), 'state-board-'));
  state = path.join(distccDir, 'state');
  nowMs = 1_000_000;
  lines = [];
  board = new StateBoard({
    distccDir,
    layout: LAYOUT,
    clock: { monotonicMs: () => nowMs, wallMs: () => nowMs },
    log: (_, line) => lines.push(line),
  });
});

afterEach(() => {
  board[Symbol.dispose]();
  rmSync(distccDir, { recursive: true });
});

function start(job: number, source = '/src/a.c'): void {
  board.add({ kind: 'started', job, atMs: 0, pid: process.pid + job, directory: '/', argv: [], source });
}

/** The phase begins and lasts. */
function enter(job: number, phase: Phase, host: string): void {
  board.add({ kind: 'phase', job, atMs: 0, phase, host });
  pass(60);
}

function finish(job: number): void {
  board.add({ kind: 'finished', job, atMs: 0, ending: 'remote', ...FINISHED });
}

function pass(milliseconds: number): void {
  nowMs += milliseconds;
  board.look();
}

/** By pid. */
function shown(): TaskState[] {
  if (!existsSync(state)) return [];
  const names = readdirSync(state).filter((name) => name.startsWith('binstate_'));
  const states = names.map((name) => {
    const decoded = decodeState(readFileSync(path.join(state, name)), LAYOUT);
    assert(typeof decoded !== 'string', name);
    assert.equal(name, `binstate_${decoded.pid}`);
    return decoded;
  });
  return states.sort((a, b) => a.pid - b.pid);
}

test('a job is shown in each phase that lasts, and gone when it has ended', () => {
  start(0);
  const common = { pid: process.pid, file: 'a.c', slot: 0 };
  enter(0, 'blocked', '');
  assert.deepEqual(shown(), [{ ...common, host: 'localhost', phase: 'Blocked' }]);
  enter(0, 'preprocess', 'localhost');
  assert.deepEqual(shown(), [{ ...common, host: 'localhost', phase: 'Preprocess' }]);
  enter(0, 'compile', 'build7:4711/8,lzo');
  assert.deepEqual(shown(), [{ ...common, host: 'build7', phase: 'Compile' }]);
  enter(0, 'receive', '[::1]:4711');
  assert.deepEqual(shown(), [{ ...common, host: '::1', phase: 'Receive' }]);
  finish(0);
  assert.deepEqual(shown(), []);
});

test('a phase that passes at once is not written', () => {
  start(0);
  for (const phase of ['preprocess', 'connect', 'send', 'compile', 'receive'] as const) {
    board.add({ kind: 'phase', job: 0, atMs: 0, phase, host: 'build7' });
    pass(20);
  }
  finish(0);
  assert(!existsSync(state));
});

test('a compile of minutes does not vanish', () => {
  start(0);
  enter(0, 'compile', 'build7');
  const file = path.join(state, `binstate_${process.pid}`);
  for (let seconds = 0; seconds < 180; seconds += 10) {
    pass(10_000);
    // What the file has is its writer's time, which is not ours: a minute ago, unless it was written again.
    const ageMs = Date.now() - statSync(file).mtimeMs;
    assert(ageMs < 30_000, `written ${ageMs} ms ago`);
    if (seconds % 20 === 10) utimesSync(file, 0, Date.now() / 1000 - 25);
  }
  assert.equal(shown().length, 1);
});

test('jobs of one host are shown in slots of their own, the lowest that are free', () => {
  for (const job of [0, 1, 2, 3]) start(job);
  for (const job of [0, 1, 2]) enter(job, 'compile', 'a/4');
  enter(3, 'compile', 'b/4');
  const slots = (): string[] => shown().map(({ host, slot }) => `${host}${slot}`);
  assert.deepEqual(slots(), ['a0', 'a1', 'a2', 'b0']);
  finish(1);
  enter(3, 'compile', 'a/4');
  assert.deepEqual(slots(), ['a0', 'a2', 'a1']);
});

test('files are used again, and all are gone in the end', () => {
  for (let job = 0; job < 10; job++) {
    start(job);
    enter(job, 'compile', 'a');
    finish(job);
  }
  assert.equal(readdirSync(state).length, 1);
  board[Symbol.dispose]();
  assert.deepEqual(readdirSync(state), []);
});

test('what killed processes left behind is removed, and nothing else', () => {
  mkdirSync(state);
  const minuteAgo = Date.now() / 1000 - 61;
  const write = (name: string, isOld: boolean): void => {
    writeFileSync(path.join(state, name), 'x');
    if (isOld) utimesSync(path.join(state, name), minuteAgo, minuteAgo);
  };
  write('binstate_999999999', false);
  write('manyhands_999999999_4', false);
  write(`binstate_${process.pid}`, true);
  write('binstate_1', false);
  write('agent', true);
  write('binstate_x', true);
  start(1);
  enter(1, 'compile', 'a');
  finish(1);
  board[Symbol.dispose]();
  assert.deepEqual(readdirSync(state).sort(), ['agent', 'binstate_1', 'binstate_x']);
});

test('jobs of a moment sweep too', () => {
  mkdirSync(state);
  writeFileSync(path.join(state, 'binstate_999999999'), 'x');
  start(0);
  finish(0);
  board.look();
  assert.deepEqual(readdirSync(state), []);
});

test('a job of another pid namespace is shown as long as it lasts', () => {
  board.add({ kind: 'started', job: 0, atMs: 0, pid: 999_999_999, directory: '/', argv: [], source: 'a.c' });
  enter(0, 'compile', 'a');
  for (let seconds = 0; seconds < 90; seconds += 10) pass(10_000);
  assert.equal(shown().length, 1);
});

test('the directory is open to whom DISTCC_DIR is open, and so are the files', () => {
  chmodSync(distccDir, 0o2775);
  start(0);
  enter(0, 'compile', 'a');
  assert.equal(statSync(state).mode & 0o7777, 0o2775);
  assert.equal(statSync(path.join(state, `binstate_${process.pid}`)).mode & 0o777, 0o664);
});

test('a file that another user left in the way is replaced', () => {
  mkdirSync(state);
  writeFileSync(path.join(state, `binstate_${process.pid}`), 'old', { mode: 0o400 });
  start(0);
  enter(0, 'compile', 'a');
  assert.equal(shown().length, 1);
});

test('what cannot be written is tried again after a minute', () => {
  writeFileSync(state, 'no directory');
  start(0);
  enter(0, 'compile', 'a');
  assert.match(lines.join('\n'), /monitors are told nothing for a minute/);
  rmSync(state);
  pass(30_000);
  assert.deepEqual([shown().length, lines.length], [0, 1]);
  pass(31_000);
  assert.equal(shown().length, 1);
});

test('whoever removes all of it costs a moment of the picture, and no job', () => {
  for (const job of [0, 1]) start(job);
  enter(0, 'compile', 'a');
  rmSync(state, { recursive: true });
  enter(1, 'compile', 'a');
  pass(61_000);
  assert.equal(shown().length, 2);
  rmSync(path.join(state, `binstate_${process.pid}`));
  pass(25_000);
  assert.equal(shown().length, 2);
  finish(0);
  finish(1);
  assert.deepEqual(shown(), []);
});
