import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionResult } from '../action/action.ts';
import { withoutStockRoot } from './stock-root.ts';

const NOTHING = new Uint8Array();
const resultOf = (parts: Partial<Record<'stderr' | 'object', string>>): ActionResult => ({
  waitStatus: 0,
  stdout: NOTHING,
  stderr: Buffer.from(parts.stderr ?? ''),
  object: Buffer.from(parts.object ?? '', 'latin1'),
});

test('withoutStockRoot() makes diagnostics and assembler text name the client’s files', () => {
  const said =
    'In file included from /var/tmp/distccd_aB3xYz/w/a.c:1:\n/var/tmp/distccd_aB3xYz/w/b.h:2: warning: x\n';
  const text = '\t.file 1 "/tmp/distccd_123456/w/a.c"\n';
  const cleaned = withoutStockRoot(resultOf({ stderr: said, object: text }), true);
  assert.equal(
    Buffer.from(cleaned?.stderr ?? []).toString(),
    'In file included from /w/a.c:1:\n/w/b.h:2: warning: x\n',
  );
  assert.equal(Buffer.from(cleaned?.object ?? []).toString(), '\t.file 1 "/w/a.c"\n');
});

test('withoutStockRoot() leaves what only looks like a root', () => {
  const result = resultOf({
    stderr: 'see /opt/distccd_notes.txt\n',
    object: '\x7fELF /distccd_ /distccd_12/x',
  });
  assert.equal(withoutStockRoot(result, false), result);
});

test('withoutStockRoot() has no object whose own text holds the root', () => {
  assert.equal(
    withoutStockRoot(resultOf({ object: '\x7fELF\0/tmp/distccd_123456/w/a.c\0' }), false),
    undefined,
  );
});
