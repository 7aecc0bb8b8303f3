import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ok } from '../base/result.ts';
import { Activity } from './activity.ts';

/** A clock that is set, and jobs that end when told. */
function world() {
  let nowMs = 12_345;
  const activity = new Activity({ monotonicMs: () => nowMs, wallMs: () => nowMs });
  const result = ok({
    waitStatus: 0,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    object: new Uint8Array(),
  });
  const begin = (): (() => Promise<unknown>) => {
    const { promise, resolve } = Promise.withResolvers<typeof result>();
    const done = activity.watch(() => promise)(
      { kind: 'text', argv: [], source: new Uint8Array() },
      new AbortController().signal,
    );
    return () => {
      resolve(result);
      return done;
    };
  };
  return { activity, begin, pass: (seconds: number): void => void (nowMs += seconds * 1000) };
}

test('Activity counts what ended in the last minutes, and forgets what is older', async () => {
  const { activity, begin, pass } = world();
  await begin()();
  pass(58.9);
  await begin()();
  assert.deepEqual(
    [1, 5, 15].map((minutes) => activity.endedWithin(minutes)),
    [2, 2, 2],
  );
  pass(3);
  assert.deepEqual(
    [1, 5, 15].map((minutes) => activity.endedWithin(minutes)),
    [1, 2, 2],
  );
  pass(299);
  assert.deepEqual(
    [1, 5, 15].map((minutes) => activity.endedWithin(minutes)),
    [0, 0, 2],
  );
  pass(10_000);
  assert.equal(activity.endedWithin(15), 0);
});

test('Activity averages over the time, however seldom somebody looks', async () => {
  const { activity, begin, pass } = world();
  const ends = [begin(), begin()];
  pass(30);
  await Promise.all(ends.map((end) => end()));
  assert.equal(activity.averageWithin(1).toFixed(1), '2.0', 'since the start');
  pass(30);
  assert.equal(activity.averageWithin(1).toFixed(1), '1.0');
  pass(240);
  assert.equal(activity.averageWithin(5).toFixed(1), '0.2');
  const end = begin();
  pass(5000);
  assert.equal(activity.averageWithin(15).toFixed(1), '1.0');
  await end();
});
