import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closureOf, file } from '../../test/rig/closure.ts';
import type { Closure } from '../includes/answer-memory.ts';
import { InputTrees, type InputTree } from './input-tree.ts';

function grow(trees: InputTrees, closure: Closure): InputTree {
  const place = {
    directory: '/w',
    logicalDirectory: '/w',
    epoch: 1,
    looksAtInodes: false,
    withoutBuiltin: false,
  };
  const grown = trees.grow({ closure, ...place });
  assert.ok(grown.ok);
  return grown.value;
}

test('a tree is the same object as long as it says the same', () => {
  const trees = new InputTrees(() => undefined);
  const closure = closureOf([file('a.c'), file('inc/a.h')]);
  assert.equal(grow(trees, closure), grow(trees, closure));
});

test('one that was forgotten for want of room says the same when it is made again', () => {
  const closures = ['a', 'b', 'c'].map((name) => closureOf([file(`${name}.c`), file('inc/a.h')]));
  const all = new InputTrees(() => undefined);
  // Room for about one of them.
  const few = new InputTrees(() => undefined, 300);
  const before = closures.map((closure) => grow(all, closure));
  const first = closures.map((closure) => grow(few, closure));
  const again = closures.map((closure) => grow(few, closure));
  assert.deepEqual(first, before);
  assert.deepEqual(again, before);
  assert.ok(
    again.some((tree, index) => tree !== first[index]),
    'none was forgotten',
  );
});
