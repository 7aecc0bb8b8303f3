import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinDiagnostics } from './diagnostics.ts';

const OPTION = 'cc1: warning: command-line option ‘-fno-rtti’ is valid for C++/D/ObjC++ but not for C\n';
const CLANG_OPTION = "warning: unknown warning option '-Wfoo' [-Wunknown-warning-option]\n";
const NOTE = 'cc1: note: unrecognized command-line option ‘-Wno-x’ may have been intended to silence\n';
const HASH = 'a.c:1:2: warning: #warning hm [-Wcpp]\n    1 | #warning hm\n      |  ^~~~~~~\n';
const UNUSED = 'a.c:4:5: warning: unused variable ‘x’ [-Wunused-variable]\n    4 | int x;\n      |     ^\n';
const INCLUDED = `In file included from b.h:1,\n                 from a.c:1:\n${HASH}`;

test('joinDiagnostics() keeps what only one step says, in their order', () => {
  const cases: readonly [string, string, string][] = [
    ['', '', ''],
    [HASH, '', HASH],
    ['', UNUSED, UNUSED],
    [HASH, UNUSED, HASH + UNUSED],
    [INCLUDED, UNUSED, INCLUDED + UNUSED],
    ['. a.h\n', UNUSED, `. a.h\n${UNUSED}`],
    ['no line end', UNUSED, `no line end${UNUSED}`],
  ];
  for (const [first, second, joined] of cases) assert.equal(joinDiagnostics(first, second), joined);
});

test('joinDiagnostics() says once what both steps say', () => {
  assert.equal(joinDiagnostics(OPTION, OPTION), OPTION);
  assert.equal(joinDiagnostics(OPTION + HASH, OPTION + UNUSED), OPTION + HASH + UNUSED);
  assert.equal(joinDiagnostics(HASH + NOTE, UNUSED + NOTE), HASH + UNUSED + NOTE);
  assert.equal(joinDiagnostics(HASH, HASH.slice(0, HASH.indexOf('\n') + 1) + UNUSED), HASH + UNUSED);
  assert.equal(joinDiagnostics(INCLUDED, INCLUDED), INCLUDED);
  const coloured = '\x1b[01m\x1b[Kcc1:\x1b[m\x1b[K \x1b[01;35m\x1b[Kwarning: \x1b[m\x1b[Kno\n';
  assert.equal(joinDiagnostics(coloured, coloured), coloured);
});

test('joinDiagnostics() counts as clang does', () => {
  const one = '1 warning generated.\n';
  assert.equal(joinDiagnostics(CLANG_OPTION + one, CLANG_OPTION + one), CLANG_OPTION + one);
  assert.equal(
    joinDiagnostics(
      CLANG_OPTION + HASH + '2 warnings generated.\n',
      CLANG_OPTION + UNUSED + '2 warnings generated.\n',
    ),
    `${CLANG_OPTION}${HASH}${UNUSED}3 warnings generated.\n`,
  );
  assert.equal(joinDiagnostics(HASH + one, 'cc1: other\n'), `${HASH}cc1: other\n${one}`);
});

test('joinDiagnostics() keeps the same lines of a source under different warnings', () => {
  const other = HASH.replace('#warning hm', '#warning other');
  assert.equal(joinDiagnostics(HASH, other), HASH + other);
});
