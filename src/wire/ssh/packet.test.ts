import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodePacket, PacketDecoder, PacketReader, SshProtocolError } from './packet.ts';

const PACKETS = [encodePacket(Buffer.of(1), []), encodePacket(Buffer.of(2), ['zwölf', 7, Buffer.of(0)])];

test('PacketDecoder gives the same packets wherever the stream is cut', () => {
  const stream = Buffer.concat([...PACKETS, ...PACKETS]);
  const whole = [...PACKETS, ...PACKETS].map((packet) => packet.subarray(4));
  for (let first = 0; first <= stream.length; first++) {
    for (const second of [first, Math.min(first + 3, stream.length), stream.length]) {
      const decoder = new PacketDecoder();
      const pieces = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
      assert.deepEqual(
        pieces.flatMap((piece) => decoder.push(piece)),
        whole,
        `cut at ${first} and ${second}`,
      );
    }
  }
  const decoder = new PacketDecoder();
  assert.deepEqual(
    [...stream].flatMap((byte) => decoder.push(Buffer.of(byte))),
    whole,
  );
});

test('PacketDecoder takes no longer packets than OpenSSH does', () => {
  assert.deepEqual(new PacketDecoder().push(Buffer.from('00040000', 'hex')), []);
  assert.throws(() => new PacketDecoder().push(Buffer.from('00040001', 'hex')), SshProtocolError);
});

test('PacketReader takes the fields off in order, and nothing that is not there', () => {
  const [, packet = Buffer.of()] = PACKETS;
  const reader = new PacketReader(packet, 4);
  assert.equal(reader.u8(), 2);
  assert.equal(reader.text(), 'zwölf');
  assert.equal(reader.u32(), 7);
  assert.deepEqual(reader.bytes(), Buffer.of(0));
  for (const take of ['u8', 'u32', 'bytes'] as const) assert.throws(() => reader[take](), SshProtocolError);
  assert.throws(() => new PacketReader(Buffer.from('0000000561', 'hex')).bytes(), SshProtocolError);
});
