/** What stands behind #if, and how conditions nest. */
import { asks, type IncludeCase } from './include-case.ts';

type Row = readonly [
  condition: string,
  holds: boolean,
  more?: Partial<IncludeCase> & { readonly before?: string },
];

const CXX20 = { source: 'a.cc', flags: ['-std=c++20'] };
const UNSURE = { mayBeUnsure: true } as const;

const ROWS: readonly Row[] = [
  ['1', true],
  ['0', false],
  ['UNKNOWN', false],
  ['UNKNOWN == 0', true],
  ['true', false],
  ['true', true, CXX20],
  ['false || true', true, CXX20],
  ['not 0 and 1', true, CXX20],
  ['(1 bitand 3) == 1 && (1 bitor 2) == 3 && (1 xor 1) == 0 && compl 0 == -1', true, CXX20],
  ['1 + 2 * 3 == 7 && (1 + 2) * 3 == 9', true],
  ['1 << 2 + 1 == 8', true],
  ['1 | 2 ^ 3 & 2', true],
  ['7 / 2 == 3 && -7 / 2 == -3 && -7 % 3 == -1', true],
  ['- - 1 == 1 && !!2 == 1 && ~0 == -1 && +3 == 3', true],
  ['1 ? 0 : 1', false],
  ['0 ? 1 / 0 : 2', true],
  ['1 || 1 / 0', true],
  ['0 && 1 / 0', false],
  ['1 ? 2 ? 0 : 1 : 1', false],
  ['(2 , 0)', false, { flags: ['-std=c90'], clangReads: 'refused', ...UNSURE }],
  ['-1 > 0u', true],
  ['-1 < 0', true],
  ['(0 ? 0u : -1) > 0', true],
  ['9223372036854775807 + 1 < 0', true],
  ['9223372036854775808u == -9223372036854775807 - 1', true],
  ['18446744073709551615u + 1 == 0', true],
  ['0xFFFFFFFFFFFFFFFF == -1', true],
  ['-9223372036854775807 - 1 < 0 && (-9223372036854775807 - 1) / 2 < 0', true],
  ['1 << 63 < 0 && 1u << 63 > 0 && -8 >> 1 == -4', true],
  ['1 << 64 == 0', true, UNSURE],
  ['8 << -1 == 4', true, { clangReads: ['no.h'], ...UNSURE }],
  ['(1u << 63) >> 63 == 1', true],
  ['0x10 == 16 && 010 == 8 && 0b11 == 3', true],
  ['10L == 10 && 10uLL == 10 && 10ull > 0', true],
  ["'a' == 97 && '\\n' == 10 && '\\x41' == 65 && '\\101' == 65 && '\\0' == 0", true],
  ["'ab' == 24930", true, UNSURE],
  // SQLite asks so whether this is EBCDIC.
  ["'A' == '\\301'", false],
  ["'\\377' < 0", true],
  ["'\\377' < 0", false, { flags: ['-funsigned-char'] }],
  ["L'\\xffff' == 0xffff && u'a' == 97 && U'a' == 97", true, UNSURE],
  ["L'\\xffffffff' < 0", true, UNSURE],
  ["1'000 == 1000 && 0x1'0 == 16", true, CXX20],
  ["1'000'000 == 1000000 //'", true, CXX20],
  ['A == 3', true, { before: '#define A 1 + 2\n' }],
  ['A * 2 == 5', true, { before: '#define A 1 + 2\n' }],
  ['F(2) == 5 && F (3) == 6', true, { before: '#define F(x) x + 3\n' }],
  ['F == 0', true, { before: '#define F(x) 1\n' }],
  ['F\\\n(2)', true, { before: '#define F(x) x\n' }],
  [
    'VERSION >= MAKE(4, 2)',
    true,
    { before: '#define MAKE(a,b) ((a) << 8 | (b))\n#define VERSION MAKE(4,3)\n' },
  ],
  ['C(1, 2) == 12 && C(0x, F) == 15', true, { before: '#define C(a,b) a##b\n' }],
  [
    'IS(CONFIG_A) && !IS(CONFIG_B)',
    true,
    {
      before:
        '#define CONFIG_A 1\n#define P_1 0,\n#define SECOND(a, b, ...) b\n#define IS__(x) SECOND(x 1, 0)\n#define IS_(x) IS__(P_##x)\n#define IS(x) IS_(x)\n',
    },
  ],
  [
    'V(1) == 0 && V(1, 2) == 2',
    true,
    {
      before: '#define V(a, ...) 0 __VA_OPT__(+ __VA_ARGS__)\n',
      ...CXX20,
    },
  ],
  ['N(1) == 1', true, { before: '#define N(a, b...) a + 0 , ## b\n', ...UNSURE, clangReads: ['yes.h'] }],
  ['defined A', true, { before: '#define A\n' }],
  ['defined(A) && !defined ( B )', true, { before: '#define A 0\n' }],
  ['D', true, { before: '#define A\n#define D defined A\n' }],
  ['D(A) && !D(B)', true, { before: '#define A_on\n#define D(x) defined x##_on\n' }],
  ['defined __FILE__ && defined __COUNTER__ && defined __has_include', true],
  ['defined __has_attribute && defined __has_builtin', true],
  ['defined __VA_ARGS__', false, { ...UNSURE, clangReads: ['no.h'] }],
  ['__LINE__ == 1', true, UNSURE],
  ['__INCLUDE_LEVEL__ == 0', true, UNSURE],
  ['__COUNTER__ == 0 && __COUNTER__ == 1', true, UNSURE],
  ['__has_include("yes.h")', true],
  ['__has_include("nowhere.h")', false],
  ['__has_include(<yes.h>)', true, { flags: ['-I.'] }],
  ['__has_include(<yes.h>)', false],
  ['__has_include(H)', true, { before: '#define H "yes.h"\n' }],
  ['__has_include(H)', true, { before: '#define H <yes.h>\n', flags: ['-I.'] }],
  ['__has_include(H(yes))', true, { before: '#define H(x) <x.h>\n', flags: ['-I.'] }],
  ['HAS("yes.h")', true, { before: '#define HAS(x) __has_include(x)\n', ...UNSURE }],
  ['defined(__has_include) && __has_include("yes.h") && !__has_include(<never/x.h>)', true],
  ['__has_include ( "yes.h" ) || BAD', true],
  ['0 && __has_include("nowhere.h")', false],
  ['__has_include("sub")', false, { files: { 'sub/': '' } }],
  ['__has_builtin(__builtin_expect)', true],
  ['__has_builtin(__builtin_nothing)', false],
  ['__has_attribute(noreturn) && __has_attribute(__packed__)', true],
  ['__has_attribute(nonesuch)', false],
  ['__has_cpp_attribute(nodiscard) >= 201603L', true, CXX20],
  ['__has_cpp_attribute(gnu::packed)', true, CXX20],
  ['__has_cpp_attribute(nonesuch::nothing)', false, CXX20],
  ['__has_c_attribute(deprecated)', true, { flags: ['-std=gnu2x'], ...UNSURE }],
  ['defined(__has_feature)', false, { clangReads: ['yes.h'] }],
  [
    'HF(cxx_exceptions)',
    false,
    {
      before: '#ifdef __has_feature\n#define HF(x) __has_feature(x)\n#else\n#define HF(x) 0\n#endif\n',
      source: 'a.cc',
      clangReads: ['yes.h'],
    },
  ],
  ['__GNUC__ >= 4 && __STDC__ == 1 && __STDC_HOSTED__', true],
  ['__STDC_VERSION__ >= 201112L', true],
  ['__STDC_VERSION__ == 199901L', true, { flags: ['-std=c99'] }],
  ['__cplusplus == 201402L', true, { source: 'a.cc', flags: ['-std=c++14'] }],
  ['__cpp_concepts', true, CXX20],
  ['__SIZEOF_POINTER__ == 8', true],
  ['#machine(x86_64)', true, { flags: ['-Wno-deprecated'], clangReads: 'refused', ...UNSURE }],
];

