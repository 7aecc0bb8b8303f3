import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from './cutter.ts';
import type { Directive, ScannedText } from './directive.ts';
import { scanText } from './scan.ts';

const CXX: Dialect = { hasRawStrings: true, hasDigitSeparators: true, hasTrigraphs: false };
const C: Dialect = { hasRawStrings: false, hasDigitSeparators: false, hasTrigraphs: false };
const OLD: Dialect = { ...C, hasTrigraphs: true };

function scan(text: string, dialect = CXX): ScannedText {
  return scanText(Buffer.from(text, 'latin1'), dialect);
}

/** Names of headers, and the kinds of other directives. */
function show({ directives }: ScannedText): string {
  const word = (one: Directive): string => {
    if (one.kind === 'include') return one.header ?? one.tokens.map(({ text }) => text).join('');
    if (one.kind === 'define') return `define:${one.macro.name}`;
    return one.kind === 'undef' ? `undef:${one.name}` : one.kind;
  };
  return directives.map(word).join(' ');
}

const CASES: readonly (readonly [name: string, text: string, expected: string, dialect?: Dialect])[] = [
  ['a plain include', '#include <a.h>\n', '<a.h>'],
  ['no line’s end at the file’s', '#include <a.h>', '<a.h>'],
  ['blanks everywhere', ' \t\v\f# \t include \t "a.h" \n', '"a.h"'],
  ['none behind the word', '#include"a.h"\n#include<b.h>', '"a.h" <b.h>'],
  ['CRLF', '#include <a.h>\r\n#define A \\\r\n 1\r\n#include "b.h"\r\n', '<a.h> define:A "b.h"'],
  ['a byte order mark', '\xef\xbb\xbf#include <a.h>', '<a.h>'],
  ['NUL as a blank', '\0#\0include <a.h>', '<a.h>'],
  ['a comment before and within', '/* x */ # /* y */ include /* z */ <a.h> // end', '<a.h>'],
  ['a comment over lines before', '/* \n */ #include <a.h>', '<a.h>'],
  ['a comment over lines within', '#include /* \n */ <a.h>\n#include <b.h>', '<a.h> <b.h>'],
  ['a directive in a comment', '/*\n#include <a.h>\n*/\n//\\\n#include <b.h>\n#include <c.h>', '<c.h>'],
  ['an open comment', '#include <a.h>\n/*\n#include <b.h>', '<a.h>'],
  [
    'a comment whose end is joined',
    '/* *\\\n/\n#include <a.h>\n/* *\\ \n\\\n/\n#include <b.h>',
    '<a.h> <b.h>',
  ],
  ['a comment whose beginning is joined', '/\\\n* \n#include <a.h>\n*/\n/\\\n/ x \\\n#include <b.h>', ''],
  ['a directive in a string', '"\\\n#include <a.h>"\n#include <b.h>', '<b.h>'],
  ['a comment in a string', '"/*"\n#include <a.h>\n\'/*\'\n"//"', '<a.h>'],
  ['an escaped quote', '"\\"/*"\n#include <a.h>', '<a.h>'],
  ['an escape whose backslash is joined', '"\\\\\n"/*"\n#include <a.h>', '<a.h>'],
  ['an open quote', "don't /*\n#include <a.h>\n", '<a.h>'],
  ['an open quote in a directive', "#error don't /*\n#include <a.h>\n", '<a.h>'],
  ['joined lines', '\\\n#\\\ninc\\ \nlude \\\n<a.h>', '<a.h>'],
  ['a joined header', '#include "a\\\n.h"\n#include <b.h>', '"a.h" <b.h>'],
  [
    'comments’ signs in a header’s name',
    '#include "a//b.h" // c\n#include <a/*b.h> /* c */',
    '"a//b.h" <a/*b.h>',
  ],
  ['a raw string', 'R"(\n#include <a.h>\n)"\n#include <b.h>', '<b.h>'],
  ['a raw string with a delimiter', 'u8R"x(\n)"\n#include <a.h>\n)x"\n#include <b.h>', '<b.h>'],
  ['a raw string whose prefix is joined', 'R\\\n"(\n#include <a.h>\n)"\n#include <b.h>', '<b.h>'],
  ['a name that ends with R', 'xR"(\n#include <a.h>\n', '<a.h>'],
  ['a raw string in a directive', '#define A R"(/*)"\n#include <a.h>', 'define:A <a.h>'],
  ['no raw strings', 'R"(\n#include <a.h>\n)"\n', '<a.h>', C],
  ['separated digits', "1'000 /*\n*/\n#include <a.h>", '<a.h>'],
  ['separated digits of a hexadecimal', "0x'a /*\n#include <b.h>\n*/\n#include <a.h>", '<a.h>'],
  ['no separators', "1'000 /*\n#include <b.h>\n//*/\n#include <a.h>", '<b.h> <a.h>', C],
  ['trigraphs', '??=include <a.h>\n// ??/\n#include <b.h>', '<a.h>', OLD],
  ['no trigraphs', '??=include <a.h>\n// ??/\n#include <b.h>', '<b.h>'],
  ['a digraph', '%:include <a.h>', '<a.h>'],
  ['a sign in the midst of a line', 'x #include <a.h>\n; #include <b.h>', ''],
  [
    'a letter that ends with 0xA0',
    '#define voil\xc3\xa0\n#undef voil\xc3\xa0',
    'define:voil\xc3\xa0 undef:voil\xc3\xa0',
  ],
  ['a letter spelled out', '#define a\\u00e4 1\n#undef a\\u00e4', 'doubt doubt'],
  [
    'pragmas',
    '#pragma once\n#pragma push_macro("A")\n#pragma pop_macro("A")\n#pragma omp x',
    'once push pop',
  ],
  ['a pragma that cannot be read', '#pragma push_macro(A)', 'doubt'],
  ['other names for the file', '#line 1 "x"\n# 1 "y"', 'line line'],
  ['a computed include', '#include A(b)\n#include "a.h', 'A(b) "a.h'],
];

