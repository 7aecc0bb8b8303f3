import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { encodeString, encodeU32, encodeU64 } from './fields.ts';
import { encodeFrame, FrameError, MAX_LAUNCHER_FRAME_BYTES } from './frame.ts';
import {
  encodeEnded,
  encodeInvocation,
  encodeQuery,
  LauncherDecoder,
  NO_FILE,
  type InvocationFrame,
} from './launcher-message.ts';

const INVOCATION: InvocationFrame = {
  build: 'test-build',
  stdoutIsTerminal: false,
  stderrIsTerminal: true,
  isMasquerade: true,
  columns: 120,
  umask: 0o22,
  pid: 4_194_304,
  root: { device: 2049n, inode: 2n },
  cwd: { device: 0xffff_ffff_ffff_ffffn, inode: 77n },
  directory: '/home/ä/src',
  pwd: '',
  compiler: '/usr/bin/gcc',
  compilerId: { device: 2049n, inode: 12345n },
  argv: ['gcc', '-c', 'a b.c', '', '-DX="\n"', '\uFFFD'],
  seen: [{ index: 2, id: { device: 2049n, inode: 9n } }],
  environment: new Map([
    ['PATH', '/usr/bin'],
    ['EMPTY', ''],
    ['EQUALS', 'a=b'],
  ]),
  isText: true,
};

function decodeAll(bytes: Uint8Array): unknown[] {
  return new LauncherDecoder().push(bytes);
}

test('encodeInvocation() and LauncherDecoder agree', () => {
  assert.deepEqual(decodeAll(encodeInvocation(INVOCATION)), [{ type: 'invocation', ...INVOCATION }]);
  const nowhere = { ...INVOCATION, compiler: '', compilerId: NO_FILE, seen: [], environment: new Map() };
  assert.deepEqual(decodeAll(encodeInvocation(nowhere)), [{ type: 'invocation', ...nowhere }]);
});

test('encodeEnded() and encodeQuery() have these bytes', () => {
  const ended = { errno: 2, status: 0x100, userUs: 3, systemUs: 4, peakKib: 5 };
  const bytes = '21000000 02 02000000 00010000 0300000000000000 0400000000000000 0500000000000000';
  assert.deepEqual(encodeEnded(ended), hex(bytes));
  assert.deepEqual(decodeAll(hex(bytes)), [{ type: 'ended', ...ended }]);
  assert.deepEqual(encodeQuery('status'), hex('0b000000 03 06000000 737461747573'));
  assert.deepEqual(decodeAll(encodeQuery('status')), [{ type: 'query', text: 'status' }]);
});

test('LauncherDecoder gives the same however the stream is cut', () => {
  const ended = { errno: 0, status: 0, userUs: 1, systemUs: 2, peakKib: 3 };
  const stream = Buffer.concat([encodeInvocation(INVOCATION), encodeEnded(ended), encodeQuery('watch')]);
  const whole = decodeAll(stream);
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = new LauncherDecoder();
    const messages = [...decoder.push(stream.subarray(0, cut)), ...decoder.push(stream.subarray(cut))];
    assert.deepEqual(messages, whole, `cut at ${cut}`);
  }
  const decoder = new LauncherDecoder();
  assert.deepEqual(
    [...stream].flatMap((byte) => decoder.push(Uint8Array.of(byte))),
    whole,
  );
});

test('LauncherDecoder does not look at a frame again for each of its bytes', () => {
  const frame = encodeQuery('x'.repeat(1 << 20));
  const decoder = new LauncherDecoder();
  let messages: unknown[] = [];
  for (let at = 0; at < frame.length; at += 16) messages = decoder.push(frame.subarray(at, at + 16));
  assert.equal(messages.length, 1);
});

test('LauncherDecoder marks what is not UTF-8 and goes on', () => {
  const bytes = encodeInvocation(INVOCATION);
  const at = bytes.indexOf('a b.c');
  bytes[at] = 0xff;
  const [message] = new LauncherDecoder().push(bytes);
  assert.equal(message?.type === 'invocation' && message.isText, false);

  const inEnvironment = encodeInvocation(INVOCATION);
  inEnvironment[inEnvironment.indexOf('EMPTY')] = 0xff;
  const [other] = new LauncherDecoder().push(inEnvironment);
  assert.equal(other?.type === 'invocation' && other.isText, true);
});

