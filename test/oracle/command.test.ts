/**
 * Against real compilers: what a direct compile writes, and what comes of the same command preprocessed
 * here and compiled elsewhere, as a stock distccd would. The objects are the same bytes once debug
 * sections are stripped, and the dependency files are the same bytes.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { CompileCommand } from '../../src/command/compile-command.ts';
import { analyze } from '../../src/command/analyze.ts';
import { joinDiagnostics } from '../../src/command/diagnostics.ts';
import { dependencyTargets, frontEndArgv, learnFrontEnd, questionArgv } from '../../src/command/front-end.ts';
import { PREPROCESSED_SUFFIX } from '../../src/command/language.ts';
import { preprocessArgv, remoteArgv } from '../../src/command/rewrite.ts';

const SOURCE = `
#include "h.h"
#include <stddef.h>
#define TWICE(x) ((x) + (x))
#ifndef EXTRA
#define EXTRA 0
#endif
static const char *const name = __FILE__;
const char *where(void);
const char *where(void) { return name; }
const char *called(void);
const char *called(void) { return __builtin_FILE(); }
int f(int x);
int f(int x) { return TWICE(x) + VALUE + EXTRA + __LINE__ + (int)sizeof(ptrdiff_t); }
`;

const FILES: Readonly<Record<string, string>> = {
  'src/a.c': SOURCE,
  'src/b.cc': `${SOURCE}namespace { struct S { S() { f(1); } } s; } template <class T> T t(T x) { return x; } int u = t(3);\n`,
  'src/b.CPP': `${SOURCE}namespace n { int x; }\n`,
  'src/o.m': 'int objective(int x) { return x; }\n',
  'src/a.b.c': SOURCE,
  'src/foo.x': SOURCE,
  'src/noext': SOURCE,
  'src/h.h': '#pragma once\n#include "other.h"\n',
  'src/other.h': '#define VALUE 7\n',
  'sp ace/a b$x#y.c': '#include "../src/h.h"\nint v = VALUE;\n',
  'inc/forced.h': '#define FORCED 1\n',
  'inc/system.h': 'static inline int unused_there(void) { return 1; }\n',
  'src/forced.c': '#include <system.h>\nint w = FORCED;\nint z(void) { return unused_there(); }\n',
  'src/latin.c': 'const char *umlaut = "\xe4";\nconst wchar_t *wide = L"\xe4";\n'.replaceAll(
    'wchar_t',
    'int',
  ),
  'src/utf8.c': 'const char *umlaut = "\xc3\xa4";\nconst int *wide = L"\xc3\xa4";\n',
  'src/trigraph.c': 'const char *t = "??=??(";\n',
  'src/traditional.c': '#define CAT(a,b) a/**/b\nint CAT(x,y);\n',
  'src/quoted.c': 'const char *q = QUOTED;\nint r = NUMBER;\n',
  'src/warned.c': '#warning hm\n#define UNUSED 1\nint f(int x) { int y; return 1; }\n',
  'src/ready.i': '# 1 "ready.c"\nint ready = 1;\n',
};

const work = mkdtempSync(path.join(tmpdir(), 'manyhands-oracle-'));
after(() => rmSync(work, { recursive: true }));
const here = path.join(work, 'here');
const there = path.join(work, 'there');
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(path.dirname(path.join(here, name)), { recursive: true });
  writeFileSync(path.join(here, name), text, 'latin1');
}
for (const directory of ['obj', 'obj.d', 'o b$j']) mkdirSync(path.join(here, directory));
mkdirSync(there);

interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function run(argv: readonly string[], cwd: string): Ran {
  const [program = '', ...args] = argv;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, stdout, stderr: stderr?.toString() ?? '' };
}

/** Takes the file away, so that the next run writes its own. */
function take(name: string): Buffer {
  const file = path.resolve(here, name);
  const bytes = readFileSync(file);
  rmSync(file);
  return bytes;
}

function understand(argv: readonly string[]): CompileCommand {
  const command = analyze(argv, {
    environment: new Map(),
    readText: (name) => readFileSync(path.resolve(here, name), 'latin1'),
  });
  assert.equal(command.kind, 'compile', JSON.stringify(command));
  return command;
}

/** Runs the argv as a stock distccd does: with names of its own for the source and the output. */
function compileThere(command: CompileCommand, text: Buffer): Ran & { readonly object: Buffer } {
  const input = path.join(there, `distccd_0123abcd${PREPROCESSED_SUFFIX[command.language]}`);
  const output = path.join(there, 'distccd_4567cdef.o');
  writeFileSync(input, text);
  const argv = [...remoteArgv(command)];
  argv[1] = input;
  argv[argv.indexOf('-o') + 1] = output;
  const ran = run(argv, there);
  const object = existsSync(output) ? readFileSync(output) : Buffer.alloc(0);
  rmSync(output, { force: true });
  return { ...ran, object };
}

function withoutDebug(object: Buffer): string {
  const file = path.join(work, 'strip.o');
  writeFileSync(file, object);
  assert.equal(run(['strip', '-g', file], work).status, 0);
  return readFileSync(file).toString('base64');
}

