import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { fromText } from '../base/byte-string.ts';
import { analyze } from '../command/analyze.ts';
import { INCLUDE_READER } from '../files/include-reader.ts';
import { SOURCE_PLACE } from './compiler-facts.ts';
import { Doubt } from './doubt.ts';
import { Knowledge } from './knowledge.ts';
import { Scanner, type ScanAnswer } from './scanner.ts';

const hasClang = spawnSync('clang', ['--version']).status === 0;

/** A directory with files in it, and a scanner that may ask the real compilers. */
class Bench {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'scanner-test-'));
  readonly scanner = new Scanner(INCLUDE_READER, SYSTEM_CLOCK);
  questions = 0;

  constructor(t: TestContext, files: Readonly<Record<string, string>>) {
    t.after(() => rmSync(this.directory, { recursive: true }));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const file = path.join(this.directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  scan(...argv: string[]): ScanAnswer {
    return this.scanIn(new Map(), ...argv);
  }

  scanIn(environment: ReadonlyMap<string, string>, ...argv: string[]): ScanAnswer {
    const command = analyze(argv.map(fromText), { environment: new Map(), readText: () => undefined });
    assert(command.kind === 'compile');
    for (;;) {
      this.scanner.openPass();
      const answer = this.scanner.scan({
        command,
        compiler: `/usr/bin/${argv[0]}`,
        compilerVersion: '',
        directory: this.directory,
        environment,
      });
      if (answer.kind !== 'ask') return answer;
      this.questions++;
      const { key, argv: words, text, suffix } = answer.question;
      this.write(`question${suffix}`, text);
      const [program = '', ...args] = words.map((word) =>
        word === SOURCE_PLACE ? `question${suffix}` : word,
      );
      const said = spawnSync(program, args, { cwd: this.directory, encoding: 'latin1' });
      this.scanner.learn(key, { isWell: said.status === 0, stdout: said.stdout, stderr: said.stderr });
    }
  }

  /** Names of the files in the directory that are in the closure, or why there is none. */
  own(answer: ScanAnswer): string {
    if (answer.kind !== 'closure') return answer.kind === 'unsure' ? answer.reason : answer.kind;
    const names = answer.closure.files.map(({ typed }) => typed);
    return names.filter((name) => !name.startsWith('/')).join(' ');
  }
}

test('Scanner finds what a condition and a macro lead to', (t) => {
  const bench = new Bench(t, {
    'a.c':
      '#if __GNUC__ >= 4 && __has_builtin(__builtin_expect)\n#define NAME "b.h"\n#endif\n#include NAME\n',
    'b.h': '#include <stddef.h>\n#ifdef NEVER\n#include "none.h"\n#endif\n',
  });
  const answer = bench.scan('gcc', '-c', 'a.c');
  assert.equal(bench.own(answer), 'a.c b.h');
  assert(answer.kind === 'closure');
  assert(answer.closure.files.some(({ entry }) => entry.path.endsWith('/stddef.h')));
  assert.equal(bench.questions, 2);
});

test('Scanner remembers an answer until something under it changes its meaning', (t) => {
  const bench = new Bench(t, { 'a.c': '#include <b.h>\n', 'late/b.h': 'int x;\n' });
  const argv = ['gcc', '-Iearly', '-Ilate', '-c', 'a.c'];
  const first = bench.scan(...argv);
  assert.equal(bench.own(first), 'a.c late/b.h');
  assert(first.kind === 'closure');
  const again = bench.scan(...argv);
  assert(again.kind === 'closure' && again.closure === first.closure);
  bench.write('late/b.h', 'int x, y;\n');
  const edited = bench.scan(...argv);
  assert(edited.kind === 'closure' && edited.closure === first.closure);
  assert.equal(Buffer.from(edited.closure.files.at(-1)?.entry.content.bytes ?? []).toString(), 'int x, y;\n');
  bench.write('early/b.h', '#include "c.h"\n');
  assert.equal(bench.own(bench.scan(...argv)), 'no-such-header');
  bench.write('early/c.h', '');
  assert.equal(bench.own(bench.scan(...argv)), 'a.c early/b.h early/c.h');
  rmSync(path.join(bench.directory, 'early'), { recursive: true });
  assert.equal(bench.own(bench.scan(...argv)), 'a.c late/b.h');
});

/** With what is in a closure, or why there is none; for gcc, and for clang where it differs. */
const CASES: readonly {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly gcc: string;
  readonly clang?: string;
}[] = [
  {
    name: 'a quote directory that is a system directory too',
    files: { 'a.c': '#include "x.h"\n', 'sys/x.h': '', 'own/x.h': '' },
    words: ['-iquote', 'sys', '-Iown', '-isystem', 'sys'],
    gcc: 'a.c own/x.h',
    clang: 'a.c sys/x.h',
  },
  {
    name: 'the last quote directory that is the first for brackets',
    files: { 'a.c': '#include "x.h"\n', 'b/x.h': '#include_next "x.h"\n', 'c/x.h': '' },
    words: ['-iquote', 'b', '-Ib', '-Ic'],
    gcc: 'a.c b/x.h c/x.h',
  },
  {
    name: 'directories by several names, and some that are none',
    files: { 'a.c': '#include <x.h>\n', 'b/x.h': '#include_next <x.h>\n', 'c/x.h': '' },
    words: ['-Inone', '-Ib/', '-I./b', '-Ic'],
    gcc: 'a.c b/x.h c/x.h',
  },
  {
    name: 'macros of the command',
    files: { 'a.c': '#if F(1) && !defined(G) && X\n#include NAME\n#endif\n', 'x y.h': '' },
    words: ['-DF(x)=x', '-DG', '-UG', '-DX', '-DNAME="x y.h"'],
    gcc: 'a.c x y.h',
  },
  {
    name: '-include and -imacros',
    files: {
      'a.c': '#if A && B\n#include "c.h"\n#endif\n',
      'b.h': '#define B A\n',
      'a.h': '#define A 1\n',
      'c.h': '',
    },
    words: ['-include', 'b.h', '-imacros', 'a.h'],
    gcc: 'a.c a.h b.h c.h',
  },
  {
    name: 'names in UTF-8',
    files: { 'a.c': Buffer.from('#include "à.h"\n#include <b.h>\n').toString(), 'à.h': '', 'é/b.h': '' },
    words: ['-Ié'],
    gcc: 'a.c à.h é/b.h',
  },
  {
    name: 'names that are computed',
    files: {
      'a.c':
        '#define S(x) #x\n#define T(x) S(x)\n#define D dir\n#include T(D/x.h)\n#define L <y.h>\n#include L\n',
      'dir/x.h': '',
      'y.h': '',
    },
    words: ['-I.'],
    gcc: 'a.c dir/x.h ./y.h',
  },
  {
    name: '#import of what was included',
    files: {
      'a.c': '#include "b.h"\n#import "b.h"\n',
      'b.h': '#ifdef B\n#include "c.h"\n#endif\n#define B\n',
      'c.h': '',
    },
    gcc: 'a.c b.h',
  },
  {
    name: '#pragma once in the source',
    files: {
      'a.c': '#pragma once\n#ifdef A\n#include "b.h"\n#else\n#define A\n#include "a.c"\n#endif\n',
      'b.h': '',
    },
    gcc: 'a.c',
    clang: 'a.c b.h',
  },
  {
    name: 'copies of what is read once',
    files: { 'a.c': '#include "b.h"\n#include "c.h"\n', 'b.h': '#pragma once\n', 'c.h': '#pragma once\n' },
    gcc: 'same-header-twice',
  },
  {
    name: 'macros that a stringized pragma brings back',
    files: {
      'a.c':
        '#define P(x) _Pragma(#x)\n#define X\nP(push_macro("X"))\n#undef X\nP(pop_macro("X"))\n#ifdef X\n#include "b.h"\n#endif\n',
    },
    gcc: 'odd-macro',
  },
  {
    name: 'macros that #pragma GCC target defines',
    files: { 'a.c': '#pragma GCC target("avx2")\n#ifdef __AVX2__\n#include "b.h"\n#endif\n', 'b.h': '' },
    gcc: 'a.c b.h',
    clang: 'a.c',
  },
  {
    name: 'options that are set aside, and macros of #pragma GCC optimize',
    files: {
      'a.c':
        '#pragma GCC push_options\n#pragma GCC optimize("O3", "fast-math")\n#ifdef __FAST_MATH__\n#include "b.h"\n#endif\n#pragma GCC pop_options\n#ifdef __OPTIMIZE__\n#include "c.h"\n#endif\n',
      'b.h': '#ifdef __OPTIMIZE__\n#include "d.h"\n#endif\n',
      'd.h': '',
    },
    gcc: 'a.c b.h d.h',
    clang: 'a.c',
  },
  {
    name: 'options that cannot be told',
    files: { 'a.c': '#pragma GCC target("+x")\n#ifdef __AVX2__\n#include "b.h"\n#endif\n' },
    gcc: 'odd-macro',
    clang: 'a.c',
  },
  {
    name: 'a group that may count or not, with nothing in it to be read',
    files: {
      'a.c': '#pragma GCC target("+x")\n#ifndef __AVX__\n#define B\n#endif\n#include "b.h"\n',
      'b.h': '',
    },
    gcc: 'a.c b.h',
  },
  {
    name: 'what such a group may define',
    files: {
      'a.c':
        '#pragma GCC target("+x")\n#ifndef __AVX__\n#define B\n#endif\n#ifdef B\n#include "b.h"\n#endif\n',
      'b.h': '',
    },
    gcc: 'odd-macro',
    clang: 'a.c b.h',
  },
  {
    name: 'macros without a text that are gone',
    files: { 'a.c': '#undef __COUNTER__\n#ifndef __COUNTER__\n#include "b.h"\n#endif\n', 'b.h': '' },
    gcc: 'a.c b.h',
  },
  {
    name: 'a precompiled header in another directory',
    files: { 'a.c': '#include <b.h>\n', 'c/b.h.gch': '', 'd/b.h': '' },
    words: ['-Ic', '-Id'],
    gcc: 'precompiled-header',
  },
  {
    name: 'a header that includes itself with a counter',
    files: {
      'a.c': '#include "b.h"\n',
      'b.h':
        '#ifndef N\n#define N\n#include "b.h"\n#elif !defined(M)\n#define M\n#include "b.h"\n#else\n#include "c.h"\n#endif\n',
      'c.h': '',
    },
    gcc: 'a.c b.h c.h',
  },
  { name: 'one without end', files: { 'a.c': '#include "a.c"\n' }, gcc: 'bad-directive' },
  {
    name: 'groups that do not match',
    files: { 'a.c': '#else\n#include "b.h"\n', 'b.h': '' },
    gcc: 'bad-directive',
  },
  {
    name: 'no header but a directory',
    files: { 'a.c': '#include <b.h>\n', 'c/b.h/x': '', 'd/b.h': '' },
    words: ['-Ic', '-Id'],
    gcc: 'a.c d/b.h',
  },
  { name: 'a device', files: { 'a.c': '#include "/dev/null"\n' }, gcc: 'odd-file' },
  {
    name: 'trigraphs of old',
    files: { 'a.c': '??=include "b.h"\n', 'b.h': '' },
    words: ['-std=c99'],
    gcc: 'a.c b.h',
  },
  {
    name: 'slashes that are no comment',
    files: { 'a.c': '// " /*\n' },
    words: ['-std=c89'],
    gcc: 'bad-directive',
  },
];

for (const { name, files, words = [], gcc, clang = gcc } of CASES) {
  test(`Scanner: ${name}`, (t) => {
    const bench = new Bench(t, files);
    // The same age for all.
    for (const file of Object.keys(files)) utimesSync(path.join(bench.directory, file), 1, 1);
    assert.equal(bench.own(bench.scan('gcc', ...words, '-c', 'a.c')), gcc);
    if (!hasClang) return;
    assert.equal(bench.own(bench.scan('clang', ...words, '-c', 'a.c')), clang, 'clang');
  });
}

test('Scanner asks as little as it can, and never without end', (t) => {
  const bench = new Bench(t, { 'a.c': '#if __has_attribute(unused) && __has_attribute(noreturn)\n#endif\n' });
  assert.equal(bench.own(bench.scan('gcc', '-c', 'a.c')), 'a.c');
  assert.equal(bench.questions, 2);
  assert.equal(bench.own(bench.scan('gcc', '-DX', '-c', 'a.c')), 'a.c');
  assert.equal(bench.questions, 2);
  assert.equal(bench.own(bench.scan('gcc', '-pedantic-errors', '-c', 'a.c')), 'a.c');
});

test('Scanner takes an answer for the question that was asked, whoever else asks', () => {
  const said = (stdout: string, stderr = ''): { isWell: boolean; stdout: string; stderr: string } => ({
    isWell: true,
    stdout,
    stderr,
  });
  const knowledge = new Knowledge();
  const command = analyze(['gcc', '-c', 'a.c'], { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile');
  const first = knowledge.ask('key', command, ['f(a)', 'f(b)']);
  const second = knowledge.ask('key', command, ['f(c)']);
  knowledge.learn(first.key, said('@0 1\n@1 2\n'));
  knowledge.learn(second.key, said('@0 3\n'));
  knowledge.learn(second.key, said('@0 4\n'));
  assert.deepEqual(
    [...knowledge.answers('key')],
    [
      ['f(a)', 1n],
      ['f(b)', 2n],
      ['f(c)', 3n],
    ],
  );
  const spoiled = knowledge.ask('key', command, ['f(x)', 'f(y)']);
  knowledge.learn(spoiled.key, said('@0 f(x)\n@1 1\n'));
  const alone = knowledge.ask('key', command, ['f(x)', 'f(y)']);
  assert.equal(alone.text, '@0 f(x)\n');
  knowledge.learn(alone.key, said('@0 f(x)\n'));
  assert.throws(() => knowledge.ask('key', command, ['f(x)']), Doubt);
  assert.equal(knowledge.ask('key', command, ['f(y)']).text, '@0 f(y)\n');
  assert('text' in knowledge.facts('other', command));
  knowledge.learn('other', { isWell: false, stdout: '', stderr: '' });
  assert.throws(() => knowledge.facts('other', command), Doubt);
});

test('Scanner does not give an answer to an environment that asks for another', (t) => {
  const bench = new Bench(t, { 'a.c': '' });
  assert.equal(bench.own(bench.scan('gcc', '-c', 'a.c')), 'a.c');
  assert.equal(bench.own(bench.scanIn(new Map([['CPATH', 'x']]), 'gcc', '-c', 'a.c')), 'search-options');
});

test('Scanner sees to where a link leads', (t) => {
  const bench = new Bench(t, { 'a.c': '#include <b.h>\n', 'late/b.h': '' });
  mkdirSync(path.join(bench.directory, 'early'));
  symlinkSync('../made/b.h', path.join(bench.directory, 'early/b.h'));
  const argv = ['gcc', '-Iearly', '-Ilate', '-c', 'a.c'];
  assert.equal(bench.own(bench.scan(...argv)), 'a.c late/b.h');
  bench.write('made/b.h', '');
  assert.equal(bench.own(bench.scan(...argv)), 'a.c early/b.h');
});

test('Scanner leaves it to gcc to complain of a file in the place of a directory', (t) => {
  const bench = new Bench(t, { 'a.c': '#include <x.h>\n', 'late/x.h': '', 'is/file': '' });
  const scan = (...flags: string[]): ScanAnswer => bench.scan('gcc', '-c', ...flags, '-Ilate', 'a.c');
  const later = ['-Inone/deep', '-isystem', 'late/no'];
  assert.equal(scan(...later).kind, 'closure');
  for (const name of ['is/file', 'is/file/deep']) assert.equal(scan(`-I${name}`).kind, 'unsure', name);
  bench.write('none', '');
  assert.equal(scan(...later).kind, 'unsure');
  rmSync(path.join(bench.directory, 'none'));
  assert.equal(scan(...later).kind, 'closure');
  bench.write('late/no', '');
  assert.equal(scan(...later).kind, 'unsure');
});

test('Scanner calls system headers as gcc does: by their real names, where those are shorter', (t) => {
  const deep = 'in/'.repeat(50);
  const files = { [`${deep}a.c`]: '#include <x.h>\n', 'sys/x.h': '#include "y.h"\n', 'sys/y.h': '' };
  const bench = new Bench(t, files);
  const namesOf = (...words: string[]): readonly string[] => {
    const answer = bench.scan('gcc', '-nostdinc', '-c', ...words, `${deep}a.c`);
    assert(answer.kind === 'closure', JSON.stringify(answer));
    return answer.closure.files.map(({ typed }) => typed).filter((typed) => /[xy]\.h$/.test(typed));
  };
  const long = `${deep}${'../'.repeat(50)}sys`;
  const real = ['x.h', 'y.h'].map((name) => path.join(bench.directory, 'sys', name));
  const typed = ['x.h', 'y.h'].map((name) => `${long}/${name}`);
  assert.deepEqual(namesOf('-isystem', long), real);
  assert.deepEqual(namesOf('-I', long), typed);
  assert.deepEqual(namesOf('-fno-canonical-system-headers', '-isystem', long), typed);
  assert.deepEqual(namesOf('-isystem', 'sys'), ['sys/x.h', 'sys/y.h']);
});

test('Scanner notices that a second name of a directory becomes a directory of its own', (t) => {
  const bench = new Bench(t, { 'a.c': '#include <x.h>\n', 'sys/x.h': '', 'in/none.h': '', 'own/x.h': '' });
  const link = path.join(bench.directory, 'in/two');
  const scan = (): string => bench.own(bench.scan('gcc', '-c', '-Iin/two', '-isystem', 'sys', 'a.c'));
  symlinkSync('../sys', link);
  assert.equal(scan(), 'a.c sys/x.h');
  assert.equal(scan(), 'a.c sys/x.h');
  rmSync(link);
  renameSync(path.join(bench.directory, 'own'), link);
  assert.equal(scan(), 'a.c in/two/x.h');
});
