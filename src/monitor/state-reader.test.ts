import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { encodeState, stateLayoutOf, type TaskState } from '../wire/monitor/state-file.ts';
import { readStates } from './state-reader.ts';
import { formatTask } from './task-text.ts';

const LAYOUT = stateLayoutOf('x64', 'LE');
const STATE: TaskState = { pid: process.pid, file: 'a.c', host: 'build7', slot: 0, phase: 'Compile' };
const directory = mkdtempSync(path.join(tmpdir(), 'state-reader-'));
const warnings: string[] = [];

beforeEach(() => {
  rmSync(directory, { recursive: true });
  warnings.length = 0;
  const { status } = spawnSync('mkdir', [directory]);
  assert.equal(status, 0);
});
after(() => rmSync(directory, { recursive: true }));

function write(name: string, state: Partial<TaskState>): string {
  const file = path.join(directory, name);
  writeFileSync(file, encodeState({ ...STATE, ...state }, LAYOUT));
  return file;
}

function read(): TaskState[] {
  return readStates({ directory, layout: LAYOUT, warn: (text) => warnings.push(text) });
}

test('readStates() sorts by host, then by slot as a number', () => {
  const places = [
    ['b', 0],
    ['a', 10],
    ['a', 9],
    ['B', 1],
    ['a', -1],
  ] as const;
  places.forEach(([host, slot], index) => write(`binstate_${index}`, { host, slot }));
  assert.deepEqual(
    read().map(({ host, slot }) => `${host}${slot}`),
    ['B1', 'a-1', 'a9', 'a10', 'b0'],
  );
});

test('readStates() shows neither who has ended nor what is done', () => {
  write('binstate_1', { pid: 999_999_999 });
  write('binstate_2', { phase: 'Done' });
  write('other_3', {});
  write('binstate_4', { pid: 1 });
  assert.deepEqual(
    read().map(({ pid }) => pid),
    [1],
  );
});

test('readStates() removes what was not written for a minute', () => {
  const [old, young] = [write('binstate_1', {}), write('binstate_2', {})];
  const seconds = Date.now() / 1000;
  utimesSync(old, seconds, seconds - 61);
  utimesSync(young, seconds, seconds - 50);
  assert.equal(read().length, 1);
  assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
});

test('readStates() warns of what is no state file, and reads nothing through links and fifos', () => {
  writeFileSync(path.join(directory, 'binstate_1'), Buffer.alloc(296, 1));
  writeFileSync(path.join(directory, 'binstate_2'), '');
  symlinkSync(write('real', {}), path.join(directory, 'binstate_3'));
  spawnSync('mkfifo', [path.join(directory, 'binstate_4')]);
  assert.deepEqual(read(), []);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /wrong structure size.*binstate_1$/);
});

test('readStates() without a directory finds nothing', () => {
  assert.deepEqual(
    readStates({ directory: path.join(directory, 'none'), layout: LAYOUT, warn: assert.fail }),
    [],
  );
});

test('formatTask() cuts and fills columns as distccmon-text', () => {
  assert.equal(
    formatTask({
      ...STATE,
      pid: 24_311,
      file: 'a_very_long_source_file_name_that_is_cut.c',
      host: 'averyveryverylonghostname',
      slot: 3,
    }),
    ' 24311  Compile     a_very_long_source_file_name_t averyveryverylonghostnam[3]\n',
  );
  assert.equal(
    formatTask({ ...STATE, pid: 1, phase: 'Preprocess', file: 'x.c', host: 'localhost' }),
    '     1  Preprocess  x.c                                           localhost[0]\n',
  );
  assert.equal(
    formatTask({ ...STATE, pid: 12_345_678, file: 'a\n\u001b[2J.c', host: '\t' }),
    '12345678  Compile     a??[2J.c                                              ?[0]\n',
  );
});
