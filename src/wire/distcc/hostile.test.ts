/** Peers that mean harm, or are broken: whatever comes, in whatever pieces, the answer is ProtocolError. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBytes } from '../../base/byte-string.ts';
import type { Decoder } from './decoder.ts';
import { WIRE_LIMITS } from './limits.ts';
import { ProtocolError } from './protocol-error.ts';
import { encodeReply, ReplyDecoder } from './reply.ts';
import { decodeSource, encodeTextRequest, encodeTreeRequest, RequestDecoder } from './request.ts';
import { encodeEntry } from './tree.ts';

const SEED = 20_260_302;
const SOURCE = toBytes('int x; int y; '.repeat(20));

/** Pushes the bytes cut as `cuts` says; gives the message, or undefined if none or a ProtocolError came. */
function pushInPieces<Message>(decoder: Decoder<Message>, bytes: Uint8Array, cuts: readonly number[]) {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const end = at + 1 + (cuts[turn % cuts.length] ?? 0);
    const message = decoder.push(bytes.subarray(at, end));
    if (message !== undefined) return message;
    at = end;
  }
  return undefined;
}

function withoutProtocolErrors(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

const TOKENS = 'DIST CDIR ARGC ARGV DOTI NFIL NAME FILE LINK DONE STAT SERR SOUT DOTO DOTD'.split(' ');

/** Bytes that look like the protocol here and there. */
const almostPackets = fc
  .array(
    fc.oneof(
      fc.tuple(
        fc.constantFrom(...TOKENS),
        fc.constantFrom('00000000', '00000001', '00000002', '00000003', '0000000A', '7fffffff', 'ffffffff'),
      ),
      fc.tuple(fc.constantFrom('', 'cc', '\x11\0\0'), fc.string({ maxLength: 3 })),
    ),
    { maxLength: 12 },
  )
  .map((parts) => toBytes(parts.flat().join('')));

/** A true message, a few bytes of it changed. */
function damaged(bytes: Buffer) {
  const damage = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  return fc.array(damage, { maxLength: 3 }).map((damages) => {
    const copy = Buffer.from(bytes);
    for (const [at, byte] of damages) copy[at] = byte;
    return copy;
  });
}

const cuts = fc.array(fc.nat(40), { minLength: 1, maxLength: 5 });

const ARGV = ['gcc', '-c', 'a.c'];

const ENTRIES = [
  encodeEntry({ kind: 'file', name: '/w/a.c', body: Buffer.from('18696e7420783b0a110000', 'hex') }),
  encodeEntry({ kind: 'link', name: '/w/b', target: 'a.c' }),
];

for (const protocol of [1, 2, 3] as const) {
  const request = Buffer.concat(
    protocol === 3
      ? encodeTreeRequest({ directory: '/w', argv: ARGV, tree: { entryCount: 2, packets: ENTRIES } })
      : encodeTextRequest({ protocol, argv: ARGV, source: SOURCE }),
  );
  const result = {
    waitStatus: 0,
    stderr: toBytes('careful'),
    stdout: toBytes(''),
    object: SOURCE,
    dependencies: SOURCE,
  };
  const reply = Buffer.concat(encodeReply({ version: protocol, ...result }));

  test(`RequestDecoder stands any bytes in protocol ${protocol}`, () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), almostPackets, damaged(request)), cuts, (bytes, pieces) => {
        withoutProtocolErrors(() => {
          const message = pushInPieces(new RequestDecoder(), bytes, pieces);
          if (message?.kind === 'text') decodeSource(message, 10_000);
        });
      }),
      { seed: SEED, numRuns: 3_000 },
    );
  });

  test(`ReplyDecoder stands any bytes in protocol ${protocol}`, () => {
    const limits = { ...WIRE_LIMITS, bodyBytes: 10_000 };
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), almostPackets, damaged(reply)), cuts, (bytes, pieces) => {
        withoutProtocolErrors(() => pushInPieces(new ReplyDecoder(protocol, limits), bytes, pieces));
      }),
      { seed: SEED, numRuns: 3_000 },
    );
  });
}

test('RequestDecoder bounds all arguments together', () => {
  const decoder = new RequestDecoder();
  decoder.push(toBytes('DIST00000001ARGC00000020'));
  const argument = Buffer.concat([toBytes('ARGV00100000'), Buffer.alloc(1 << 20, 'a')]);
  for (let count = 0; count < 16; count++) decoder.push(argument);
  assert.throws(() => decoder.push(toBytes('ARGV00000001')), /ARGV announces 1 bytes; at most 0/);
});

test('RequestDecoder takes as many arguments as are allowed, a byte at a time', () => {
  const count = WIRE_LIMITS.argumentCount;
  const head = toBytes(`DIST00000001ARGC${count.toString(16).padStart(8, '0')}`);
  const bytes = Buffer.concat([head, Buffer.alloc(13 * count, 'ARGV00000001x'), toBytes('DOTI00000000')]);
  const decoder = new RequestDecoder();
  let request;
  for (let at = 0; at < bytes.length; at++) request = decoder.push(bytes.subarray(at, at + 1));
  assert.equal(request?.argv.length, count);
});

test('RequestDecoder bounds all names of a tree together, and all files', () => {
  const head = toBytes('DIST00000003CDIR00000001/ARGC00000001ARGV00000002ccNFIL00010000');
  const names = new RequestDecoder();
  names.push(head);
  const entry = Buffer.concat([toBytes('NAME00001000'), Buffer.alloc(4096, 'a'), toBytes('FILE00000000')]);
  for (let count = 0; count < 4096; count++) names.push(entry);
  assert.throws(() => names.push(toBytes('NAME00000001')), /NAME announces 1 bytes; at most 0/);

  const files = new RequestDecoder({ ...WIRE_LIMITS, filesBytes: 10 });
  files.push(head);
  files.push(toBytes('NAME00000002/aFILE00000006......'));
  assert.throws(() => files.push(toBytes('NAME00000002/bFILE00000005')), /FILE announces 5 bytes; at most 4/);
});

test('RequestDecoder takes as many entries as are allowed, a byte at a time', () => {
  const count = WIRE_LIMITS.entryCount;
  const head = toBytes('DIST00000003CDIR00000001/ARGC00000001ARGV00000002cc');
  const number = toBytes(`NFIL${count.toString(16).padStart(8, '0')}`);
  const bytes = Buffer.concat([head, number, Buffer.alloc(26 * count, 'NAME00000002/aFILE00000000')]);
  const decoder = new RequestDecoder();
  let request;
  for (let at = 0; at < bytes.length; at++) request = decoder.push(bytes.subarray(at, at + 1));
  assert(request?.kind === 'tree');
  assert.equal(request.entries.length, count);
});
