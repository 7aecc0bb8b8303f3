import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  AgentDecoder,
  encodeAck,
  encodeAlive,
  encodeExit,
  encodeReport,
  encodeRunHere,
  encodeSpawn,
  encodeStaged,
} from './agent-message.ts';
import { encodeString, encodeU32 } from './fields.ts';
import { encodeFrame, FrameError, MAX_AGENT_FRAME_BYTES } from './frame.ts';

const RUN_HERE = { argv: ['gcc', '-c', 'ä.c'], environment: ['A=1', 'B'], message: 'no host\n' };
const SPAWN = {
  program: '/usr/lib/cc1',
  argv: ['cc1', '-E'],
  environment: [],
  stdoutPath: '/run/x/out',
  stderrPath: '/run/x/err',
};
const EXIT = {
  message: 'a warning\n',
  status: 0x100,
  stdout: Buffer.from([0, 255]),
  stderr: Buffer.from('a.c:1: error\n'),
  moves: [
    { from: '/w/.a.o.tmp', to: '/w/a.o' },
    { from: '/w/.a.d.tmp', to: '/w/a.d' },
  ],
};
const STREAM = Buffer.concat([
  encodeAck(),
  encodeAlive(),
  encodeSpawn(SPAWN),
  encodeRunHere(RUN_HERE),
  encodeExit(EXIT),
  encodeReport('{}'),
  encodeStaged(['/w/.a.o.tmp']),
]);
const MESSAGES = [
  { type: 'ack' },
  { type: 'alive' },
  { type: 'spawn', ...SPAWN },
  { type: 'run-here', ...RUN_HERE },
  { type: 'exit', ...EXIT },
  { type: 'report', json: '{}' },
  { type: 'staged', names: ['/w/.a.o.tmp'] },
];

test('AgentDecoder reads what the encoders wrote, however it is cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const decoder = new AgentDecoder();
    const messages = [...decoder.push(STREAM.subarray(0, cut)), ...decoder.push(STREAM.subarray(cut))];
    assert.deepEqual(messages, MESSAGES, `cut at ${cut}`);
  }
});

test("the agent's frames have these bytes", () => {
  const exit = {
    status: 9,
    message: 'm',
    stdout: Buffer.of(0),
    stderr: Buffer.of(),
    moves: [{ from: 'f', to: 't' }],
  };
  const golden: readonly (readonly [frame: Buffer, hex: string])[] = [
    [encodeAck(), '01000000 81'],
    [encodeAlive(), '01000000 82'],
    [
      encodeRunHere({ argv: ['cc'], environment: [], message: '' }),
      '13000000 83 01000000 02000000 6363 00000000 00000000',
    ],
    [
      encodeSpawn({ program: '', argv: [], environment: ['A'], stdoutPath: 'o', stderrPath: 'e' }),
      '1c000000 84 00000000 00000000 01000000 01000000 41 01000000 6f 01000000 65',
    ],
    [
      encodeExit(exit),
      '21000000 85 09000000 01000000 6d 01000000 00 00000000 02000000 01000000 66 01000000 74',
    ],
    [encodeReport('{}'), '07000000 86 02000000 7b7d'],
    [encodeStaged(['n']), '0a000000 87 01000000 01000000 6e'],
  ];
  for (const [frame, hex] of golden) assert.equal(frame.toString('hex'), hex.replaceAll(' ', ''));
});

test('AgentDecoder refuses what no agent sends', () => {
  const withPayload = (type: number, ...fields: Uint8Array[]): Buffer =>
    encodeFrame(type, fields, MAX_AGENT_FRAME_BYTES);
  const bad: Record<string, Buffer> = {
    "a launcher's type": withPayload(1),
    'an unknown type': withPayload(0x88),
    'an ACK with a payload': withPayload(0x81, encodeU32(0)),
    'one over the limit': encodeU32(MAX_AGENT_FRAME_BYTES + 1),
    'a move without a target': withPayload(
      0x85,
      encodeU32(0),
      encodeU32(0),
      encodeU32(0),
      encodeU32(0),
      encodeU32(1),
      encodeString('f'),
    ),
    'a short EXIT': withPayload(0x85, encodeU32(0)),
  };
  for (const [name, bytes] of Object.entries(bad)) {
    assert.throws(() => new AgentDecoder().push(bytes), FrameError, name);
  }
});

test('encodeExit() refuses what is too long for a frame', () => {
  const stdout = new Uint8Array(MAX_AGENT_FRAME_BYTES);
  assert.throws(() => encodeExit({ ...EXIT, stdout }), FrameError);
});

test('AgentDecoder throws nothing but FrameError at any bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0x80, max: 0x88 }), fc.uint8Array({ maxLength: 200 }), (type, payload) => {
      try {
        return new AgentDecoder().push(encodeFrame(type, [payload], MAX_AGENT_FRAME_BYTES)).length === 1;
      } catch (error) {
        return error instanceof FrameError;
      }
    }),
  );
});