/** Options, and a macro that each of them defines or does not. */
const FLAGS: readonly (readonly [flag: string, condition: string, more?: Partial<IncludeCase>])[] = [
  ['-O2', 'defined __OPTIMIZE__'],
  ['-Os', 'defined __OPTIMIZE_SIZE__'],
  ['-O0', '!defined __OPTIMIZE__'],
  ['-fPIC', '__PIC__ == 2'],
  ['-fpie', '__PIE__ == 1'],
  ['-pthread', 'defined _REENTRANT'],
  ['-fopenmp', 'defined _OPENMP'],
  ['-mavx2', 'defined __AVX2__'],
  ['-march=x86-64-v3', 'defined __AVX2__'],
  ['-mno-sse', '!defined __SSE__'],
  ['-msse4.2', 'defined __SSE4_2__'],
  ['-funsigned-char', 'defined __CHAR_UNSIGNED__'],
  ['-fshort-enums', 'UNKNOWN == 0'],
  ['-ffast-math', 'defined __FAST_MATH__'],
  ['-fsanitize=address', 'defined __SANITIZE_ADDRESS__', { clangReads: ['no.h'] }],
  ['-fno-exceptions', '!defined __cpp_exceptions', { source: 'a.cc' }],
  ['-fno-rtti', '!defined __GXX_RTTI', { source: 'a.cc' }],
  ['-fcoroutines', 'defined __cpp_impl_coroutine', { source: 'a.cc', clangReads: 'refused' }],
  ['-ansi', 'defined __STRICT_ANSI__ && !defined linux'],
  ['-undef', '!defined __linux__'],
  ['-fshort-wchar', '__SIZEOF_WCHAR_T__ == 2'],
  ['-fstack-protector-strong', '__SSP_STRONG__ == 3', { clangReads: ['no.h'] }],
  ['-DA', 'A == 1'],
  ['-DA=', 'defined A && A + 0 == 0'],
  ['-DA=2', 'A == 2'],
  ['-DF(x)=x+1', 'F(1) == 2'],
  ['-DA=B=1', 'defined A'],
  ['-D_FORTIFY_SOURCE=2', '_FORTIFY_SOURCE == 2'],
];

