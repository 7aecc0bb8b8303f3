import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutRoot } from './dependency-file.ts';

const ROOT = '/tmp/job_1/root';

const CASES: readonly (readonly [what: string, written: string, expected: string])[] = [
  ['nothing', '', ''],
  ['names without the root', 'a.o: a.c h.h\n', 'a.o: a.c h.h\n'],
  ['an absolute name', `a.o: ${ROOT}/w/a.c\n`, 'a.o: /w/a.c\n'],
  [
    'lines that need not be broken any more',
    `a.o: ${ROOT}/w/a.c \\\n ${ROOT}/w/h.h\n`,
    'a.o: /w/a.c /w/h.h\n',
  ],
  ['rules of -MP', `a.o: a.c ${ROOT}/h.h\n${ROOT}/h.h:\n`, 'a.o: a.c /h.h\n/h.h:\n'],
  ['odd names', `a\\ b.o: \\\n ${ROOT}/d\\ e\\#.h $$x\xa0y.h\n`, 'a\\ b.o: /d\\ e\\#.h $$x\xa0y.h\n'],
];

for (const [what, written, expected] of CASES) {
  test(`withoutRoot() writes ${what} as at the client`, () => {
    assert.equal(withoutRoot(written, ROOT), expected);
  });
}

test('withoutRoot() finds a root that make needs quoted', () => {
  assert.equal(withoutRoot('a.o: /t\\ m$$p/root/a.c\n', '/t m$p/root'), 'a.o: /a.c\n');
});

test('withoutRoot() breaks lines where gcc does, and where clang does', () => {
  const name = `/${'n'.repeat(29)}`;
  const gcc = `a.o: ${ROOT}${name} \\\n ${ROOT}${name} \\\n ${ROOT}${name}\n`;
  assert.equal(withoutRoot(gcc, ROOT), `a.o: ${name} ${name} \\\n ${name}\n`);
  const clang = `a.o: \\\n  ${ROOT}${name} \\\n  ${ROOT}${name} \\\n  ${ROOT}${name}\n`;
  assert.equal(withoutRoot(clang, ROOT), `a.o: ${name} ${name} \\\n  ${name}\n`);
});
