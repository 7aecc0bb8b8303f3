import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOfSource } from './compile-error.ts';

test('isOfSource() tells an error of the source from one of the machine', () => {
  const cases: readonly (readonly [boolean, number, string])[] = [
    [true, 1 << 8, "a.c:1:2: error: expected ';' before '}' token"],
    [true, 1 << 8, 'a.c:1:2: fatal error: too many errors emitted'],
    [true, 1 << 8, 'cc1: all warnings being treated as errors'],
    [false, 1 << 8, ''],
    [false, 1 << 8, 'a.c:1:2: warning: unused'],
    [false, 1 << 8, 'gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.'],
    [false, 1 << 8, '/tmp/x.s: Fatal error: cannot write: No space left on device'],
    [false, 1 << 8, 'cc1plus: out of memory allocating 65536 bytes'],
    [false, 1 << 8, 'virtual memory exhausted: Cannot allocate memory'],
    [false, 1 << 8, 'a.c:1:10: fatal error: b.h: No such file or directory'],
    [false, 1 << 8, "a.c:1:10: fatal error: 'b.h' file not found"],
    [false, 1 << 8, "gcc: fatal error: cannot execute 'cc1': execvp: No such file or directory"],
    [false, 4 << 8, 'a.c:1:2: internal compiler error: in f, at g.c:1'],
    [false, 70 << 8, 'clang: error: unable to execute command: Segmentation fault'],
    [false, 9, "a.c:1:2: error: expected ';'"],
  ];
  for (const [isExpected, waitStatus, said] of cases)
    assert.equal(isOfSource({ waitStatus, stderr: Buffer.from(said) }), isExpected, said);
});
