import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionResult } from '../action/action.ts';
import { answerOfPlain } from './plain-answer.ts';

function answerOf(parts: Readonly<Record<'stdout' | 'stderr' | 'object' | 'dependencies', string>>) {
  const bytes = Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, Buffer.from(text)]));
  const result = { waitStatus: 0, ...bytes } as unknown as ActionResult;
  return answerOfPlain('server', { result, [Symbol.dispose]: () => {} });
}

const PARTS = { stdout: 'manyhands root /r\nsaid', stderr: '', object: 'O', dependencies: '' };

test('the root is taken out of all that names files', () => {
  const stderr = 'In file included from /r/usr/x.h:\n/r/a.c: error at /other/r/b.c, /rr/c.c and ‘/r/d’';
  const dependencies = 'out.o: a.c /r/usr/x.h \\\n /r/y.h\n\n/r/usr/x.h:\n';
  const answer = answerOf({ ...PARTS, stderr, dependencies });
  assert.ok(answer.ok);
  const { result } = answer.value;
  assert.equal(Buffer.from(result.stdout).toString(), 'said');
  assert.equal(
    Buffer.from(result.stderr).toString(),
    'In file included from /usr/x.h:\n/a.c: error at /other/r/b.c, /rr/c.c and ‘/d’',
  );
  assert.equal(
    Buffer.from(result.dependencies ?? []).toString(),
    'out.o: a.c /usr/x.h \\\n /y.h\n\n/usr/x.h:\n',
  );
});

test('an object with the root in it is not taken', () => {
  const answer = answerOf({ ...PARTS, object: 'made in /r/home' });
  assert.deepEqual(!answer.ok && answer.error.kind, 'refused');
});

test('another compiler is told by its version', () => {
  const answer = answerOf({ ...PARTS, stdout: 'manyhands other-compiler\nTarget: x\ngcc version 9.1 (y)\n' });
  assert.deepEqual(!answer.ok && answer.error, {
    kind: 'no-toolchain',
    version: 'gcc version 9.1',
    message: 'server has not this very compiler, but gcc version 9.1',
  });
});

test('a server that did not run the script has derailed', () => {
  const answer = answerOf({ ...PARTS, stdout: '' });
  assert.deepEqual(!answer.ok && answer.error.kind, 'derailed');
});
