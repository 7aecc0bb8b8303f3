import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeState,
  encodeState,
  STATE_PHASES,
  stateFileBytes,
  stateLayoutOf,
  type TaskState,
} from './state-file.ts';

const STATE: TaskState = { pid: 4711, file: 'hello.c', host: 'build7', slot: 3, phase: 'Compile' };
const LAYOUTS = [
  stateLayoutOf('x64', 'LE'),
  stateLayoutOf('s390x', 'BE'),
  stateLayoutOf('arm', 'LE'),
  stateLayoutOf('mips', 'BE'),
];

test('encodeState() has the bytes of distcc 3.4 on x86-64', () => {
  const bytes = Buffer.from(encodeState(STATE, stateLayoutOf('x64', 'LE')));
  assert.equal(bytes.length, 296);
  assert.equal(bytes.subarray(0, 24).toString('hex'), '280100000000000000484944000000006712000000000000');
  assert.equal(bytes.toString('latin1', 24, 152), 'hello.c'.padEnd(128, '\0'));
  assert.equal(bytes.toString('latin1', 152, 280), 'build7'.padEnd(128, '\0'));
  assert.equal(bytes.subarray(280).toString('hex'), '03000000050000000000000000000000');
});

test('stateFileBytes() by the width of a word', () => {
  assert.deepEqual(LAYOUTS.map(stateFileBytes), [296, 296, 280, 280]);
});

test('decodeState() gives back what encodeState() was given, in all layouts', () => {
  const name = fc
    .uint8Array({ maxLength: 127, min: 1 })
    .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0)).toString('latin1'));
  const state = fc.record(
    {
      pid: fc.integer({ min: 1, max: 4_194_304 }),
      file: name,
      host: name,
      slot: fc.integer({ min: -1, max: 10_000 }),
      phase: fc.constantFrom(...STATE_PHASES),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(state, fc.constantFrom(...LAYOUTS), (value, layout) => {
      assert.deepEqual(decodeState(encodeState(value, layout), layout), value);
    }),
  );
});

test('encodeState() cuts names that are too long', () => {
  const [layout] = LAYOUTS;
  assert(layout);
  const decoded = decodeState(
    encodeState({ ...STATE, file: 'f'.repeat(300), host: 'h'.repeat(300) }, layout),
    layout,
  );
  assert.deepEqual(decoded, { ...STATE, file: 'f'.repeat(127), host: 'h'.repeat(127) });
});

test('decodeState() takes no other file, however it is cut', () => {
  for (const layout of LAYOUTS) {
    const whole = encodeState(STATE, layout);
    for (let length = 0; length < whole.length; length++)
      assert.equal(decodeState(whole.subarray(0, length), layout), 'short');
    const foreign = LAYOUTS.filter((other) => other !== layout);
    for (const other of foreign)
      assert.equal(typeof decodeState(encodeState(STATE, other), layout), 'string');
    assert.equal(decodeState(whole.with(0, 1).with(3, 1), layout), 'wrong-size');
    const magicAt = layout.wordBytes;
    assert.equal(decodeState(whole.with(magicAt, 1).with(magicAt + 3, 1), layout), 'wrong-magic');
  }
});

test('decodeState() reads names that nobody ended, and phases that nobody knows', () => {
  const [layout] = LAYOUTS;
  assert(layout);
  const bytes = encodeState(STATE, layout);
  bytes.fill(0x61, 24, 280);
  bytes.fill(0xff, 284, 288);
  const decoded = decodeState(Buffer.concat([bytes, Buffer.from('more')]), layout);
  assert.deepEqual(decoded, { ...STATE, file: 'a'.repeat(128), host: 'a'.repeat(128), phase: 'Compile' });
});

test('decodeState() reads anything without failing', () => {
  const bytes = fc.uint8Array({ minLength: 260, maxLength: 320 });
  fc.assert(
    fc.property(bytes, fc.constantFrom(...LAYOUTS), (garbage, layout) => {
      const head = encodeState(STATE, layout).subarray(0, 2 * layout.wordBytes);
      assert.equal(typeof decodeState(garbage, layout), 'string');
      if (garbage.length < stateFileBytes(layout)) return;
      garbage.set(head);
      const state = decodeState(garbage, layout);
      assert(typeof state !== 'string' && STATE_PHASES.includes(state.phase));
    }),
  );
});
