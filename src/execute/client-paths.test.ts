import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { hideRoot, printedWithoutRoot } from './client-paths.ts';
import { findDebugSections } from './debug-sections.ts';

/** Compiles a text under a root, as by a compiler that cannot map its name. */
function compileUnderRoot(source: string, flags: readonly string[] = []): { object: Buffer; root: string } {
  const root = mkdtempSync(path.join(tmpdir(), 'manyhands-root-'));
  try {
    writeFileSync(path.join(root, 'a.c'), source);
    const argv = ['-g', ...flags, '-c', path.join(root, 'a.c'), '-o', 'a.o'];
    const { status, stderr } = spawnSync('gcc', argv, { cwd: root });
    assert.equal(status, 0, stderr.toString());
    return { object: readFileSync(path.join(root, 'a.o')), root };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('printedWithoutRoot() takes out all of them', () => {
  const text = Buffer.from('/r/a.c:1: in /r/b.h\xff', 'latin1');
  assert.equal(Buffer.from(printedWithoutRoot(text, '/r')).toString('latin1'), '/a.c:1: in /b.h\xff');
  assert.equal(printedWithoutRoot(text, '/other'), text);
});

test('hideRoot() leaves alone what does not hold it', () => {
  const object = Buffer.from('no object at all');
  assert.equal(hideRoot(object, '/root'), true);
  assert.equal(object.toString(), 'no object at all');
});

test('hideRoot() overwrites it in debug sections', () => {
  const { object, root } = compileUnderRoot('int x;\n');
  const { length } = object;
  assert.ok(object.includes(root));
  assert.equal(hideRoot(object, root), true);
  assert.equal(object.length, length);
  assert.ok(!object.includes(root));
  assert.ok(object.includes(`${'/'.repeat(root.length)}/a.c`));
});

test('hideRoot() says no where it is part of the program, or of a text', () => {
  const { object, root } = compileUnderRoot('const char *name = __FILE__;\n');
  const copy = Buffer.from(object);
  assert.equal(hideRoot(object, root), false);
  assert.deepEqual(object, copy);
  assert.equal(hideRoot(Buffer.from(`\t.file "${root}/a.c"\n`), root), false);
});

test('findDebugSections() finds those of both widths, and nothing in damaged files', () => {
  for (const flags of [['-m32'], ['-m64']]) {
    const { object } = compileUnderRoot('int x;\n', flags);
    const found = findDebugSections(object);
    assert.ok(found.length >= 4, flags.join());
    assert.ok(found.every(({ start, end }) => start > 0 && end <= object.length));
    for (let length = 0; length < object.length; length += 7) {
      assert.doesNotThrow(() => findDebugSections(object.subarray(0, length)));
      const damaged = Buffer.from(object);
      damaged.fill(0xff, length, Math.min(length + 9, damaged.length));
      assert.doesNotThrow(() => findDebugSections(damaged));
    }
  }
});
