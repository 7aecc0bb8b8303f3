import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDINGS, PHASES } from '../events/event.ts';
import { BuildModel } from './build-model.ts';
import { renderScreen, type ScreenOptions } from './top-screen.ts';

const OPTIONS: ScreenOptions = {
  columns: 60,
  rows: 14,
  nowMs: 3000,
  sort: 'host',
  filter: '',
  isTyping: false,
  isPaused: false,
  trouble: undefined,
};

function build(): BuildModel {
  const model = new BuildModel();
  const compile = PHASES.indexOf('compile');
  for (const job of [1, 2, 3]) {
    model.add(['started', job, job, `dir/${job}.c`]);
    model.add(['phase', job, 10, compile, job === 3 ? 'b/4' : 'a/8']);
  }
  model.add(['trouble', 1, 900, 'b/4', 'unreachable']);
  model.add(['finished', 1, 1000, ENDINGS.indexOf('remote'), 'a/8', '', 999, 2 << 20, 0]);
  return model;
}

test('hosts with what they compile, then what has ended last; what had trouble is marked', () => {
  assert.deepEqual(renderScreen(build(), OPTIONS), [
    '2 under way  1 remote  0 cached  0 here  0 failed  0.1/s  2…',
    '',
    'a/8  1 of 2  1 files  mean 1.00 s',
    '  compile      3.00 s  dir/2.c',
    'b/4  1 of 1  1 failures',
    '  compile      3.00 s  dir/3.c',
    '',
    'Last ended',
    '! remote       1.00 s  dir/1.c  a/8',
    '',
    '',
    '',
    '',
    'q quit  p pause  s sort: host  / filter',
  ]);
});

test('sorted by file or time there is no host above; a filter leaves others out', () => {
  const lines = renderScreen(build(), { ...OPTIONS, sort: 'file', filter: '3.c', isTyping: true });
  assert.deepEqual(lines.slice(1, 4), ['filter: 3.c_', '  compile      3.00 s  dir/3.c  b/4', '']);
});

test('a small screen says how much more there is, and a name cannot command the terminal', () => {
  const model = build();
  for (let job = 4; job < 30; job++) {
    model.add(['started', job, job, `\u001b[2J${job}.c`]);
    model.add(['phase', job, 10, PHASES.indexOf('compile'), 'a/8']);
  }
  const lines = renderScreen(model, { ...OPTIONS, rows: 12 });
  assert.equal(lines.length, 12);
  assert.ok(lines.includes('  … 27 more'), lines.join('\n'));
  assert.ok(lines.every((line) => !line.includes('\u001b')));
});
