import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeKill, encodeReady, encodeRun, RunnerDecoder } from './runner-frames.ts';

const u32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
};
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('encodeRun() writes what docs/protocol/runner.md says', () => {
  const frame = encodeRun(7, {
    argv: ['gcc', '\xff'],
    directory: '/d',
    environment: ['A=1'],
    stdoutPath: '/o',
    stderrPath: '/e',
    umask: 0o22,
    niceness: -3,
    maxFileSizeBytes: 2 ** 33,
  });
  const payload =
    `\x02${u32(7)}${u32(0o22)}\xfd\xff\xff\xff${u32(0)}${u32(2)}${u32(2)}/d${u32(2)}/o${u32(2)}/e` +
    `${u32(2)}${u32(3)}gcc${u32(1)}\xff${u32(1)}${u32(3)}A=1`;
  assert.equal(Buffer.from(frame).toString('latin1'), u32(payload.length) + payload);
});

test('encodeKill() and encodeReady() write what docs/protocol/runner.md says', () => {
  assert.equal(Buffer.from(encodeKill(7, 15)).toString('latin1'), `${u32(9)}\x03${u32(7)}${u32(15)}`);
  assert.equal(Buffer.from(encodeReady()).toString('latin1'), `${u32(1)}\x01`);
});

const STREAM = bytes(
  `${u32(13)}\x01${u32(2)}${u32(1)}{"é"` +
    `${u32(9)}\x02${u32(1)}${u32(99)}` +
    `${u32(41)}\x03${u32(1)}${u32(2)}${u32(13)}${u32(0)}${u32(5)}${u32(0)}${u32(6)}${u32(0)}${u32(7)}${u32(0)}` +
    `${u32(5)}\x04${u32(20)}`,
);

test('RunnerDecoder reads every frame, however it is cut', () => {
  const whole = new RunnerDecoder().push(STREAM);
  assert.deepEqual(whole.slice(1), [
    { type: 'started', id: 1, pid: 99 },
    {
      type: 'ended',
      id: 1,
      ended: { failedAt: 'exec', errno: 13, waitStatus: 0, userUs: 5, systemUs: 6, maxRssKib: 7 },
    },
    { type: 'drain', seconds: 20 },
  ]);
  assert.equal(whole[0]?.type, 'settings');
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const decoder = new RunnerDecoder();
    assert.deepEqual(
      [...decoder.push(STREAM.subarray(0, cut)), ...decoder.push(STREAM.subarray(cut))],
      whole,
    );
  }
});

test('RunnerDecoder takes nonsense for our own mistake', () => {
  for (const frame of [u32(0), u32(0xffff_ffff), `${u32(1)}\x09`]) {
    assert.throws(() => new RunnerDecoder().push(bytes(frame)), /the runner sent/);
  }
});
