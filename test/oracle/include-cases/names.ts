/** How the name of a header is said: plainly, by macros, and with characters that mean something elsewhere. */
import { fromText } from '../../../src/base/byte-string.ts';
import type { IncludeCase } from './include-case.ts';

/** One header, and what the source has to say for it to be read. */
type Row = readonly [name: string, source: string, header: string, more?: Partial<IncludeCase>];

/** In its lists clang writes a slash for a backslash, as if this were Windows. */
const CLANG_LISTS_ANOTHER = { clangReads: 'refused' } as const;

const ROWS: readonly Row[] = [
  ['quoted', '#include "x.h"', 'x.h'],
  ['nothing between directive and name', '#include"x.h"', 'x.h'],
  ['angles and no space', '#include<x.h>', 'x.h', { flags: ['-I.'] }],
  ['blanks and a comment around', ' \t# /* a */ include /* b */ "x.h" // c', 'x.h'],
  ['a comment over two lines before the directive', '/* one\n two */ #include "x.h"', 'x.h'],
  ['a comment over two lines in the directive', '#include /* one\n two */ "x.h"', 'x.h'],
  ['form feed and vertical tab before the directive', '\f\v#include "x.h"', 'x.h'],
  ['words after the name', '#include "x.h" and more', 'x.h'],
  ['in a directory, with a dot', '#include "./sub/./x.h"', 'sub/x.h'],
  ['in a directory, with dots', '#include "sub/../x.h"', 'x.h', { files: { 'sub/': '' } }],
  ['two slashes are no comment', '#include "sub//x.h"', 'sub/x.h'],
  ['two slashes in angles', '#include <sub//x.h>', 'sub/x.h', { flags: ['-I.'] }],
  ['a comment mark in angles', '#include <s/*x.h>', 's/*x.h', { flags: ['-I.'] }],
  ['a space', '#include "sp ace.h"', 'sp ace.h'],
  ['a comma', '#include "a,b.h"', 'a,b.h'],
  ['a colon', '#include "a:b.h"', 'a:b.h'],
  ['a number sign', '#include "a#b.h"', 'a#b.h'],
  ['a dollar', '#include "a$b.h"', 'a$b.h'],
  ['a per cent sign', '#include "a%b.h"', 'a%b.h'],
  ['an apostrophe', '#include "it\'s.h"', "it's.h"],
  ['an apostrophe in angles', "#include <it's.h>", "it's.h", { flags: ['-I.'] }],
  ['a quote in angles', '#include <a"b.h>', 'a"b.h', { flags: ['-I.'] }],
  ['a backslash that is one', '#include "a\\b.h"', 'a\\b.h', CLANG_LISTS_ANOTHER],
  ['what looks like an escape', '#include "\\x41\\n.h"', '\\x41\\n.h', CLANG_LISTS_ANOTHER],
  ['what looks like a universal name', '#include "\\u00e4.h"', '\\u00e4.h', CLANG_LISTS_ANOTHER],
  ['UTF-8', fromText('#include "ä€😀.h"'), fromText('ä€😀.h')],
  ['Latin-1', '#include "\xe4.h"', '\xe4.h', { mayBeUnsure: true }],
  ['a long name', `#include "${'n'.repeat(250)}.h"`, `${'n'.repeat(250)}.h`],
  ['no suffix', '#include "vector"', 'vector'],
  ['upper case, and another in lower case', '#include "X.h"', 'X.h', { files: { 'x.h': '' } }],
  ['lower case, and another in upper case', '#include "x.h"', 'x.h', { files: { 'X.h': '' } }],
  ['import', '#import "x.h"\n#import "x.h"', 'x.h', { flags: ['-Wno-deprecated'] }],

  ['a macro', '#define H "x.h"\n#include H', 'x.h'],
  ['a macro with angles', '#define H <x.h>\n#include H', 'x.h', { flags: ['-I.'] }],
  ['a macro of macros', '#define A B\n#define B C\n#define C "x.h"\n#include A', 'x.h'],
  ['a macro defined again', '#define H "y.h"\n#undef H\n#define H "x.h"\n#include H', 'x.h'],
  ['a macro from the command line', '#include H', 'x.h', { flags: ['-DH="x.h"'] }],
  ['a macro with operands from the command line', '#include H(x)', 'x.h', { flags: ['-I.', '-DH(n)=<n.h>'] }],
  ['an empty macro before', '#define EMPTY\n#define H EMPTY "x.h"\n#include H', 'x.h'],
  ['angles by a function', '#define H(x) <x.h>\n#include H(sub/x)', 'sub/x.h', { flags: ['-I.'] }],
  ['angles of two operands', '#define H(a, b) <a/b.h>\n#include H(sub,x)', 'sub/x.h', { flags: ['-I.'] }],
  ['a string of an operand', '#define S(x) #x\n#define H(x) S(x.h)\n#include H(x)', 'x.h'],
  [
    'a string of a macro and more',
    '#define S_(x) #x\n#define S(x) S_(x)\n#define DIR sub\n#include S(DIR/x.h)',
    'sub/x.h',
  ],
  ['pasted to a macro’s name', '#define C(a, b) a##b\n#define xh "x.h"\n#include C(x, h)', 'x.h'],
  [
    'pasted inside a string',
    '#define S_(x) #x\n#define S(x) S_(x)\n#define C_(a, b) a##b\n#define C(a, b) C_(a, b)\n#define N 7\n#include S(C(x, N).h)',
    'x7.h',
  ],
  [
    'variadic',
    '#define FIRST(x, ...) x\n#define LIST "x.h", "y.h"\n#define APPLY(f, ...) f(__VA_ARGS__)\n#include APPLY(FIRST, LIST)',
    'x.h',
  ],
  [
    '__VA_OPT__',
    '#define H(x, ...) H_ ## __VA_OPT__(x)\n#define H_one "x.h"\n#include H(one, two)',
    'x.h',
    { source: 'a.cc', flags: ['-std=c++20'], mayBeUnsure: true },
  ],
  ['an identifier in UTF-8', fromText('#define ü "x.h"\n#include ü'), 'x.h'],
  ['an identifier with a dollar', '#define $H "x.h"\n#include $H', 'x.h'],
  [
    'an identifier spelled in two ways',
    fromText('#define \\u00fc "x.h"\n#include ü'),
    'x.h',
    { mayBeUnsure: true },
  ],
  [
    'a call put off by an empty one',
    '#define EMPTY()\n#define LATER(f) f EMPTY()\n#define H() "x.h"\n#define AGAIN(...) __VA_ARGS__\n#include AGAIN(LATER(H)())',
    'x.h',
  ],
  ['a call by another name', '#define G F\n#define F(x) <x.h>\n#include G(x)', 'x.h', { flags: ['-I.'] }],
  ['operands in parentheses', '#define SECOND(a, b) b\n#include SECOND((1, 2), "x.h")', 'x.h'],
  ['operands in quotes', '#define SECOND(a, b) b\n#include SECOND("),(", "x.h")', 'x.h'],
  ['operands in apostrophes', '#define SECOND(a, b) b\n#include SECOND(\',\', "x.h")', 'x.h'],
  ['an operand that is empty', '#define BOTH(a, b) a b\n#include BOTH(, "x.h")', 'x.h'],
  ['pasting to nothing', '#define C(a, b) a ## b\n#define xh "x.h"\n#include C(xh,)', 'x.h'],
  [
    'a comma that goes with what is missing',
    '#define PICK(a, b, ...) b\n#define LAST(a, b...) PICK(a, ## b, "x.h", 0)\n#include LAST(1)',
    'x.h',
  ],
  [
    'an operand expanded before it is used, but not before it is pasted',
    '#define N 1\n#define C(a) H ## a\n#define D(a) C(a)\n#define HN "y.h"\n#define H1 "x.h"\n#include D(N)',
    'x.h',
  ],
  [
    'chosen by counting operands',
    '#define PICK(a, b, c, n, ...) n\n#define COUNT(...) PICK(__VA_ARGS__, "3.h", "2.h", "1.h")\n#include COUNT(q, r)',
    '2.h',
  ],
  ['a function without its parentheses yet', '#define F(x) "x.h"\n#define G F\n#include G(1)', 'x.h'],
  ['a macro that names itself', '#define x x\n#define S_(a) #a\n#define S(a) S_(a)\n#include S(x.h)', 'x.h'],
  ['a predefined macro inside angles', '#define H <linux/x.h>\n#include H', '1/x.h', { flags: ['-I.'] }],
  [
    'the same where it is not predefined',
    '#define H <linux/x.h>\n#include H',
    'linux/x.h',
    { flags: ['-I.', '-std=c99'] },
  ],
  ['plain angles are not expanded', '#include <linux/x.h>', 'linux/x.h', { flags: ['-I.'] }],
  [
    'blanks between what angles hold',
    '#define H < x.h >\n#include H',
    ' x.h',
    {
      flags: ['-I.'],
      files: { ' x.h ': '', 'x.h': '', 'x.h ': '' },
      mayBeUnsure: true,
      clangReads: [' x.h '],
    },
  ],
  [
    'the source by its own name',
    '#ifndef AGAIN\n#define AGAIN\n#include __FILE__\n#include "x.h"\n#endif',
    'x.h',
  ],
  ['a name from #line', '#line 1 "x.h"\n#include __FILE__', 'x.h', { mayBeUnsure: true }],
  [
    'a name from the level',
    '#define S_(x) #x\n#define S(x) S_(x)\n#include S(x __INCLUDE_LEVEL__.h)',
    'x0.h',
    { files: { 'x 0.h': '' }, clangReads: ['x 0.h'], mayBeUnsure: true },
  ],
  [
    'a name from the line',
    '#define S_(x) #x\n#define S(x) S_(x)\n#define C_(x,y) x##y\n#define C(x,y) C_(x,y)\n#include S(C(x,__LINE__).h)',
    'x5.h',
    { mayBeUnsure: true },
  ],
  [
    'a name from a counter',
    '#define S_(x) #x\n#define S(x) S_(x)\n#define C_(x,y) x##y\n#define C(x,y) C_(x,y)\n#include S(C(x,__COUNTER__).h)',
    'x0.h',
    { mayBeUnsure: true },
  ],

  ['a line goes on inside the directive', '#inc\\\nlude "x.h"', 'x.h'],
  ['a line goes on after the number sign', '#\\\ninclude "x.h"', 'x.h'],
  ['a line goes on inside the name', '#include "x\\\n.h"', 'x.h', { mayBeUnsure: true }],
  ['a line goes on after blanks', '#include \\  \n"x.h"', 'x.h'],
  ['lines that end as in DOS', '#inc\\\r\nlude "x\\\r\n.h"\r\n', 'x.h', { mayBeUnsure: true }],
  ['a digraph', '%:include "x.h"', 'x.h'],
  ['a trigraph', '??=include "x.h"', 'x.h', { flags: ['-std=c99'] }],
  ['a trigraph that joins lines', '#include "x??/\n.h"', 'x.h', { flags: ['-trigraphs'], mayBeUnsure: true }],
];

