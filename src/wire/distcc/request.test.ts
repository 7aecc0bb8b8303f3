import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../base/byte-string.ts';
import { ProtocolError } from './protocol-error.ts';
import { decodeSource, encodeTextRequest, RequestDecoder } from './request.ts';
import type { ReceivedText, TextRequest } from './request.ts';

const SMALL = { argv: ['gcc', '-c', 'a.c', '-o', 'a.o'], source: toBytes('int x;\n') };
const SMALL_BYTES =
  'DIST00000001ARGC00000005ARGV00000003gccARGV00000002-cARGV00000003a.cARGV00000002-oARGV00000003a.o' +
  'DOTI00000007int x;\n';

/** Bytes of all sorts: an argument that is no UTF-8, an empty one, a source that compresses. */
const ODD: Omit<TextRequest, 'protocol'> = {
  argv: ['g++', '', '-DX=\xff\x00\n', 'DOTI00000001', '-c'],
  source: toBytes('int x; '.repeat(50)),
};

function decodeAll(bytes: Uint8Array): ReceivedText {
  const request = new RequestDecoder().push(bytes);
  assert(request?.kind === 'text');
  return request;
}

test('encodeTextRequest() writes what distcc writes', () => {
  assert.equal(Buffer.concat(encodeTextRequest({ protocol: 1, ...SMALL })).toString('latin1'), SMALL_BYTES);
});

test('encodeTextRequest() does not copy a plain source', () => {
  assert.equal(encodeTextRequest({ protocol: 1, ...SMALL }).at(-1), SMALL.source);
});

for (const protocol of [1, 2] as const) {
  test(`a request of protocol ${protocol} survives the way, cut anywhere`, () => {
    const bytes = Buffer.concat(encodeTextRequest({ protocol, ...ODD }));
    for (let cut = 0; cut < bytes.length; cut++) {
      const decoder = new RequestDecoder();
      assert.equal(decoder.push(bytes.subarray(0, cut)), undefined, `${cut} bytes are not all`);
      assert.equal(decoder.bufferedBytes, cut);
      const request = decoder.push(bytes.subarray(cut));
      assert(request?.kind === 'text', `cut after ${cut} bytes`);
      assert.deepEqual(request.argv, ODD.argv);
      assert.deepEqual(Buffer.from(decodeSource(request)), ODD.source);
      assert.equal(decoder.stage, 'whole');
      assert.equal(decoder.excessBytes, 0);
    }
  });

  test(`a request of protocol ${protocol} may have an empty source`, () => {
    const pieces = encodeTextRequest({ protocol, argv: ['cc'], source: new Uint8Array(0) });
    assert.equal(pieces.length, 1);
    const request = decodeAll(pieces[0]!);
    assert.equal(decodeSource(request).length, 0);
  });
}

test('RequestDecoder takes version 0 for 1 and remembers what was said', () => {
  const request = decodeAll(toBytes(SMALL_BYTES.replace('DIST00000001', 'DIST00000000')));
  assert.equal(request.protocol, 1);
  assert.equal(request.version, 0);
});

test('RequestDecoder takes an empty source that was compressed', () => {
  const request = decodeAll(toBytes('DIST00000002ARGC00000001ARGV00000002ccDOTI00000003\x11\0\0'));
  assert.equal(decodeSource(request).length, 0);
});

const TREE_HEAD = 'DIST00000003CDIR00000001/ARGC00000001ARGV00000002cc';

const REFUSED: readonly (readonly [what: string, bytes: string])[] = [
  ['another protocol', 'GET / HTTP/1.1'],
  ['protocol 4', 'DIST00000004'],
  ['the greatest protocol', 'DISTffffffff'],
  ['blanks for digits', 'DIST       1'],
  ['a sign', 'DIST+0000001'],
  ['0x', 'DIST0x000001'],
  ['another packet', 'DIST00000001ARGV00000001'],
  ['no arguments', 'DIST00000001ARGC00000000'],
  ['too many arguments', 'DIST00000001ARGC000186a1'],
  ['very many arguments', 'DIST00000001ARGCffffffff'],
  ['too long an argument', 'DIST00000001ARGC00000001ARGV00100001'],
  ['a text in protocol 3', 'DIST00000003ARGC00000001ARGV00000002ccDOTI00000001'],
  ['a tree in protocol 2', 'DIST00000002CDIR00000001/'],
  ['too long a directory', 'DIST00000003CDIR00001001'],
  ['too many entries', `${TREE_HEAD}NFIL000186a1`],
  ['very many entries', `${TREE_HEAD}NFILffffffff`],
  ['too long a name', `${TREE_HEAD}NFIL00000001NAME00001001`],
  ['a name without a file', `${TREE_HEAD}NFIL00000002NAME00000002/aNAME00000002`],
  ['a file without a name', `${TREE_HEAD}NFIL00000001FILE00000000`],
  ['too long a file', `${TREE_HEAD}NFIL00000001NAME00000002/aFILE40000001`],
  ['too long a target', `${TREE_HEAD}NFIL00000001NAME00000002/aLINK00001001`],
  ['too long a source', 'DIST00000001ARGC00000001ARGV00000002ccDOTI40000001'],
];

for (const [what, bytes] of REFUSED) {
  test(`RequestDecoder refuses ${what}`, () => {
    const decoder = new RequestDecoder();
    assert.throws(() => decoder.push(toBytes(bytes)), ProtocolError);
    assert.equal(decoder.stage, 'failed');
    assert.throws(() => decoder.push(toBytes('more')), ProtocolError);
  });
}