export const CONDITION_CASES: readonly IncludeCase[] = [
  ...ROWS.map(([condition, holds, { before, files, ...more } = {}]) => ({
    name: `#if ${condition}${more.flags === undefined ? '' : ` with ${more.flags.join(' ')}`}`,
    ...more,
    files: { ...asks(condition, before), ...files },
    reads: [holds ? 'yes.h' : 'no.h'],
  })),
  ...FLAGS.map(([flag, condition, more]) => ({
    name: `#if ${condition} with ${flag}`,
    flags: [flag],
    ...more,
    files: asks(condition),
    reads: ['yes.h'],
  })),
  {
    name: '-D and -U in their order',
    files: asks('A == 3 && !defined B'),
    flags: ['-DA=1', '-DB', '-UA', '-D', 'A=2', '-UB', '-U', 'A', '-DA=3'],
    reads: ['yes.h'],
  },
  {
    name: '-U of what is predefined',
    files: asks('!defined __linux__'),
    flags: ['-U__linux__'],
    reads: ['yes.h'],
  },
  {
    name: '#elif after one that held is not computed',
    files: {
      ...asks('1'),
      'a.c': '#if 1\n#include "yes.h"\n#elif 1 / 0 ) nonsense\n#else\n#include "no.h"\n#endif\n',
    },
    reads: ['yes.h'],
  },
  {
    name: '#elifdef and #elifndef',
    files: {
      'a.c':
        '#define A\n#ifdef B\n#include "1.h"\n#elifdef A\n#include "2.h"\n#elifndef C\n#include "3.h"\n#endif\n',
      '1.h': '',
      '2.h': '',
      '3.h': '',
    },
    flags: ['-std=gnu2x'],
    reads: ['2.h'],
    mayBeUnsure: true,
  },
  {
    name: '#elifdef in C++20 of gcc, which knows it as an extension',
    source: 'a.cc',
    files: {
      'a.cc': '#ifdef B\n#elifdef __GNUC__\n#include "2.h"\n#else\n#include "3.h"\n#endif\n',
      '2.h': '',
      '3.h': '',
    },
    flags: ['-std=gnu++20'],
    reads: ['2.h'],
    mayBeUnsure: true,
  },
  {
    name: 'a maze',
    files: {
      'a.c': `#define A 1
#if defined B
# if A
#  include "1.h"
# else
#  include "2.h"
# endif
#elif A
# ifndef B
#  if A > 1
#   include "3.h"
#  elif A == 1
#   ifdef A
#    include "4.h"
#   endif
#   undef A
#  else
#   include "5.h"
#  endif
# else
#  include "6.h"
# endif
# ifdef A
#  include "7.h"
# endif
#else
# include "8.h"
#endif
`,
      ...Object.fromEntries(['1', '2', '3', '4', '5', '6', '7', '8'].map((name) => [`${name}.h`, ''])),
    },
    reads: ['4.h'],
  },
];
