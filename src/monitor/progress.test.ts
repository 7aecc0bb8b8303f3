import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from './progress.ts';

function written(isTTY: boolean): string {
  let text = '';
  const progress = new Progress({ isTTY, write: (more: string) => (text += more) });
  progress.show(1, 2, 'a\u001bb');
  progress.show(0, 0);
  progress.end();
  return text;
}

test('a bar on a terminal, nothing elsewhere', () => {
  assert.equal(
    written(true),
    `\r[${'#'.repeat(15)}${'.'.repeat(15)}] 1 of 2 a?b\u001b[K\r[${'.'.repeat(30)}] 0 of 0\u001b[K\r\u001b[K`,
  );
  assert.equal(written(false), '');
});
