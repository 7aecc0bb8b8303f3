import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutComments } from './bare-text.ts';

const CASES: readonly (readonly [what: string, text: string, bare: string])[] = [
  ['keeps all lines', '/* a\n * b\n */\nint x;\n', '\n\n\nint x;\n'],
  ['keeps columns', '/* a */ int x;\n', '/* a */ int x;\n'],
  ['keeps what follows on the last line', '/* a\n */ int x;\n', '/* a\n */ int x;\n'],
  ['knows both kinds', '  // a\n  /* b */  \nint x; // c\n', '  \n    \nint x; // c\n'],
  ['knows strings', 'char *s = "\\\n/* a */\n";\n', 'char *s = "\\\n/* a */\n";\n'],
  ['leaves directives alone', '#define X /* a\n*/ 1\n/* b */\n', '#define X /* a\n*/ 1\n\n'],
  ['follows a joined line', '// a \\\n int x;\nint y;\n', '\n\nint y;\n'],
  ['does nothing where languages differ', '/* a */\nR"(\n', '/* a */\nR"(\n'],
];

for (const [what, text, bare] of CASES) {
  test(`withoutComments() ${what}`, () => {
    assert.equal(Buffer.from(withoutComments(Buffer.from(text))).toString(), bare);
  });
}
