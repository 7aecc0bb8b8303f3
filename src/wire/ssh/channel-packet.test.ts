import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  encodeClose,
  encodeData,
  encodeEof,
  encodeExec,
  encodeOpen,
  encodeRequestFailure,
  encodeWindow,
  parseChannelPacket,
  type ChannelPacket,
} from './channel-packet.ts';
import { SshProtocolError } from './packet.ts';

test('encoders give the bytes of RFC 4254', () => {
  const rows: [packet: Buffer, hex: string][] = [
    [encodeOpen(3, 0x200000, 0x10000), '00000019 00 5a 00000007 73657373696f6e 00000003 00200000 00010000'],
    [encodeExec(5, 'ls é'), '00000018 00 62 00000005 00000004 65786563 01 00000005 6c7320c3a9'],
    [encodeData(5, Buffer.from('hi')), '0000000c 00 5e 00000005 00000002 6869'],
    [encodeWindow(5, 0x100000), '0000000a 00 5d 00000005 00100000'],
    [encodeEof(5), '00000006 00 60 00000005'],
    [encodeClose(5), '00000006 00 61 00000005'],
    [encodeRequestFailure(5), '00000006 00 64 00000005'],
  ];
  for (const [packet, hex] of rows) assert.equal(packet.toString('hex'), hex.replaceAll(' ', ''));
});

const INCOMING: readonly [hex: string, packet: ChannelPacket | undefined][] = [
  [
    '00 5b 00000003 00000005 00200000 00008000',
    { type: 'opened', channel: 3, peer: 5, windowBytes: 0x200000, packetBytes: 0x8000 },
  ],
  ['00 5c 00000003 00000002 00000002 6e6f 00000000', { type: 'not-opened', channel: 3, reason: 'no' }],
  ['00 5d 00000003 00100000', { type: 'window', channel: 3, bytes: 0x100000 }],
  ['00 5e 00000003 00000002 6869', { type: 'data', channel: 3, data: Buffer.from('hi') }],
  ['00 5f 00000003 00000001 00000002 6869', { type: 'stderr', channel: 3, data: Buffer.from('hi') }],
  ['00 60 00000003', { type: 'eof', channel: 3 }],
  ['00 61 00000003', { type: 'close', channel: 3 }],
  ['00 63 00000003', { type: 'success', channel: 3 }],
  ['00 64 00000003', { type: 'failure', channel: 3 }],
  [
    '00 62 00000003 0000000b 657869742d737461747573 00 0000007f',
    { type: 'exit-status', channel: 3, status: 127 },
  ],
  [
    '00 62 00000003 0000000b 657869742d7369676e616c 00 00000004 4b494c4c 00 00000000 00000000',
    { type: 'exit-signal', channel: 3, signal: 'KILL' },
  ],
  ['00 62 00000003 00000001 61 01', { type: 'request', channel: 3, name: 'a', wantsReply: true }],
  // Global requests, and channels that the other side would open.
  ['00 50 00000001 61 00', undefined],
  ['00 5a 00000001 61 00000003 00000000 00000000', undefined],
];

test('parseChannelPacket() reads what sshd sends', () => {
  for (const [hex, packet] of INCOMING) assert.deepEqual(parseChannelPacket(bytesOf(hex)), packet, hex);
});

test('parseChannelPacket() throws at packets that are cut short, and at nothing else', () => {
  for (const [hex, packet] of INCOMING) {
    if (packet === undefined) continue;
    const bytes = bytesOf(hex);
    for (let length = 0; length < bytes.length; length++) {
      try {
        parseChannelPacket(bytes.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof SshProtocolError, `${hex} cut at ${length}`);
      }
    }
  }
});

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
