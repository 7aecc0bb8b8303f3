import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrontEnds, isNativeProgram } from './front-ends.ts';

const FRONT_END = { program: '/cc1', parts: ['/cc1'] };

test('FrontEnds has one job of a kind ask, when it comes the second time', () => {
  const known = new FrontEnds();
  const advice = (kind: string): unknown => known.advise(kind);
  assert.deepEqual([advice('a'), advice('b'), advice('a'), advice('a')], ['drive', 'drive', 'ask', 'drive']);
  known.learn('a', FRONT_END);
  assert.deepEqual(known.advise('a'), FRONT_END);
  known.learn('a', undefined);
  assert.deepEqual([advice('a'), advice('b')], ['drive', 'ask']);
});

test('isNativeProgram() tells programs from scripts', () => {
  assert.equal(isNativeProgram(process.execPath), true);
  assert.equal(isNativeProgram(import.meta.filename), false);
  assert.equal(isNativeProgram('/no/such/file'), false);
});
