import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDINGS, PHASES } from '../events/event.ts';
import { BuildModel } from './build-model.ts';
import { traceOf } from './trace.ts';

test('each host is a process, each lane a thread, each stretch an event', () => {
  const model = new BuildModel();
  const marks = [PHASES.indexOf('send'), 4, PHASES.indexOf('compile'), 10];
  model.greet({ stories: [[1, 'a.c', 1000, marks, ENDINGS.indexOf('remote'), 'h', '', 50, 1, 2]] });
  const told = traceOf(model).traceEvents.map(({ ph, name, cat, pid, tid, ts, dur }) =>
    [ph, name, cat, pid, tid, ts, dur].join(' '),
  );
  assert.deepEqual(told, [
    'M process_name  1 0  ',
    'X a.c scan 1 1 1000000 4000',
    'M process_name  2 0  ',
    'X a.c send 2 1 1004000 6000',
    'X a.c compile 2 1 1010000 40000',
  ]);
});