test('LauncherDecoder reads an environment as getenv(3) does', () => {
  const odd = encodeInvocation({
    ...INVOCATION,
    environment: new Map([
      ['A', '1'],
      ['B', '2'],
    ]),
  });
  odd.write('A', odd.indexOf('B=2'));
  const [message] = new LauncherDecoder().push(odd);
  assert.ok(message?.type === 'invocation');
  assert.deepEqual([...message.environment], [['A', '1']]);
});

test('LauncherDecoder refuses what no launcher sends', () => {
  const ended = encodeEnded({ errno: 0, status: 0, userUs: 0, systemUs: 0, peakKib: 0 });
  const withPayload = (type: number, ...fields: Uint8Array[]): Buffer =>
    encodeFrame(type, fields, MAX_LAUNCHER_FRAME_BYTES);
  const patched = (at: number, value: number): Buffer => {
    const bytes = encodeInvocation(INVOCATION);
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  const flagsAt = 5 + 4 + INVOCATION.build.length;
  const argvAt = encodeInvocation(INVOCATION).indexOf(encodeString('gcc')) - 4;
  const bad: Record<string, Buffer> = {
    'no length': Buffer.alloc(4),
    'a huge length': Buffer.from('ffffffff', 'hex'),
    'one over the limit': encodeU32(MAX_LAUNCHER_FRAME_BYTES + 1),
    'an unknown type': withPayload(4),
    "an agent's type": withPayload(0x81),
    'bytes left over': withPayload(3, encodeString('status'), Uint8Array.of(0)),
    'a string beyond the frame': withPayload(3, encodeU32(1)),
    'a huge string': withPayload(3, encodeU32(0xffff_ffff)),
    'a NUL': withPayload(3, encodeU32(1), Uint8Array.of(0)),
    'a short frame': withPayload(2, encodeU32(0)),
    'an uncountable time': withPayload(
      2,
      encodeU32(0),
      encodeU32(0),
      encodeU64(1n << 53n),
      encodeU64(0),
      encodeU64(0),
    ),
    'unknown flags': patched(flagsAt, 8),
    'a huge list': patched(argvAt, 0xffff_ffff),
    'a list one too long': patched(argvAt, INVOCATION.argv.length + 1),
    'an empty argv': encodeInvocation({ ...INVOCATION, argv: [], seen: [] }),
    'a file seen beyond argv': encodeInvocation({ ...INVOCATION, seen: [{ index: 6, id: NO_FILE }] }),
    'two frames, the second bad': Buffer.concat([ended, withPayload(9)]),
  };
  for (const [name, bytes] of Object.entries(bad)) {
    assert.throws(() => new LauncherDecoder().push(bytes), FrameError, name);
  }
});

test('encodeInvocation() refuses what the wire cannot carry', () => {
  assert.throws(() => encodeInvocation({ ...INVOCATION, argv: ['a\0b'] }), FrameError);
  assert.throws(
    () => encodeInvocation({ ...INVOCATION, argv: ['x'.repeat(MAX_LAUNCHER_FRAME_BYTES)] }),
    FrameError,
  );
});

test('LauncherDecoder throws nothing but FrameError at any bytes', () => {
  const valid = encodeInvocation(INVOCATION);
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.uint8Array({ maxLength: 12 }), (at, noise) => {
      const bytes = Buffer.from(valid);
      bytes.set(noise.subarray(0, valid.length - at), at);
      assert.ok(decodesOrRefuses(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.nat(5), fc.uint8Array({ maxLength: 300 }), (type, payload) =>
      decodesOrRefuses(encodeFrame(type, [payload], MAX_LAUNCHER_FRAME_BYTES)),
    ),
  );
});

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function decodesOrRefuses(bytes: Uint8Array): boolean {
  try {
    return decodeAll(bytes).length >= 0;
  } catch (error) {
    return error instanceof FrameError;
  }
}
