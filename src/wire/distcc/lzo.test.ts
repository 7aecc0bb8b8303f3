import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatLzopFile, parseLzopFile } from '../../../test/rig/lzop-file.ts';
import { needsPeer } from '../../../test/rig/peers.ts';
import { compress } from './lzo-compress.ts';
import { decompress } from './lzo-decompress.ts';
import { ProtocolError } from './protocol-error.ts';

const END_MARK = [0x11, 0, 0];
const MAX = { maxBytes: 64 << 20 };
const SEED = 20_260_301;

/** Bytes without any pattern, the same in each run. */
function noise(bytes: number, seed = 1): Buffer {
  const result = Buffer.alloc(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    result[at] = state >>> 24;
  }
  return result;
}

/** Two equal pieces of noise, `gap` bytes of other noise between them. */
function repeated(bytes: number, gap: number): Buffer {
  const piece = noise(bytes, 7);
  return Buffer.concat([piece, noise(gap, 9), piece, noise(40, 11)]);
}

/** Program text of some megabytes: what is at hand on any machine that runs this test. */
function programText(): Buffer {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts'));
  const once = Buffer.concat(files.map((name) => readFileSync(`${import.meta.dirname}/${name}`)));
  return Buffer.concat(Array.from({ length: 20 }, (_, at) => Buffer.concat([once, noise(at * 10, at)])));
}

function piecesOf(bytes: Buffer, pieceBytes: number): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / pieceBytes));
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes));
}

const SAMPLES: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ...[1, 2, 3, 4, 15, 16, 17, 18, 19, 20, 21, 238, 239, 273, 274, 528, 529].map(
    (bytes) => [`${bytes} of noise`, noise(bytes)] as const,
  ),
  ...[20, 21, 40, 300, 100_000].map((bytes) => [`${bytes} zeros`, Buffer.alloc(bytes)] as const),
  ...[2, 3, 4, 5, 7].map((period) => [`period ${period}`, Buffer.alloc(1_000, noise(period))] as const),
  ...[4, 8, 9, 10, 33, 34, 264, 265, 288, 289, 600].flatMap((bytes) =>
    [0, 1_900, 2_030, 2_048, 10_000, 16_384, 20_000, 32_768, 49_000].map(
      (gap) => [`${bytes} again after ${gap}`, repeated(bytes, gap)] as const,
    ),
  ),
  ...[1, 2, 3].map(
    (literals) =>
      [
        `${literals} literals between copies`,
        Buffer.concat(
          Array.from({ length: 200 }, (_, at) => Buffer.concat([noise(30), noise(literals, at)])),
        ),
      ] as const,
  ),
  ['a megabyte of noise', noise(1 << 20)],
  ['program text', programText()],
];

for (const [name, bytes] of SAMPLES) {
  test(`decompress() restores ${name}`, () => {
    const packed = compress(bytes);
    assert.ok(packed.length <= bytes.length + (bytes.length >>> 4) + 67, `${packed.length} bytes`);
    assert.ok(bytes.equals(decompress(packed, MAX)));
    assert.ok(bytes.equals(decompress(packed, { maxBytes: bytes.length })), 'with no byte to spare');
    if (bytes.length > 0) {
      assert.throws(() => decompress(packed, { maxBytes: bytes.length - 1 }), ProtocolError);
    }
  });
}

test('compress() gives bytes of the caller’s own', () => {
  const first = compress(Buffer.alloc(1_000, 'first '));
  const copy = Buffer.from(first);
  compress(Buffer.alloc(1_000, 'second'));
  assert.ok(copy.equals(first));
});

test('compress() forgets what earlier sources held', () => {
  const source = noise(5_000);
  const once = Buffer.from(compress(source));
  for (let round = 0; round < 20; round++) {
    compress(noise(50_000, round));
    assert.ok(once.equals(compress(source)));
  }
});

test('compress() takes a view into a larger buffer', () => {
  const source = programText().subarray(0, 10_000);
  const expected = Buffer.from(compress(source));
  const shifted = new Uint8Array(10_003);
  shifted.set(source, 3);
  assert.ok(expected.equals(compress(shifted.subarray(3))));
});

/** Streams by hand, of the instructions that our compressor does not write. */
const BY_HAND: readonly (readonly [what: string, stream: readonly number[], plain: string])[] = [
  ['nothing', [], ''],
  ['first literals', [17 + 4, ...Buffer.from('abcd')], 'abcd'],
  ['first literals in the long form', [0x01, ...Buffer.from('abcd')], 'abcd'],
  ['a counted run', [0x00, 0x02, ...Buffer.alloc(20, 'x')], 'x'.repeat(20)],
  ['a run of one count more', [0x00, 0x00, 0x01, ...Buffer.alloc(274, 'x')], 'x'.repeat(274)],
  ['two from near after one literal', [17 + 1, 0x61, 0x00, 0x00], 'aaa'],
  ['two from near, then literals', [17 + 2, 0x61, 0x62, 0x06, 0x00, 0x63, 0x64], 'ababcd'],
];

for (const [what, stream, plain] of BY_HAND) {
  test(`decompress() reads ${what}`, () => {
    const restored = decompress(Uint8Array.from([...stream, ...END_MARK]), MAX);
    assert.equal(Buffer.from(restored).toString(), plain);
  });
}

