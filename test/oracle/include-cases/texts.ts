/**
 * What stands around directives: comments, strings, lines that go on, blocks that are skipped and pragmas.
 * Each text reads `yes.h`, and does not read `no.h` although something in it looks like that.
 */
import type { IncludeCase } from './include-case.ts';

type Row = readonly [name: string, text: string, more?: Partial<IncludeCase>];

const NO = '#include "no.h"\n';
const YES = '#include "yes.h"\n';
const CXX = { source: 'a.cc' };
const UNSURE = { mayBeUnsure: true } as const;

const ROWS: readonly Row[] = [
  ['a comment over lines', `/*\n${NO}*/\n${YES}`],
  ['a line comment that goes on', `// one \\\n${NO}${YES}`],
  ['a line comment that goes on with a trigraph', `// one ??/\n${NO}${YES}`, { flags: ['-trigraphs'] }],
  ['a line comment that ends as in DOS', `// one \\\r\n${NO}${YES}`],
  ['a comment mark cut by a line’s end', `/\\\n* one\n${NO}*\\\n/\n${YES}`],
  ['a comment mark in a string', `char *s = "/*";\n${YES}char *t = "*/";\n`],
  ['a comment mark in a character', `int c = '/*';\n${YES}int d = '*/';\n`],
  ['a string’s end behind a backslash', `char *s = "\\"/*";\n${YES}`],
  ['a string that goes on', `char *s = "one \\\n/* two";\n${YES}`],
  ['a string with a directive in its next line', `char *s = "one \\\n#include \\"no.h\\"\\\n";\n${YES}`],
  ['no line comments in C90', `int x = 4 //* divided by */ 2\n;\n${YES}`, { flags: ['-std=c90'] }],
  ['a raw string', `const char *s = R"(\n${NO})";\n${YES}`, CXX],
  ['a raw string with a delimiter', `const char *s = R"x-(\n)"\n${NO})x-";\n${YES}`, CXX],
  ['a raw string with a prefix', `auto s = u8R"(/*)"; auto t = LR"(\n${NO})";\n${YES}`, CXX],
  ['a raw string with a backslash at its end', `const char *s = R"(\\)";\n${YES}`, CXX],
  [
    'a raw string in GNU C',
    `const char *s = R"(\n${NO})";\n${YES}`,
    { flags: ['-std=gnu11'], clangReads: ['no.h', 'yes.h'] },
  ],
  [
    'no raw string in C',
    `#define R\nconst char *s = R"(";\n${YES}const char *t = ")";\n`,
    { flags: ['-std=c99'] },
  ],
  [
    'no raw string in C++98',
    `#define R\nconst char *s = R"(";\n${YES}const char *t = ")";\n`,
    {
      ...CXX,
      flags: ['-std=c++98'],
    },
  ],
  [
    'a name that ends in R before a string',
    `#define FOOR\nconst char *s = FOOR"(";\n${YES}const char *t = ")";\n`,
    CXX,
  ],
  [
    'a raw string in a skipped block',
    `#if 0\nR"(\n#endif\n${NO})"\n#endif\n${YES}`,
    { ...CXX, ...UNSURE, clangReads: 'refused' },
  ],
  ['separators in digits', `int x = 1'000; int y = 2'000;\n${YES}`, { ...CXX, flags: ['-std=c++14'] }],
  ['one separator in digits', `int x = 1'000; /* ' */\n${YES}`, { ...CXX, flags: ['-std=c++14'] }],
  ['no separators before C++14', `#define m(x)\nm(1'/*'0)\n${YES}m(*/)\n`, { ...CXX, flags: ['-std=c++11'] }],
  ['an apostrophe in a skipped block', `#if 0\nisn't it\n${NO}#endif\n${YES}`],
  ['a quote in a skipped block', `#if 0\nhe said "\n${NO}#endif\n${YES}`],
  ['a comment in a skipped block', `#if 0\n/*\n#endif\n${NO}*/\n#endif\n${YES}`],
  ['a comment mark behind an apostrophe in a skipped block', `#if 0\ndon't /* do\n#endif\n${YES}/**/\n`],
  ['a comment mark in a string in a skipped block', `#if 0\n"/*"\n#endif\n${YES}`],
  [
    'a directive that is none in a skipped block',
    `#if 0\n#nonsense '\n#if (((\n#endif\n#else\n${YES}#endif\n`,
  ],
  ['#else and #endif with words behind', `#if 0\n#else yes\n${YES}#endif no\n`],
  ['an error in a skipped block', `#if 0\n#error don't\n#endif\n${YES}`],
  ['a warning with an apostrophe', `#warning don't\n${YES}`],
  ['a directive in a macro that is not called', `#define M #include "no.h"\n${YES}M\n`],
  ['a definition that goes on', `#define M one \\\n#include "no.h"\n${YES}`],
  ['a definition with a comment over lines', `#define M /*\n*/ "yes.h"\n#include M\n`],
  ['a number sign inside a line', `int x; #include "no.h"\n${YES}`],
  ['a number sign that a macro makes', `#define HASH #\nHASH include "no.h"\n${YES}`],
  ['a null directive', `#\n# /* nothing */\n# // nothing\n${YES}`],
  ['a line marker', `# 7 "other.c" 1\n#line 9 "another.c"\n${YES}`],
  [
    '#ident, #sccs, #assert and #unassert',
    `#ident "x"\n#sccs "y"\n#assert a(b)\n#unassert a\n${YES}`,
    {
      flags: ['-Wno-deprecated'],
      clangReads: 'refused',
    },
  ],
  ['no newline at the end', YES.trimEnd()],
  ['a backslash at the end', `${YES}int x; \\`],
  ['lines that end as in DOS', `#if 0\r\n${NO}#else\r\n${YES.replace('\n', '\r\n')}#endif\r\n`],
  ['lines that end as in DOS, inside a condition', `#if 1 && \\\r\n 1\r\n${YES}#endif\r\n`],
  ['a carriage return alone ends a line', `int x;\r#include "no.h"\n${YES}`, { reads: ['yes.h', 'no.h'] }],
  [
    'a carriage return alone ends comments, strings and directives, and joins them',
    `// c\r#define A\rchar *s = "x\r#define B\r#define C \\\r 1\r#if defined A && defined B && C\r${YES}#endif\n`,
  ],
  ['a carriage return in a raw string', `auto s = R"(\r#define A\r)";\r#ifndef A\r${YES}#endif\n`, CXX],
  ['a byte order mark', `\xef\xbb\xbf${YES}`],
  ['zero bytes', `int\0 x;\n\0${YES}`, UNSURE],
  ['a zero byte in a directive', `#include\0"yes.h"\n`, UNSURE],
  ['bytes that are no UTF-8', `char *s = "\xff\xfe";\n// \xe4\n${YES}`],
  ['one line of three megabytes', `int x[] = {${'1234567, '.repeat(350_000)}};\n${YES}`],
  ['a comment of three megabytes', `/*${'* / ** '.repeat(450_000)}*/${YES}`],
  [
    'thirty thousand macros',
    `${Array.from({ length: 30_000 }, (_, n) => `#define M${n} M${n - 1}\n`).join('')}${YES}`,
  ],
  [
    'a chain of two hundred macros',
    `#define M0 "yes.h"\n${Array.from({ length: 200 }, (_, n) => `#define M${n + 1} M${n}\n`).join('')}#include M200\n`,
  ],
  ['two hundred blocks in each other', `${'#if 1\n'.repeat(200)}${YES}${'#endif\n'.repeat(200)}`],
  [
    'a pushed macro',
    `#define H "yes.h"\n#pragma push_macro("H")\n#undef H\n#define H "no.h"\n#pragma pop_macro("H")\n#include H\n`,
  ],
  [
    'a macro pushed by _Pragma',
    `#define H "yes.h"\n_Pragma("push_macro(\\"H\\")")\n#undef H\n#define H "no.h"\n_Pragma("pop_macro(\\"H\\")")\n#include H\n`,
    UNSURE,
  ],
  ['a pragma that includes nothing', `#pragma include "no.h"\n#pragma GCC include "no.h"\n${YES}`],
  ['a poisoned name', `#pragma GCC poison nothing\n${YES}`],
  ['a diagnostic by _Pragma in a macro', `#define Q _Pragma("GCC diagnostic push")\nQ\n${YES}`],
  [
    'a macro called over lines with a condition inside',
    `#define F(x) x\nF(\n#if 0\n${NO}#else\n1\n#endif\n)\n;\n${YES}`,
    UNSURE,
  ],
  ['#undef of nothing', `#undef NOTHING\n${YES}`],
  ['a macro defined twice', `#define A "no.h"\n#define A "yes.h"\n#include A\n`],
  ['the date in a text', `const char *s = __DATE__ __TIME__;\n${YES}`, UNSURE],
  ['the file’s age in a text', `const char *s = __TIMESTAMP__;\n${YES}`, UNSURE],
];

