import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { FrontEnds } from './front-ends.ts';

/** With a program of its own, two directories down. */
function openFrontEnd(t: TestContext): { frontEnd: { program: string; parts: string[] }; directory: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'front-ends-test-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const program = path.join(directory, 'triple', '12', 'cc1');
  mkdirSync(path.dirname(program), { recursive: true });
  writeFileSync(program, 'one');
  return { frontEnd: { program, parts: [program] }, directory };
}

test('FrontEnds has one job of a kind ask, when it comes the second time', (t) => {
  const { frontEnd } = openFrontEnd(t);
  const known = new FrontEnds();
  const advice = (kind: string): unknown => known.advise([kind]);
  assert.deepEqual([advice('a'), advice('b'), advice('a'), advice('a')], ['drive', 'drive', 'ask', 'drive']);
  known.learn(['a'], frontEnd);
  assert.deepEqual(advice('a'), frontEnd);
  known.learn(['a'], undefined);
  assert.deepEqual([advice('a'), advice('b')], ['drive', 'ask']);
  known.giveUp(['b']);
  assert.equal(advice('b'), 'ask');
});

test('FrontEnds asks again when the program or its surroundings have changed', (t) => {
  const { frontEnd } = openFrontEnd(t);
  const known = new FrontEnds();
  known.learn(['a'], frontEnd);
  assert.deepEqual(known.advise(['a']), frontEnd);
  const changes = ['cc1', 'specs', '../specs'];
  for (const name of changes) {
    writeFileSync(path.join(path.dirname(frontEnd.program), name), 'another one');
    assert.equal(known.advise(['a']), 'ask', name);
    known.learn(['a'], frontEnd);
  }
});

test('FrontEnds knows a driver from what calls one', (t) => {
  const { directory } = openFrontEnd(t);
  const known = new FrontEnds();
  assert.equal(known.isDriver(realpathSync('/usr/bin/gcc')), true);
  assert.equal(known.isDriver('/no/such/file'), false);
  const wrapper = path.join(directory, 'gcc');
  writeFileSync(wrapper, '#!/bin/sh\nexport COLLECT_GCC_OPTIONS\nexec gcc "$@"\n');
  assert.equal(known.isDriver(wrapper), false);
  copyFileSync('/bin/true', wrapper);
  assert.equal(known.isDriver(wrapper), false);
});
