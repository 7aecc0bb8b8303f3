import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Action, ActionResult } from '../action/action.ts';
import { ok } from '../base/result.ts';
import { Places } from './bounded.ts';
import type { Executor } from './executor.ts';

const NOTHING = new Uint8Array(0);
const DONE: ActionResult = { waitStatus: 0, stdout: NOTHING, stderr: NOTHING, object: NOTHING };
const never = new AbortController().signal;
const action = (name: string): Action => ({ kind: 'text', argv: [name], source: NOTHING });

/** An executor whose jobs end when they are told to. */
function controlled(): { execute: Executor; started: string[]; end: (name: string) => void } {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    end: (name) => ends.get(name)?.(),
    execute: async ({ argv: [name = ''] }) => {
      started.push(name);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.set(name, resolve);
      await promise;
      return ok(DONE);
    },
  };
}

test('Places runs so many at once and the others in order', async () => {
  const inner = controlled();
  const places = new Places(2);
  const execute = places.bound(inner.execute);
  const results = ['a', 'b', 'c', 'd'].map((name) => execute(action(name), never));
  await Promise.resolve();
  assert.deepEqual(inner.started, ['a', 'b']);
  assert.equal(places.waiting, 2);
  inner.end('b');
  await results[1];
  assert.deepEqual(inner.started, ['a', 'b', 'c']);
  inner.end('a');
  inner.end('c');
  await results[2];
  inner.end('d');
  assert.ok((await Promise.all(results)).every((result) => result.ok));
  assert.equal(places.running, 0);
});

test('Places lets a waiting job go when its client leaves, and gives its place to nobody twice', async () => {
  const inner = controlled();
  const places = new Places(1);
  const execute = places.bound(inner.execute);
  const first = execute(action('a'), never);
  const leaver = new AbortController();
  const second = execute(action('b'), leaver.signal);
  const third = execute(action('c'), never);
  leaver.abort();
  const left = await second;
  assert.equal(left.ok, false);
  inner.end('a');
  await first;
  assert.deepEqual(inner.started, ['a', 'c']);
  inner.end('c');
  await third;
  assert.equal(places.running, 0);
});

test('Places frees the place of a job that throws', async () => {
  const places = new Places(1);
  const execute = places.bound<Action, ActionResult, never>(() => Promise.reject(new Error('no')));
  await assert.rejects(execute(action('a'), never));
  assert.equal(places.running, 0);
});

test('Places does not start a job whose client has gone already', async () => {
  const inner = controlled();
  const result = await new Places(1).bound(inner.execute)(action('a'), AbortSignal.abort());
  assert.equal(result.ok, false);
  assert.deepEqual(inner.started, []);
});
