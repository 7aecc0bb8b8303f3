import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDINGS, PHASES } from '../events/event.ts';
import type { EventRow } from './web/feed-rows.ts';
import { BuildModel, HERE, type Bar } from './build-model.ts';

const phase = (job: number, atMs: number, name: (typeof PHASES)[number], host: string): EventRow => [
  'phase',
  job,
  atMs,
  PHASES.indexOf(name),
  host,
];
const finished = (job: number, atMs: number, ending: (typeof ENDINGS)[number], host: string): EventRow => [
  'finished',
  job,
  atMs,
  ENDINGS.indexOf(ending),
  host,
  '',
  atMs,
  10,
  20,
];
const shape = ({ job, stretches, toMs }: Bar): unknown => [
  job.number,
  stretches.map(({ colour, fromMs }) => `${colour}@${fromMs}`).join(' '),
  toMs,
];

test('each job has its bar in one lane of its host at a time; a lane that is free is used again', () => {
  const model = new BuildModel();
  for (const job of [1, 2]) {
    model.add(['started', job, job, `${job}.c`]);
    model.add(phase(job, 10, 'blocked', ''));
    model.add(phase(job, 20, 'send', 'h/2'));
    model.add(phase(job, 30, 'compile', 'h/2'));
  }
  model.add(finished(1, 40, 'remote', 'h/2'));
  model.add(['started', 3, 41, '3.c']);
  model.add(phase(3, 50, 'connect', 'h/2'));
  const host = model.groups.get('h/2');
  assert.deepEqual(
    host?.lanes.map(({ bars }) => bars.map(shape)),
    [
      [
        [1, 'send@20 compile@30', 40],
        [3, 'send@50', undefined],
      ],
      [[2, 'send@20 compile@30', undefined]],
    ],
  );
  assert.deepEqual([host.running, host.done, model.running, model.totals.remote], [2, 1, 2, 1]);
  assert.equal(model.groups.get(HERE)?.running, 0);
});

test('what was in the cache is coloured so, what was compiled here is localhost’s', () => {
  const model = new BuildModel();
  model.add(['started', 1, 0, '1.c']);
  model.add(finished(1, 2, 'cached', ''));
  model.add(['started', 2, 5, '2.c']);
  model.add(phase(2, 6, 'compile', 'localhost'));
  model.add(finished(2, 9, 'local', 'localhost'));
  const bars = (name: string): unknown =>
    model.groups.get(name)?.lanes.flatMap(({ bars: all }) => all.map(shape));
  assert.deepEqual(bars(HERE), [
    [1, 'cache@0', 2],
    [2, 'scan@5', 6],
  ]);
  assert.deepEqual(bars('localhost'), [[2, 'local@6', 9]]);
});

test('stories that are over come out as if they had been watched', () => {
  const model = new BuildModel();
  const marks = [PHASES.indexOf('preprocess'), 1, PHASES.indexOf('compile'), 5];
  model.greet({
    stories: [
      [1, 'a.c', 1000, marks, ENDINGS.indexOf('remote'), 'h', '', 50, 1, 2],
      [2, 'b.c', 1010, [PHASES.indexOf('compile'), 2], -1, 'h', '', 0, 0, 0],
    ],
  });
  assert.deepEqual(
    model.groups.get('h')?.lanes.map(({ bars }) => bars.map(shape)),
    [[[1, 'compile@1005', 1050]], [[2, 'compile@1012', undefined]]],
  );
  assert.deepEqual([model.running, model.bytesReceived, model.firstMs, model.lastMs], [1, 2, 1000, 1050]);
});
