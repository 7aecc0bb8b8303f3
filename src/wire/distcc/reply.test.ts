import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../base/byte-string.ts';
import { exited } from '../../base/wait-status.ts';
import { WIRE_LIMITS } from './limits.ts';
import { ProtocolError } from './protocol-error.ts';
import { encodeReply, ReplyDecoder } from './reply.ts';
import type { Reply } from './reply.ts';

const NOTHING = Buffer.alloc(0);
const WARNED = {
  waitStatus: 0,
  stderr: toBytes('a.c:1: warning: \xff\n'.repeat(20)),
  stdout: toBytes('said\n'),
  object: toBytes('\x7fELF\0\0\0'.repeat(99)),
};
const DEPENDENCIES = toBytes('a.o: a.c h.h\n');
const FAILED = { ...WARNED, waitStatus: exited(1), object: NOTHING };

const REPLIES: readonly Omit<Reply, 'version'>[] = [
  WARNED,
  FAILED,
  { waitStatus: 0, stderr: NOTHING, stdout: NOTHING, object: NOTHING },
  { waitStatus: 9, stderr: NOTHING, stdout: NOTHING, object: NOTHING },
  { waitStatus: 0x8b, stderr: toBytes('x'), stdout: NOTHING, object: NOTHING },
  { waitStatus: 0, stderr: NOTHING, stdout: toBytes('x'), object: toBytes('x') },
];

/** Only the contents count: a Buffer is as good as a Uint8Array. */
function plain(reply: Reply | undefined) {
  if (reply === undefined) return undefined;
  const bodies = ['stderr', 'stdout', 'object', 'dependencies'] as const;
  const copies = bodies.flatMap((name) => (reply[name] ? [[name, Buffer.from(reply[name])]] : []));
  return { ...reply, ...Object.fromEntries(copies) };
}

for (const version of [0, 1, 2, 3]) {
  for (const [number, contents] of REPLIES.entries()) {
    test(`reply ${number} of version ${version} survives the way, cut anywhere`, () => {
      const isTree = version === 3 && contents.waitStatus === 0;
      const reply = { version, ...contents, ...(isTree && { dependencies: DEPENDENCIES }) };
      const bytes = Buffer.concat(encodeReply(reply));
      for (let cut = 0; cut < bytes.length; cut++) {
        const decoder = new ReplyDecoder(version);
        assert.equal(decoder.push(bytes.subarray(0, cut)), undefined, `${cut} bytes are not all`);
        assert.deepEqual(plain(decoder.push(bytes.subarray(cut))), plain(reply), `cut after ${cut} bytes`);
        assert.equal(decoder.excessBytes, 0);
      }
    });
  }
}

test('encodeReply() does not copy plain bodies', () => {
  const pieces = encodeReply({ version: 1, ...WARNED });
  for (const body of [WARNED.stderr, WARNED.stdout, WARNED.object]) assert.ok(pieces.includes(body));
});

test('encodeReply() sends no object of a compile that failed', () => {
  const bytes = Buffer.concat(encodeReply({ version: 1, ...FAILED, object: toBytes('half') }));
  assert.ok(bytes.toString('latin1').endsWith('DOTO00000000'));
});

test('ReplyDecoder does not read the object of a compile that failed', () => {
  const decoder = new ReplyDecoder(1);
  const bytes = 'DONE00000001STAT00000100SERR00000000SOUT00000000DOTO00000004half';
  assert.equal(decoder.push(toBytes(bytes))?.object.length, 0);
  assert.equal(decoder.excessBytes, 4);
});

test('ReplyDecoder bounds what a body stands for', () => {
  const bytes = Buffer.concat(encodeReply({ version: 2, ...WARNED, object: Buffer.alloc(100_000) }));
  const small = { ...WIRE_LIMITS, bodyBytes: 99_999 };
  assert.throws(() => new ReplyDecoder(2, small).push(bytes), ProtocolError);
  assert.ok(new ReplyDecoder(2, { ...small, bodyBytes: 100_000 }).push(bytes));
});

test('ReplyDecoder takes a reply that ends where its dependencies should be', () => {
  const whole = Buffer.concat(encodeReply({ version: 3, ...WARNED }));
  const end = whole.length - 'DOTD00000000'.length;
  for (let cut = 0; cut <= whole.length; cut++) {
    const decoder = new ReplyDecoder(3);
    decoder.push(whole.subarray(0, cut));
    assert.equal(decoder.end() !== undefined, cut === end, `cut after ${cut} bytes`);
  }
  const decoder = new ReplyDecoder(3);
  decoder.push(whole.subarray(0, end));
  const reply = decoder.end();
  assert.deepEqual(plain(reply), plain({ version: 3, ...WARNED }));
  assert.equal(decoder.end(), undefined);
});

test('ReplyDecoder lets no other reply end early', () => {
  const whole = Buffer.concat(encodeReply({ version: 2, ...WARNED }));
  for (let cut = 0; cut <= whole.length; cut++) {
    const decoder = new ReplyDecoder(2);
    decoder.push(whole.subarray(0, cut));
    assert.equal(decoder.end(), undefined);
  }
});

const REFUSED: readonly (readonly [what: string, asked: number, bytes: string])[] = [
  ['a request', 1, 'DIST00000001'],
  ['a version not asked for', 1, 'DONE00000002'],
  ['version 0 for 1', 1, 'DONE00000000'],
  ['version 4 when asked', 4, 'DONE00000004STAT00000000SERR00000000'],
  ['what is no wait status', 1, 'DONE00000001STAT00010000'],
  ['packets out of order', 1, 'DONE00000001STAT00000000SOUT00000000'],
  ['too long a stderr', 1, 'DONE00000001STAT00000000SERR40000001'],
  ['too long dependencies', 3, 'DONE00000003STAT00000000SERR00000000SOUT00000000DOTO00000000DOTD40000001'],
  ['too long an object', 1, 'DONE00000001STAT00000000SERR00000000SOUT00000000DOTO40000001'],
  ['a damaged body', 2, 'DONE00000002STAT00000000SERR00000003\x11\0\x01'],
  ['a plain body where it must be compressed', 2, 'DONE00000002STAT00000000SERR00000005error'],
];

for (const [what, asked, bytes] of REFUSED) {
  test(`ReplyDecoder refuses ${what}`, () => {
    const decoder = new ReplyDecoder(asked);
    assert.throws(() => decoder.push(toBytes(bytes)), ProtocolError);
    assert.equal(decoder.stage, 'failed');
  });
}
