import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeProxyRequest, parseMuxMessage } from './mux-message.ts';

test('encodeProxyRequest() says hello and asks', () => {
  const golden = '000000080000000100000004000000081000000f00000000';
  assert.equal(encodeProxyRequest().toString('hex'), golden);
});

test('parseMuxMessage() reads what a master answers', () => {
  const rows: [hex: string, message: ReturnType<typeof parseMuxMessage>][] = [
    ['0000000100000004', { type: 'hello', isKnownVersion: true }],
    ['0000000100000005', { type: 'hello', isKnownVersion: false }],
    ['000000010000000400000001610000000162', { type: 'hello', isKnownVersion: true }],
    ['8000000f00000000', { type: 'proxy' }],
    ['800000030000000000000013756e737570706f727465642072657175657374', unsupported()],
    ['8000000200000000000000026e6f', { type: 'refused', reason: 'no' }],
    ['80000001', { type: 'unknown' }],
  ];
  for (const [hex, message] of rows) assert.deepEqual(parseMuxMessage(Buffer.from(hex, 'hex')), message, hex);
});

/** What masters before OpenSSH 7.4 say. */
function unsupported() {
  return { type: 'refused', reason: 'unsupported request' } as const;
}