for (const [name, text, expected, dialect] of CASES) {
  test(`scanText(): ${name}`, () => assert.equal(show(scan(text, dialect)), expected));
}

test('scanText() says where groups end', () => {
  const { directives } = scan('#if A\n#if B\n#endif\n#elif C\n#else\n#endif\n#ifdef D\n');
  assert.deepEqual(
    directives.map((one) => ('next' in one ? one.next : undefined)),
    [3, 2, undefined, 4, 5, undefined, 7],
  );
});

test('scanText() marks what concerns the whole file', () => {
  for (const [text, mark] of [
    ['x = __TIME__;', 'clock'],
    ['// "/*"', 'line-comments'],
    ['// /*', 'line-comments'],
    ['// \\\n', 'line-comments'],
    ['#define A // x', 'line-comments'],
    ['#if 0\n#elifdef A\n#endif', 'new-branches'],
    ['import x;', 'modules'],
    ['_Pragma("once")', 'odd-macro'],
    ['_Pragma(push_macro(X))', 'odd-macro'],
    ['_Pragma("GCC target(\\"avx2\\")")', 'pragma-target'],
    ['P(GCC pop_options)', 'pragma-optimize'],
    ['#if 1\n'.repeat(400_000), 'too-large'],
  ] as const) {
    assert(scan(text).marks.includes(mark), mark);
  }
  assert.deepEqual(scan('// x\n//* y */ z\n#ifdef A // "\n').marks, []);
  assert.deepEqual(scan('int x;\r\n#pragma GCC target("avx2")\r\n').marks, []);
  assert.deepEqual(
    scan('P(push_macro("A")) _Pragma("pop_macro(\\"B\\")")\n#pragma push_macro("C")').pragmaMacros,
    ['A', 'B'],
  );
});

test('scanText() sees the same in texts that mean the same', () => {
  assert.equal(scan('#include <a.h>\nint x;').shape, scan('int y, z;\n # include <a.h> /* */').shape);
  assert.notEqual(scan('#include <a.h>').shape, scan('#include <b.h>').shape);
});

test('scanText() takes time in proportion', () => {
  const bytes = 2_000_000;
  for (const unit of [
    '/*',
    '/**/',
    '/**\\\n/',
    '*\\\n',
    '"',
    '"\\',
    '_Pragma(',
    '#include <a //\n',
    'R"(',
    '\\ ',
    '#',
    "1'",
  ]) {
    const startedMs = performance.now();
    scan(unit.repeat(bytes / unit.length));
    assert(performance.now() - startedMs < 4000, unit);
  }
});
