import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPrerequisites } from './make-rule.ts';

test('readPrerequisites() takes the names apart as gcc has put them together', () => {
  const table: readonly (readonly [rule: string, names: readonly string[]])[] = [
    ['a.o: a.c', ['a.c']],
    ['a.o: a.c b.h \\\n c.h\n', ['a.c', 'b.h', 'c.h']],
    ['a.o: a.c b.h\\\n c.h', ['a.c', 'b.h', 'c.h']],
    ['a.o: sp\\ ace.h a', ['sp ace.h', 'a']],
    ['a.o: a$$b.h a\\#b.h', ['a$b.h', 'a#b.h']],
    ['a.o: a\\\\\\ b.h', ['a\\ b.h']],
    ['a.o: a\\\\ b.h', ['a\\', 'b.h']],
    ['a.o: a\\b.h a\\\\#b.h', ['a\\b.h', 'a\\#b.h']],
    ['a.o: c:d.h x,y.h', ['c:d.h', 'x,y.h']],
    ['a\\ b.o: a\\ b.c', ['a b.c']],
    ['a.o:\\\n a.c', ['a.c']],
  ];
  for (const [rule, names] of table) assert.deepEqual(readPrerequisites(rule), names, rule);
  assert.throws(() => readPrerequisites('nothing'), /no rule/);
});