function comparable(object: Buffer, makes: CompileCommand['makes']): string {
  return makes === 'object' ? withoutDebug(object) : object.toString('latin1');
}

function compare(argv: readonly string[]): void {
  const command = understand(argv);
  const direct = run(argv, here);
  assert.equal(direct.status, 0, direct.stderr);
  const directObject = take(command.output);
  const directDependencies = command.dependencies && take(command.dependencies.file).toString();

  const staged = path.join(here, 'staged,away.d');
  const preprocessed = run(preprocessArgv(command, { dependencyFile: staged }), here);
  assert.equal(preprocessed.status, 0, preprocessed.stderr);
  if (directDependencies !== undefined) assert.equal(take(staged).toString(), directDependencies);
  assert.equal(existsSync(staged), false, 'a dependency file that nobody asked for');
  if (command.family === 'gcc' && !command.isPreprocessed) {
    const byFrontEnd = preprocessWithoutDriver(command, staged);
    // A name without an extension is left to the driver.
    const isLearnt = path.extname(command.source) !== '';
    assert.deepEqual(byFrontEnd, isLearnt ? preprocessed : undefined, 'without the driver');
    if (isLearnt && directDependencies !== undefined)
      assert.equal(take(staged).toString(), directDependencies);
  }

  const text = command.isPreprocessed ? readFileSync(path.join(here, command.source)) : preprocessed.stdout;
  const remote = compileThere(command, text);
  assert.equal(remote.status, 0, remote.stderr);
  assert.equal(comparable(remote.object, command.makes), comparable(directObject, command.makes));
  const messages = joinDiagnostics(command.isPreprocessed ? '' : preprocessed.stderr, remote.stderr);
  assert.deepEqual(withoutQuotes(messages), withoutQuotes(direct.stderr), 'standard error');
}

/** Learnt from the driver, with gaps, and filled in again. */
function preprocessWithoutDriver(command: CompileCommand, dependencyFile: string): Ran | undefined {
  const frontEnd = learnFrontEnd(run(questionArgv(command, true), here).stderr);
  if (frontEnd === undefined) return undefined;
  const { source } = command;
  const argv = frontEndArgv(frontEnd, { source, dependencyFile, targets: dependencyTargets(command) });
  return run([frontEnd.program, ...argv.slice(1)], here);
}

/**
 * The lines of standard error, sorted, without those of the source that gcc quotes where it has the source
 * (a distccd has not), and without headings, which depend on the order.
 */
function withoutQuotes(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .filter((line) => !/^ +\d* \||: In function |At top level:$/.test(line))
    .sort();
}

/** Words parted by blanks; `_` stands for a blank in a word. */
const C_COMMANDS = [
  '-c src/a.c',
  '-c src/a.c -o obj/a.o',
  '-O2 -g -c src/a.c -oobj/a.o',
  '-S src/a.c',
  '-S -O2 src/a.c -o obj/q.s',
  '-c src/a.b.c',
  // Dependencies: every form in which builds ask for them.
  '-c -MD src/a.c',
  '-c -MMD src/a.c',
  '-c -MMD src/a.c -o obj/a.o',
  '-c -MMD src/a.c -o obj/other',
  '-c -MMD src/a.c -o obj.d/other',
  '-c -MMD src/a.c -o obj/two.dots.o',
  '-S -MMD src/a.c',
  '-S -MMD src/a.c -o obj/a.s',
  '-c -MMD -MF obj/x.d src/a.c',
  '-c -MMD -MFobj/x.d src/a.c -o obj/a.o',
  '-c -MMD -MP src/a.c -o obj/a.o',
  '-c -MMD -MT target src/a.c -o obj/a.o',
  '-c -MMD -MTtarget -MT second src/a.c -o obj/a.o',
  '-c -MMD -MQ $(x)y src/a.c -o obj/a.o',
  '-c -MD -MT a$b -MF obj/x.d -MP src/a.c -o obj/a.o',
  '-c -Wp,-MD,obj/x.d src/a.c',
  '-c -Wp,-MMD,obj/x.d src/a.c -o obj/a.o',
  '-c -Wp,-MMD,obj/x.d -MP src/a.c -o obj/a.o',
  '-c -Wp,-MMD,obj/x.d -MT target src/a.c -o obj/a.o',
  '-c -Wp,-MMD,obj/x.d -Wp,-DEXTRA=3 src/a.c -o obj/a.o',
  '-c -MD sp_ace/a_b$x#y.c',
  '-c -MD sp_ace/a_b$x#y.c -o o_b$j/a#_$b.o',
  '-c -MMD src/a.b.c',
  '-c -MMD -include inc/forced.h -isystem inc src/forced.c -o obj/f.o',
  '-c -MD -x c src/noext -o obj/n.o',
  '-c -MD -x c src/noext',
  // Options of the preprocessor.
  '-c -DEXTRA=5 -UEXTRA -D EXTRA=6 -I src -Iinc src/a.c',
  '-c -include inc/forced.h -iquote src -idirafterinc src/forced.c',
  '-c -imacros inc/forced.h -isysteminc src/forced.c',
  '-c -Wp,-DFORCED=4 -Wp,-UFORCED -DFORCED=5 -Wp,-DFORCED=6 -Iinc src/forced.c',
  '-c -DQUOTED="a\\tb\'c," -DNUMBER=(1+2) src/quoted.c',
  '-c -trigraphs src/trigraph.c',
  '-c -std=c99 src/trigraph.c',
  '-c -nostdinc -Isrc -DNO src/utf8.c',
  '-c -H -std=c99 src/trigraph.c',
  // Languages.
  '-c -x c src/foo.x',
  '-c -xc src/foo.x -x none -o obj/foo.o',
  '-c src/ready.i',
  '-c -x cpp-output src/ready.i -o obj/r.o',
  // Options of the compiler.
  '-c -O2 -fPIC -pthread -fno-common -funsigned-char -Wall -Wextra src/a.c',
  '-c -O2 -g3 -ffunction-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2 src/a.c',
  '-c -frandom-seed=src/a.c -g -O1 src/a.c -o obj/a.o',
  '-c -fdebug-prefix-map=src=elsewhere -g src/a.c',
  '-c -Wa,--noexecstack -pipe src/a.c',
  '-c -ansi -pedantic src/trigraph.c',
  '-c -m64 -march=x86-64 -mtune=generic -fcf-protection src/a.c',
  '-c @obj/response',
  // Diagnostics: of the options, of the preprocessor, of the compiler, of each once.
  '-c -Wall -Wextra -Wunused-macros src/warned.c',
  '-c -Wall src/trigraph.c',
  '-c -fno-rtti -Wnon-virtual-dtor -Wno-unheard-of -Wall src/warned.c',
];

