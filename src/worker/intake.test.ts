import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Intake, type Sender } from './intake.ts';

const MIB = 1 << 20;

class FakeSender implements Sender {
  state: 'reading' | 'paused' | 'urgent' = 'reading';

  pause(): void {
    this.state = 'paused';
  }

  resume(isUrgent: boolean): void {
    this.state = isUrgent ? 'urgent' : 'reading';
  }
}

function crowd(count: number): FakeSender[] {
  return Array.from({ length: count }, () => new FakeSender());
}

test('Intake makes all but the eldest wait at its limit, and lets them go on below it', () => {
  const intake = new Intake(10 * MIB);
  const [eldest, second, third] = crowd(3) as [FakeSender, FakeSender, FakeSender];
  intake.received(eldest, 4 * MIB);
  intake.received(second, 4 * MIB);
  assert.deepEqual([eldest.state, second.state], ['reading', 'reading']);
  intake.received(third, 4 * MIB);
  assert.deepEqual([eldest.state, second.state, third.state], ['urgent', 'paused', 'paused']);
  intake.received(eldest, 4 * MIB);
  intake.finished(eldest);
  assert.deepEqual([second.state, third.state], ['urgent', 'paused'], 'the next one is the eldest');
  intake.release(8 * MIB);
  assert.deepEqual([second.state, third.state], ['urgent', 'reading']);
});

test('Intake lets those that hold little go on', () => {
  const intake = new Intake(MIB);
  const [large, other, small] = crowd(3) as [FakeSender, FakeSender, FakeSender];
  intake.received(large, MIB);
  intake.received(other, MIB);
  intake.received(small, 1000);
  assert.deepEqual([large.state, other.state, small.state], ['urgent', 'paused', 'reading']);
  intake.received(small, 100_000);
  assert.equal(small.state, 'paused');
});

test('Intake always lets somebody go on while anybody waits', () => {
  const intake = new Intake(4 * MIB);
  const senders = crowd(50);
  for (const sender of senders) intake.received(sender, MIB);
  const waiting = new Set(senders);
  while (waiting.size > 0) {
    const goingOn = [...waiting].find(({ state }) => state !== 'paused');
    assert.ok(goingOn, `${waiting.size} wait for each other`);
    waiting.delete(goingOn);
    intake.finished(goingOn);
    intake.release(MIB);
  }
  assert.equal(intake.heldBytes, 0);
});

test('Intake counts replies that wait for their readers', () => {
  const intake = new Intake(MIB);
  const [first, second] = crowd(2) as [FakeSender, FakeSender];
  intake.hold(2 * MIB);
  intake.received(first, MIB);
  intake.received(second, MIB);
  assert.equal(second.state, 'paused');
  intake.release(4 * MIB);
  assert.equal(second.state, 'reading');
});
