import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../base/byte-string.ts';
import { encodeTreeRequest, RequestDecoder } from './request.ts';
import type { TreeEntry } from './tree.ts';
import { encodeEntry } from './tree.ts';

const SOURCE: TreeEntry = {
  kind: 'file',
  name: '/w/a.c',
  body: Buffer.from('2023696e636c7564652022682e68220a110000', 'hex'),
};
const HEADER: TreeEntry = {
  kind: 'file',
  name: '/w/h.h',
  body: Buffer.from('18696e7420783b0a110000', 'hex'),
};
const ARGV = ['gcc', '-c', 'a.c', '-o', 'a.o'];

/** All that a name may be, a file that is empty, one that was compressed to nothing, and links. */
const ODD: readonly TreeEntry[] = [
  SOURCE,
  { kind: 'file', name: '/w/NAME00000002\xff\0\n /..', body: new Uint8Array(0) },
  { kind: 'file', name: '', body: Buffer.of(0x11, 0, 0) },
  { kind: 'link', name: '/usr/include', target: '../../../usr/include' },
  { kind: 'link', name: '/w/l', target: '' },
];

function encode(entries: readonly TreeEntry[]): Buffer {
  const tree = { entryCount: entries.length, packets: entries.map(encodeEntry) };
  return Buffer.concat(encodeTreeRequest({ directory: '/w', argv: ARGV, tree }));
}

test('encodeTreeRequest() writes what a stock distccd reads', () => {
  // A request that distccd 3.4 has compiled.
  const expected =
    'DIST00000003CDIR00000002/w' +
    'ARGC00000005ARGV00000003gccARGV00000002-cARGV00000003a.cARGV00000002-oARGV00000003a.o' +
    'NFIL00000002' +
    'NAME00000006/w/a.cFILE00000013\x20#include "h.h"\n\x11\0\0' +
    'NAME00000006/w/h.hFILE0000000b\x18int x;\n\x11\0\0';
  assert.equal(encode([SOURCE, HEADER]).toString('latin1'), expected);
  assert.equal(expected.length, 213);
});

test('encodeTreeRequest() sends packets as they are', () => {
  const packets = [encodeEntry(SOURCE), encodeEntry(HEADER)];
  const pieces = encodeTreeRequest({ directory: '/w', argv: ARGV, tree: { entryCount: 2, packets } });
  assert.deepEqual(
    pieces.slice(1).map((piece, index) => piece === packets[index]),
    [true, true],
  );
});

test('a tree survives the way, cut anywhere', () => {
  const bytes = encode(ODD);
  for (let cut = 0; cut < bytes.length; cut++) {
    const decoder = new RequestDecoder();
    assert.equal(decoder.push(bytes.subarray(0, cut)), undefined, `${cut} bytes are not all`);
    assert.equal(decoder.bufferedBytes, cut);
    const request = decoder.push(bytes.subarray(cut));
    assert(request?.kind === 'tree', `cut after ${cut} bytes`);
    assert.deepEqual(request.argv, ARGV);
    assert.equal(request.directory, '/w');
    assert.deepEqual(request.entries.map(encodeEntry), ODD.map(encodeEntry));
    assert.equal(decoder.excessBytes, 0);
  }
});

test('a tree may be empty', () => {
  const request = new RequestDecoder().push(encode([]));
  assert(request?.kind === 'tree');
  assert.deepEqual(request.entries, []);
});

test('RequestDecoder keeps nothing for entries that were only announced', () => {
  const head = toBytes(
    'DIST00000003CDIR00000001/ARGC00000001ARGV00000002ccNFIL000186a0NAME00000002/aFILE40000000',
  );
  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 100 }, () => {
    const decoder = new RequestDecoder();
    decoder.push(head);
    return decoder;
  });
  assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
  assert.equal(decoders.length, 100);
});
