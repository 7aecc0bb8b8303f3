import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeMemory, isWholeBuffer } from './memory.ts';

test('freeMemory() empties all views of the buffer', () => {
  const whole = new Uint8Array(100);
  const part = whole.subarray(10, 20);
  freeMemory(part);
  assert.deepEqual([whole.length, part.length], [0, 0]);
  freeMemory(part);
});

test('freeMemory() leaves alone what is empty', () => {
  const nothing = new Uint8Array(0);
  freeMemory(nothing);
  assert.equal(Buffer.from(nothing.buffer, 0, 0).length, 0);
});

test('isWholeBuffer() tells a chunk from a piece of one', () => {
  const chunk = Buffer.allocUnsafeSlow(100);
  assert.equal(isWholeBuffer(chunk), true);
  assert.equal(isWholeBuffer(chunk.subarray(1)), false);
  assert.equal(isWholeBuffer(Buffer.from('small')), false);
});
