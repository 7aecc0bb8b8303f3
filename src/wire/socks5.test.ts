import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeConnected, decodeMethod, encodeConnect, type SocksReply } from './socks5.ts';

test('encodeConnect() gives the bytes of RFC 1928', () => {
  const hex = (host: string) => Buffer.from(encodeConnect(host, 3632)).toString('hex');
  assert.equal(hex('build7'), '05010003066275696c64370e30');
  assert.throws(() => encodeConnect('', 1), RangeError);
  assert.throws(() => encodeConnect('x'.repeat(256), 1), RangeError);
});

const DENIED = { kind: 'denied' };
const CONNECTED: readonly (readonly [hex: string, kind: SocksReply['kind'], sizeBytes?: number])[] = [
  ['05000001 7f000001 0e30', 'granted', 10],
  ['05000003 06 6275696c6437 0e30', 'granted', 13],
  ['05000004 00000000000000000000000000000001 0e30', 'granted', 22],
  ['05050001 00000000 0000', 'denied'],
  ['05990001', 'denied'],
  ['05000002 00', 'denied'],
  ['04', 'denied'],
];

test('decodeConnected() waits for the last byte and leaves what follows', () => {
  for (const [hex, kind, sizeBytes = 0] of CONNECTED) {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    assert.equal(decodeConnected(bytes).kind, kind, hex);
    if (kind === 'denied') continue;
    const reply: SocksReply = { kind: 'granted', sizeBytes };
    assert.deepEqual(decodeConnected(Buffer.concat([bytes, Buffer.from('more')])), reply);
    for (let length = 0; length < bytes.length; length++)
      assert.deepEqual(decodeConnected(bytes.subarray(0, length)), { kind: 'incomplete' });
  }
});

test('decodeMethod() takes a proxy that wants no password', () => {
  assert.deepEqual(decodeMethod(Uint8Array.of(5, 0)), { kind: 'granted', sizeBytes: 2 });
  assert.deepEqual(decodeMethod(Uint8Array.of(5)), { kind: 'incomplete' });
  for (const bytes of [
    [5, 0xff],
    [5, 2],
    [4, 0],
  ])
    assert.partialDeepStrictEqual(decodeMethod(Uint8Array.from(bytes)), DENIED);
});