const ITERATION = `#ifndef COUNT
# define COUNT 0
# include "self.h"
#elif COUNT == 0
# include "zero.h"
# undef COUNT
# define COUNT 1
# include "self.h"
#elif COUNT == 1
# include "one.h"
# undef COUNT
# define COUNT 2
# include "self.h"
#else
# include "rest.h"
#endif
`;

export const NAME_CASES: readonly IncludeCase[] = [
  ...ROWS.map(toCase),
  {
    name: 'a header counts by including itself',
    files: { 'a.c': '#include "self.h"\n', 'self.h': ITERATION, 'zero.h': '', 'one.h': '', 'rest.h': '' },
    reads: ['self.h', 'zero.h', 'one.h', 'rest.h'],
  },
  {
    name: 'a header counts in digits that are pasted',
    files: {
      'a.c': '#define N 0\n#include "step.h"\n#define N 1\n#include "step.h"\n',
      'step.h':
        '#define S_(x) #x\n#define S(x) S_(x)\n#define C_(x,y) x##y\n#define C(x,y) C_(x,y)\n#include S(C(n,N).h)\n#undef N\n',
      'n0.h': '',
      'n1.h': '',
    },
    reads: ['step.h', 'n0.h', 'n1.h'],
  },
  {
    name: 'a trigraph is none in GNU C',
    files: { 'a.c': '??=include "x.h"\n#include "y.h"\n', 'x.h': '', 'y.h': '' },
    reads: ['y.h'],
  },
  {
    name: 'a header that reads the source again',
    files: {
      'a.c': '#ifndef A\n#define A\n#include "x.h"\n#else\n#include "y.h"\n#endif\n',
      'x.h': '#include "a.c"\n',
      'y.h': '',
    },
    reads: ['x.h', 'y.h'],
  },
];

function toCase([name, text, header, more = {}]: Row): IncludeCase {
  const { files, source = 'a.c', ...rest } = more;
  return {
    name: `name: ${name}`,
    source,
    ...rest,
    files: { [source]: `${text}\n`, [header]: '', ...files },
    reads: [header],
  };
}
