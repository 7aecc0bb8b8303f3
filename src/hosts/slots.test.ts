import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Candidate, type Slot, Slots } from './slots.ts';

const NEVER = new AbortController().signal;
const at = (...keys: readonly string[]): readonly Candidate[] => keys.map((key) => ({ key, limit: 1 }));

/** Lets all promises that can settle do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test('Slots.acquire() fills slot 0 of all candidates in order, then slot 1', async () => {
  const slots = new Slots();
  const candidates = [
    { key: 'a', limit: 2 },
    { key: 'b', limit: 1 },
    { key: 'c', limit: 3 },
  ];
  const keys: string[] = [];
  for (let count = 0; count < 6; count++) keys.push((await slots.acquire(candidates, NEVER)).key);
  assert.deepEqual(keys, ['a', 'b', 'c', 'a', 'c', 'c']);
  assert.equal(slots.tryAcquire(candidates), undefined);
});

test('Slots hands a freed slot to the longest waiter that can use it, at once', async () => {
  const slots = new Slots();
  const a = await slots.acquire(at('a'), NEVER);
  const b = await slots.acquire(at('b'), NEVER);
  const order: string[] = [];
  const wait = (name: string, ...keys: readonly string[]) =>
    slots.acquire(at(...keys), NEVER).then((slot) => {
      order.push(`${name} ${slot.key}`);
      return slot;
    });
  const first = wait('first', 'a');
  const second = wait('second', 'a', 'b');
  const third = wait('third', 'b');
  assert.equal(slots.snapshot().waiting, 3);
  b[Symbol.dispose]();
  assert.equal(slots.tryAcquire(at('b')), undefined, 'nobody overtakes the waiter');
  a[Symbol.dispose]();
  (await second)[Symbol.dispose]();
  (await first)[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  assert.deepEqual(order, ['second b', 'first a', 'third b']);
  assert.deepEqual(slots.snapshot(), { inUse: new Map(), waiting: 0 });
});

test('Slots.acquire() reckons with each job’s own limit', async () => {
  const slots = new Slots();
  const small = [{ key: 'localhost', limit: 1 }];
  const large = [{ key: 'localhost', limit: 2 }];
  const first = await slots.acquire(large, NEVER);
  const waiter = slots.acquire(small, NEVER);
  const second = await slots.acquire(large, NEVER);
  first[Symbol.dispose]();
  await settle();
  assert.equal(slots.snapshot().waiting, 1, 'one in use is as many as the waiter allows');
  second[Symbol.dispose]();
  assert.equal((await waiter).key, 'localhost');
});

test('Slots.acquire() ends when it is aborted, and the place in the queue with it', async () => {
  const slots = new Slots();
  const held = await slots.acquire(at('a'), NEVER);
  using _other = await slots.acquire(at('c'), NEVER);
  const controller = new AbortController();
  const gone = slots.acquire(at('a', 'c'), controller.signal);
  const next = slots.acquire(at('a'), NEVER);
  const reason = new Error('the caller has gone');
  controller.abort(reason);
  await assert.rejects(gone, reason);
  assert.equal(slots.snapshot().waiting, 1);
  held[Symbol.dispose]();
  assert.equal((await next).key, 'a');
  await assert.rejects(slots.acquire(at('b'), controller.signal), reason);
  assert.deepEqual(slots.snapshot(), {
    inUse: new Map([
      ['c', 1],
      ['a', 1],
    ]),
    waiting: 0,
  });
});

test('Slots.acquire() refuses an empty list and a queue that grows without end', async () => {
  const slots = new Slots({ maxWaiting: 1 });
  await assert.rejects(slots.acquire([], NEVER), /No candidates/);
  const held = await slots.acquire(at('a'), NEVER);
  const waiter = slots.acquire(at('a'), NEVER);
  await assert.rejects(slots.acquire(at('a'), NEVER), /waiting/);
  held[Symbol.dispose]();
  await waiter;
});

test('Slot gives its slot back once', async () => {
  const slots = new Slots();
  const slot = await slots.acquire(at('a'), NEVER);
  const other = await slots.acquire([{ key: 'a', limit: 2 }], NEVER);
  slot[Symbol.dispose]();
  slot[Symbol.dispose]();
  assert.deepEqual(slots.snapshot().inUse, new Map([['a', 1]]));
  {
    using _scoped = other;
  }
  assert.deepEqual(slots.snapshot().inUse, new Map());
});

const step = fc.oneof(
  fc.record({
    do: fc.constant('acquire' as const),
    candidates: fc.uniqueArray(
      fc.record({ key: fc.constantFrom('a', 'b', 'c'), limit: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 3, selector: ({ key }) => key },
    ),
  }),
  fc.record({ do: fc.constant('dispose' as const), which: fc.nat(50) }),
  fc.record({ do: fc.constant('abort' as const), which: fc.nat(50) }),
);

test('Slots never exceeds a limit, never lets a usable slot idle, and loses nobody', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const slots = new Slots();
      const held: Slot[] = [];
      const overLimit: string[] = [];
      const waiting = new Map<AbortController, readonly Candidate[]>();
      const count = (key: string) => held.filter((slot) => slot.key === key).length;
      for (const what of steps) {
        if (what.do === 'acquire') {
          const controller = new AbortController();
          waiting.set(controller, what.candidates);
          slots.acquire(what.candidates, controller.signal).then(
            (slot) => {
              held.push(slot);
              waiting.delete(controller);
              const limit = what.candidates.find(({ key }) => key === slot.key)?.limit ?? 0;
              if (count(slot.key) > limit) overLimit.push(slot.key);
            },
            () => waiting.delete(controller),
          );
        } else if (what.do === 'dispose') {
          held.splice(what.which % Math.max(1, held.length), 1).forEach((slot) => slot[Symbol.dispose]());
        } else {
          [...waiting.keys()][what.which % Math.max(1, waiting.size)]?.abort();
        }
        await settle();
        const snapshot = slots.snapshot();
        assert.equal(snapshot.waiting, waiting.size);
        for (const key of ['a', 'b', 'c']) assert.equal(snapshot.inUse.get(key) ?? 0, count(key));
        for (const candidates of waiting.values()) {
          assert.ok(
            candidates.every(({ key, limit }) => count(key) >= limit),
            'a waiter could run',
          );
        }
      }
      do {
        for (const slot of held.splice(0)) slot[Symbol.dispose]();
        await settle();
      } while (held.length > 0);
      assert.deepEqual(slots.snapshot(), { inUse: new Map(), waiting: 0 });
      assert.deepEqual(overLimit, []);
    }),
    { numRuns: 300, seed: 1 },
  );
});