export const TEXT_CASES: readonly IncludeCase[] = [
  ...ROWS.map(([name, text, { source = 'a.c', ...more } = {}]) => ({
    name: `text: ${name}`,
    source,
    reads: ['yes.h'],
    ...more,
    files: { [source]: text, 'yes.h': '', 'no.h': '' },
  })),
  {
    name: 'text: a comment that is opened in a header is closed there',
    files: { 'a.c': '#include "x.h"\n#include "y.h"\n', 'x.h': 'int x; /**/', 'y.h': '' },
    reads: ['x.h', 'y.h'],
  },
  {
    name: 'text: #pragma GCC dependency',
    files: { 'a.c': '#pragma GCC dependency "x.h" is newer\n#include "y.h"\n', 'x.h': '', 'y.h': '' },
    reads: ['y.h'],
    clangReads: 'refused',
    dependsOn: ['x.h'],
    mayBeUnsure: true,
  },
  {
    name: 'text: #pragma GCC system_header, and next to it',
    files: { 'a.c': '#include "x.h"\n', 'x.h': '#pragma GCC system_header\n#include "y.h"\n', 'y.h': '' },
    reads: ['x.h', 'y.h'],
  },
  {
    name: 'text: .incbin in C',
    files: { 'a.c': '__asm__(".incbin \\"blob\\"");\n#include "x.h"\n', 'x.h': '', blob: 'b' },
    reads: ['x.h'],
    dependsOn: ['blob'],
    mayBeUnsure: true,
  },
  ...assemblerCases(),
];

