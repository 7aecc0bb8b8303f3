import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tame, tameLine } from './tame.ts';

test('control characters are shown as question marks, line ends only where there are lines', () => {
  assert.equal(tame('a\u001b[2J\r\nb\u0085é'), 'a?[2J?\nb?é');
  assert.equal(tameLine('a\nb\u007f'), 'a?b?');
});
