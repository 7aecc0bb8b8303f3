import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { Backoff } from './backoff.ts';
import { type ChooseOptions, chooseHosts } from './choose.ts';
import { parseHosts } from './parse.ts';

class SetClock implements Clock {
  nowMs = 1000;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs;
  }
}

function choose(text: string, options: Partial<ChooseOptions> = {}): string {
  const list = parseHosts(text);
  assert.ok(list.ok);
  const backoff = new Backoff(new SetClock());
  const choice = chooseHosts(list.value, { backoff, backoffPeriodMs: 60_000, random: () => 0, ...options });
  if (choice.kind === 'none') return choice.reason;
  return choice.candidates.map(({ host, limit }) => `${host.token}=${limit}`).join(' ');
}

test('Backoff leaves a place alone for the period of the job that asks', () => {
  const clock = new SetClock();
  const backoff = new Backoff(clock);
  assert.equal(backoff.remainingMs('a', 60_000), 0);
  backoff.fail('a');
  assert.equal(backoff.remainingMs('a', 60_000), 60_000);
  clock.nowMs += 20_000;
  assert.equal(backoff.remainingMs('a', 60_000), 40_000);
  assert.equal(backoff.remainingMs('a', 20_000), 0);
  assert.equal(backoff.remainingMs('a', 0), 0);
  assert.equal(backoff.remainingMs('b', 60_000), 0);
  backoff.fail('a');
  assert.equal(backoff.remainingMs('a', 60_000), 60_000);
  backoff.succeed('a');
  assert.equal(backoff.remainingMs('a', 60_000), 0);
});

test('Backoff forgets the oldest of very many places', () => {
  const backoff = new Backoff(new SetClock());
  for (let count = 0; count <= 10_000; count++) backoff.fail(`host${count}`);
  assert.equal(backoff.remainingMs('host0', 60_000), 0);
  assert.equal(backoff.remainingMs('host1', 60_000), 60_000);
});

test('chooseHosts() keeps the order of the list', () => {
  assert.equal(choose('a localhost b/9,lzo'), 'a=4 localhost=2 b/9,lzo=9');
});

test('chooseHosts() shuffles with --randomize', () => {
  assert.equal(choose('--randomize a b c'), 'b=4 c=4 a=4');
  assert.equal(choose('--randomize a b c', { random: () => 0.999 }), 'a=4 b=4 c=4');
});

test('chooseHosts() passes over hosts, and says why none is left', () => {
  const clock = new SetClock();
  const backoff = new Backoff(clock);
  backoff.fail('tcp:a:3632');
  assert.equal(choose('a b', { backoff }), 'b=4');
  assert.equal(choose('a b', { backoff, backoffPeriodMs: 0 }), 'a=4 b=4');
  assert.equal(choose('a', { backoff }), 'all-backed-off');
  assert.equal(choose('a b', { tried: new Set(['tcp:b:3632']) }), 'a=4');
  assert.equal(choose('a b', { tried: new Set(['tcp:b:3632', 'tcp:a:3632']) }), 'all-tried');
  assert.equal(choose('a b', { isUsable: (host) => host.token === 'b' }), 'b=4');
  assert.equal(choose('a b', { isUsable: () => false }), 'none-usable');
  assert.equal(choose('a,down b,down'), 'all-down');
  assert.equal(choose('a,down b'), 'b=4');
  assert.equal(choose(''), 'no-hosts');
});
