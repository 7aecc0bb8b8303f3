import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../base/byte-string.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatToken, MAX_VALUE, parseToken } from './token.ts';

for (const [value, text] of [
  [0, 'ARGC00000000'],
  [10, 'ARGC0000000a'],
  [MAX_VALUE, 'ARGCffffffff'],
] as const) {
  test(`formatToken() and parseToken() agree on ${value}`, () => {
    assert.equal(formatToken('ARGC', value), text);
    assert.equal(parseToken(toBytes(text), 'ARGC'), value);
    assert.equal(parseToken(toBytes(text.toUpperCase()), 'ARGC'), value);
  });
}

for (const value of [-1, 0.5, MAX_VALUE + 1, Number.NaN, Infinity]) {
  test(`formatToken() refuses ${value}`, () => {
    assert.throws(() => formatToken('DOTI', value), RangeError);
  });
}

for (const text of [
  '',
  'ARGC',
  'ARGC0000000',
  'ARGC000000000',
  'argc00000001',
  'ARGV00000001',
  'ARGC       1',
  'ARGC+0000001',
  'ARGC-0000001',
  'ARGC0x000001',
  'ARGC0000000g',
  'ARGC0000000\n',
  'ARGC\x00\x00\x00\x00\x00\x00\x00\x01',
]) {
  test(`parseToken() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseToken(toBytes(text), 'ARGC'), ProtocolError);
  });
}
