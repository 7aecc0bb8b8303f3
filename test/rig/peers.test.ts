import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { needsPeer } from './peers.ts';

const before = process.env['MANYHANDS_PEERS'];
afterEach(() => {
  if (before === undefined) delete process.env['MANYHANDS_PEERS'];
  else process.env['MANYHANDS_PEERS'] = before;
});

test('needsPeer() skips nothing where the program is there', () => {
  assert.deepEqual(needsPeer('sh'), { skip: false });
});

test('needsPeer() skips by name where it is not', () => {
  delete process.env['MANYHANDS_PEERS'];
  assert.deepEqual(needsPeer('sh', 'no-such-peer'), { skip: 'not installed: no-such-peer' });
});

test('needsPeer() fails where it is not but must be', () => {
  process.env['MANYHANDS_PEERS'] = 'required';
  assert.throws(() => needsPeer('no-such-peer'), /Peers are required, but not installed: no-such-peer/);
});
