import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../base/byte-string.ts';
import { Decoder, packet, token } from './decoder.ts';
import type { Grammar } from './decoder.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatToken } from './token.ts';

const MAX_BYTES = 1 << 30;

function* readStatusAndObject(): Grammar<{ status: number; object: Uint8Array }> {
  const status = yield* token('STAT');
  return { status, object: yield* packet('DOTO', MAX_BYTES) };
}

function newDecoder() {
  return new Decoder(readStatusAndObject());
}

/** A message with that object. */
function messageOf(object: Uint8Array): Buffer {
  return Buffer.concat([toBytes(formatToken('STAT', 7) + formatToken('DOTO', object.length)), object]);
}

/** A body whose every byte tells its place. */
function numbered(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => at ^ (at >> 8) ^ (at >> 16));
}

test('Decoder names the packet that it reads', () => {
  const decoder = newDecoder();
  const stages = [...messageOf(numbered(2))].map((byte) => {
    decoder.push(Uint8Array.of(byte));
    return decoder.stage;
  });
  assert.deepEqual(stages, [
    ...Array.from({ length: 11 }, () => 'STAT'),
    ...Array.from({ length: 14 }, () => 'DOTO'),
    'whole',
  ]);
});

for (const chunkBytes of [1, 7, 1_000, 65_536, 1 << 20, 4 << 20]) {
  test(`Decoder puts chunks of ${chunkBytes} together`, () => {
    const object = numbered((1 << 20) + 12_345);
    const bytes = messageOf(object);
    const decoder = newDecoder();
    let message;
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      assert.equal(message, undefined);
      assert.equal(decoder.bufferedBytes, at);
      message = decoder.push(bytes.subarray(at, at + chunkBytes));
    }
    assert.equal(message?.status, 7);
    assert.equal(Buffer.compare(message.object, object), 0);
    assert.equal(decoder.bufferedBytes, 0);
  });
}

test('Decoder does not copy a body that comes in one chunk', () => {
  const bytes = messageOf(numbered(100_000));
  const message = newDecoder().push(bytes);
  assert.equal(message?.object.buffer, bytes.buffer);
});

test('Decoder tells what it has collected', () => {
  const decoder = newDecoder();
  const bytes = messageOf(numbered(1_000));
  decoder.push(bytes.subarray(0, 500));
  assert.equal(decoder.collected.length, 0);
  assert.equal(decoder.push(bytes.subarray(500))?.object, decoder.collected);
});

test('Decoder counts what comes after the message', () => {
  const decoder = newDecoder();
  assert.ok(decoder.push(Buffer.concat([messageOf(numbered(3)), toBytes('abc')])));
  assert.equal(decoder.excessBytes, 3);
  assert.equal(decoder.push(toBytes('de')), undefined);
  assert.equal(decoder.excessBytes, 5);
});

test('Decoder takes empty chunks', () => {
  const decoder = newDecoder();
  decoder.push(new Uint8Array(0));
  const bytes = messageOf(numbered(3));
  decoder.push(bytes.subarray(0, 25));
  decoder.push(new Uint8Array(0));
  assert.ok(decoder.push(bytes.subarray(25)));
});

test('Decoder reserves nothing for a body that was only announced', () => {
  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 100 }, () => {
    const decoder = newDecoder();
    decoder.push(toBytes(formatToken('STAT', 0) + formatToken('DOTO', MAX_BYTES)));
    return decoder;
  });
  assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
  for (const decoder of decoders) decoder.push(numbered(10));
  assert.ok(process.memoryUsage().arrayBuffers - before <= 100 * (300 << 10), 'a little for a little');
});

test('Decoder refuses a body above the limit at its header', () => {
  const decoder = newDecoder();
  const bytes = toBytes(formatToken('STAT', 0) + formatToken('DOTO', MAX_BYTES + 1));
  assert.throws(() => decoder.push(bytes), { name: 'ProtocolError', message: /DOTO announces 1073741825/ });
  assert.equal(decoder.stage, 'failed');
  assert.equal(decoder.bufferedBytes, 0);
  assert.throws(() => decoder.push(bytes), ProtocolError);
});