test('decompress() reads three from 2,049 after a long run', () => {
  const piece = noise(3_000);
  const run = [0x00, ...Array.from({ length: 11 }, () => 0), (3_000 - 18) % 255];
  const restored = decompress(Uint8Array.from([...run, ...piece, 0x04 | 1, 0x01, 0x7a, ...END_MARK]), MAX);
  const from = 3_000 - (2_049 + 1 + 4);
  assert.ok(Buffer.concat([piece, piece.subarray(from, from + 3), Buffer.from('z')]).equals(restored));
});

const REFUSED: readonly (readonly [what: string, stream: readonly number[]])[] = [
  ['no bytes', []],
  ['a byte', [0x11]],
  ['half an end mark', [0x11, 0]],
  ['no end mark', [17 + 4, 1, 2, 3, 4]],
  ['bytes after the end mark', [17 + 4, 1, 2, 3, 4, ...END_MARK, 0]],
  ['two end marks', [...END_MARK, ...END_MARK]],
  ['an end mark of another length', [0x12, 0, 0]],
  ['an end mark with a count', [0x10, 0x01, 0, 0]],
  ['an end mark with literals', [0x11, 1, 0, 1, ...END_MARK]],
  ['first literals that are not there', [0xff, 1, 2, 3]],
  ['literals that are not there', [0x0f, 1, 2, 3, ...END_MARK]],
  ['a copy first', [0x40, 0, ...END_MARK]],
  ['a copy from before the beginning', [17 + 4, 1, 2, 3, 4, 0x50, 0, ...END_MARK]],
  ['a copy from far before the beginning', [17 + 4, 1, 2, 3, 4, 0x19, 4, 0, ...END_MARK]],
  ['a count without end', [0x00, 0, 0, 0, 0, 0]],
  ['a count and no distance', [17 + 4, 1, 2, 3, 4, 0x20, 1]],
  ['a count and half a distance', [17 + 4, 1, 2, 3, 4, 0x20, 1, 0]],
  ['a distance and no end', [17 + 4, 1, 2, 3, 4, 0x20, 1, 0, 0]],
];

for (const [what, stream] of REFUSED) {
  test(`decompress() refuses ${what}`, () => {
    assert.throws(() => decompress(Uint8Array.from(stream), MAX), ProtocolError);
  });
}

test('decompress() refuses a stream cut at any byte', () => {
  const packed = compress(programText().subarray(0, 20_000));
  for (let cut = 0; cut < packed.length; cut++) {
    assert.throws(() => decompress(packed.subarray(0, cut), MAX), ProtocolError, `${cut} bytes`);
  }
});

test('decompress() believes in no more than maxBytes', () => {
  // Half a megabyte of count, which stands for 128 MiB.
  const bomb = new Uint8Array(512 << 10);
  bomb.set([17 + 4, 1, 2, 3, 4, 0x20]);
  bomb.set([1, 0, 0, ...END_MARK], bomb.length - 6);
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => decompress(bomb, { maxBytes: 1 << 20 }), ProtocolError);
  assert.ok(process.memoryUsage().arrayBuffers - before <= 2 << 20);
  assert.equal(decompress(bomb, { maxBytes: 256 << 20 }).length, 4 + 33 + 255 * (bomb.length - 12) + 1);
});

test('decompress() throws nothing but ProtocolError at any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 2_000 }), (bytes, maxBytes) => {
      try {
        assert.ok(decompress(bytes, { maxBytes }).length <= maxBytes);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { seed: SEED, numRuns: 20_000 },
  );
});

test('decompress() throws nothing but ProtocolError at a damaged stream', () => {
  const packed = Buffer.from(compress(programText().subarray(0, 3_000)));
  const damage = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
      const damaged = Buffer.from(packed);
      for (const [at, bits] of damages) damaged[at]! ^= bits;
      try {
        decompress(damaged, MAX);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { seed: SEED, numRuns: 5_000 },
  );
});

test('decompress() undoes compress()', () => {
  const word = fc.oneof(fc.constantFrom('int ', 'const char *', '\n', 'x'), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 200 }), (words) => {
      const source = Buffer.from(words.join(''));
      assert.ok(source.equals(decompress(compress(source), MAX)));
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

/** Every tenth, the last among them: each costs a process. */
const SOME_SAMPLES = SAMPLES.filter((_, at) => (SAMPLES.length - 1 - at) % 10 === 0);

for (const level of ['-1', '-3', '-9']) {
  test(`decompress() restores what lzop ${level} packed`, needsPeer('lzop'), () => {
    for (const [name, bytes] of SOME_SAMPLES) {
      const file = spawnSync('lzop', [level, '-c'], { input: bytes, maxBuffer: 64 << 20 }).stdout;
      const plain = parseLzopFile(file).map(({ packed, plainBytes }) =>
        packed.length < plainBytes ? decompress(packed, { maxBytes: plainBytes }) : packed,
      );
      assert.ok(bytes.equals(Buffer.concat(plain)), name);
    }
  });
}

test('lzop -d restores what compress() packed', needsPeer('lzop'), () => {
  // lzop takes no block above 256 KiB, and none that did not shrink: zeros at the end make each do so.
  const plain = SAMPLES.flatMap(([, bytes]) =>
    piecesOf(bytes, 200_000).map((piece) => Buffer.concat([piece, Buffer.alloc(10_000)])),
  );
  const file = formatLzopFile(plain.map((bytes) => ({ plainBytes: bytes.length, packed: compress(bytes) })));
  const run = spawnSync('lzop', ['-d', '-c'], { input: file, maxBuffer: 64 << 20 });
  assert.equal(run.stderr.toString(), '');
  assert.equal(run.status, 0);
  assert.ok(Buffer.concat(plain).equals(run.stdout));
});