const GCC_COMMANDS = [
  '-c -finput-charset=latin1 src/latin.c',
  '-c -fexec-charset=latin1 src/utf8.c',
  '-c -fwide-exec-charset=UTF-16LE src/utf8.c',
  '-c -traditional-cpp src/traditional.c',
  '-c -fmacro-prefix-map=src=elsewhere src/a.c',
  '-c -ffile-prefix-map=src=elsewhere -g src/a.c',
  '-c -MD -MMD src/a.c -o obj/a.o',
  '-c --param max-inline-insns-single=200 -O2 src/a.c',
  '-c -ftrack-macro-expansion=0 -O2 src/a.c',
  '-c -Xpreprocessor -DEXTRA=9 src/a.c',
  '-c -lm -Lobj -Wl,-x -Xlinker -x -T script -u symbol -z now -e main -static -s src/a.c',
];

const CLANG_COMMANDS = [
  '-c -Wfoo-bar -Wall src/trigraph.c',
  '-c -shared -rdynamic -lm -Wall src/warned.c',
  '-c -mllvm -inline-threshold=10 -O2 src/a.c',
  '-c -target x86_64-linux-gnu src/a.c',
  '-c --target=x86_64-linux-gnu src/a.c',
  '-c -Xclang -fno-builtin src/a.c',
  '-c -cxx-isystem inc -Iinc -isysroot / src/a.c',
];

const CXX_COMMANDS = [
  '-c src/b.cc',
  '-c -MMD -O2 -std=c++17 -g src/b.cc -o obj/b.o',
  '-c -MD src/b.CPP',
  '-c src/a.c -O1',
  '-c -x c++ src/foo.x',
  '-c -MD -xc++ src/noext -o obj/n.o',
  '-S -O2 -fno-exceptions -fno-rtti src/b.cc',
  '-c -Wall -Wextra -Winvalid-pch -nostdinc++ src/b.cc',
];

writeFileSync(path.join(here, 'obj', 'response'), `-O2 -DEXTRA="1 +"\\ 2 'src/a.c'\n`);
// A target may be written only where a direct compile wrote it.
cpSync(path.join(here, 'src', 'h.h'), path.join(here, 'h.h'));
cpSync(path.join(here, 'src', 'other.h'), path.join(here, 'other.h'));

function isInstalled(compiler: string): boolean {
  return run([compiler, '--version'], work).status === 0;
}

const SUITES: Readonly<Record<string, readonly string[]>> = {
  gcc: [...C_COMMANDS, ...GCC_COMMANDS],
  'g++': CXX_COMMANDS,
  clang: [...C_COMMANDS, ...CLANG_COMMANDS],
  'clang++': CXX_COMMANDS,
};

for (const [compiler, commands] of Object.entries(SUITES)) {
  test(
    `what ${compiler} makes in two steps is what it makes in one`,
    {
      skip: isInstalled(compiler) ? false : `${compiler} is not installed`,
    },
    async (context) => {
      for (const command of commands) {
        const words = command.split(' ').map((word) => word.replaceAll(/_(?!FORTIFY|SOURCE|64)/g, ' '));
        await context.test(`${compiler} ${command}`, () => compare([compiler, ...words]));
      }
    },
  );
}