function assemblerCases(): readonly IncludeCase[] {
  const source = 'a.S';
  return [
    {
      name: 'assembler: directives, and lines that only look so',
      source,
      files: {
        'a.S':
          '# what isn\'t a directive\n#include "x.h"\n  nop # don\'t\n#ifdef __ASSEMBLER__\n#include "y.h"\n#endif\n',
        'x.h': '',
        'y.h': '',
      },
      reads: ['x.h', 'y.h'],
      mayBeUnsure: true,
    },
    {
      name: 'assembler: an unknown directive that is a comment',
      source,
      files: { 'a.S': '#if 1\n# includes "n.h"\n#include "x.h"\n#endif\n', 'x.h': '', 'n.h': '' },
      reads: ['x.h'],
      mayBeUnsure: true,
    },
    {
      name: 'assembler: apostrophes and a comment mark',
      source,
      files: { 'a.S': '.byte \'/*\n#include "x.h"\n/* it\'s */\n', 'x.h': '' },
      reads: ['x.h'],
      clangReads: ['x.h'],
      mayBeUnsure: true,
    },
    {
      name: 'assembler: .incbin and .include',
      source,
      files: {
        'a.S': '.incbin "blob"\n.include "x.inc"\n#include "x.h"\n',
        blob: 'b',
        'x.inc': '',
        'x.h': '',
      },
      reads: ['x.h'],
      dependsOn: ['blob', 'x.inc'],
      mayBeUnsure: true,
    },
    {
      name: 'assembler: by -x, whatever the suffix',
      files: { 'a.c': '# no directive, it\'s a comment\n#include "x.h"\n', 'x.h': '' },
      flags: ['-x', 'assembler-with-cpp'],
      reads: ['x.h'],
      mayBeUnsure: true,
    },
  ];
}
