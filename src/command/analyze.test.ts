import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CompileCommand } from './compile-command.ts';
import type { StaysLocal } from './stay-reason.ts';
import { analyze } from './analyze.ts';
import { remoteArgv } from './rewrite.ts';

const FILES: Readonly<Record<string, string>> = {
  plain: '-c a.c -O2',
  nested: '@plain -DX="a b"',
};

function read(line: string, environment: Readonly<Record<string, string>> = {}): CompileCommand | StaysLocal {
  return analyze(line.split(' '), {
    environment: new Map(Object.entries(environment)),
    readText: (path) => FILES[path],
  });
}

function understand(line: string): CompileCommand {
  const command = read(line);
  assert.equal(command.kind, 'compile', `${line}: ${JSON.stringify(command)}`);
  return command;
}

test('analyze() names the source, the output and what is made', () => {
  const cases: readonly [string, Partial<CompileCommand>][] = [
    ['gcc -c a.c', { source: 'a.c', output: 'a.o', makes: 'object', language: 'c', outputIsExplicit: false }],
    ['gcc -S dir/a.c', { source: 'dir/a.c', output: 'a.s', makes: 'assembly' }],
    ['gcc -c a.b.c', { output: 'a.b.o' }],
    ['gcc -o x.o -c a.c', { output: 'x.o', outputIsExplicit: true, sourceIndex: 4 }],
    ['gcc -ox.o -c a.c', { output: 'x.o', outputIsExplicit: true }],
    ['gcc -c -x c++ a', { source: 'a', output: 'a.o', language: 'c++' }],
    ['gcc -c -xc++ a.c', { language: 'c++' }],
    ['gcc -c a.c -x c++', { language: 'c' }],
    ['gcc -c -x c++ -x none a.c', { language: 'c' }],
    ['g++ -c a.c', { language: 'c++' }],
    ['x86_64-linux-gnu-g++-12 -c a.c', { language: 'c++', family: 'gcc' }],
    ['/usr/bin/clang++-14 -c a.cc', { language: 'c++', family: 'clang' }],
    ['cc -c a.c', { family: 'unknown' }],
    ['gcc -c a.C', { language: 'c++' }],
    ['gcc -c a.CPP', { language: 'c++' }],
    ['gcc -c a.m', { language: 'objective-c', isPreprocessed: false }],
    ['gcc -c a.mii', { language: 'objective-c++', isPreprocessed: true }],
    ['gcc -c a.i', { isPreprocessed: true }],
    ['gcc -c -x c a.i', { isPreprocessed: false }],
    ['gcc -c -x cpp-output a.x', { isPreprocessed: true }],
    ['gcc @plain -DY', { source: 'a.c', output: 'a.o' }],
    ['gcc @nested', { source: 'a.c' }],
    // Operands are not sources, nor options.
    ['gcc -c -include b.c a.c', { source: 'a.c' }],
    ['gcc -c -I b.c -isystem c.c -iquote d.c -D e.c a.c', { source: 'a.c' }],
    ['gcc -c -MMD -MF f.c.d -MT b.c a.c', { source: 'a.c' }],
    ['gcc -c -D -E -I -march=native a.c', { source: 'a.c' }],
    ['gcc -c --param x=1 -G 0 -u b.c -L c.c a.c', { source: 'a.c' }],
    ['clang -c -Xclang -fno-builtin -mllvm b -target c a.c', { source: 'a.c' }],
  ];
  for (const [line, expected] of cases) {
    const command = understand(line);
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(command[name as keyof CompileCommand], value, `${line}: ${name}`);
    }
  }
});

test('analyze() finds the dependency file where a compile here would put it', () => {
  const cases: readonly [string, CompileCommand['dependencies']][] = [
    ['gcc -c a.c', undefined],
    ['gcc -c -MD d/a.c', { file: 'a.d', targetIsExplicit: false }],
    ['gcc -c -MMD a.c -o obj/a.o', { file: 'obj/a.d', targetIsExplicit: false, impliedTarget: 'obj/a.o' }],
    ['gcc -c -MMD a.c -o a.o', { file: 'a.d', targetIsExplicit: false }],
    ['gcc -c -MMD a.c -o o.d/a', { file: 'o.d/a.d', targetIsExplicit: false, impliedTarget: 'o.d/a' }],
    ['gcc -c -MMD -MFx.d -MT t a.c -o obj/a.o', { file: 'x.d', targetIsExplicit: true }],
    ['gcc -c -Wp,-MD,x.d a.c -o obj/a.o', { file: 'x.d', targetIsExplicit: false }],
    [
      'clang -c -Wp,-MD,x.d a.c -o obj/a.o',
      { file: 'x.d', targetIsExplicit: false, impliedTarget: 'obj/a.o' },
    ],
    ['cc -c -Wp,-MD,x.d a.c -o a.o', { file: 'x.d', targetIsExplicit: false }],
  ];
  for (const [line, expected] of cases) assert.deepEqual(understand(line).dependencies, expected, line);
});

test('analyze() sends what only looks dangerous', () => {
  const lines = [
    'gcc -c -DARCH=native a.c',
    'gcc -c -Wa,--noexecstack,--defsym,x=1 a.c',
    'gcc -c -flto -frandom-seed=a/b.c a.c',
    'gcc -c -Wno-error=foo -Wl,-z,now -lm -L/usr/lib -pipe a.c',
    'gcc -c -Wp,-D_FORTIFY_SOURCE=2 a.c',
    'gcc -c -march=x86-64 -mtune=generic -std=gnu11 --sysroot=/x a.c',
    'gcc -c -ffile-prefix-map=/a/b=. a.c',
    'gcc -c /dev/shm/a.c -o /dev/shm/a.o',
  ];
  for (const line of lines) understand(line);
});

test('analyze() lets the caller say the family of a compiler', () => {
  const options = { environment: new Map<string, string>(), readText: () => undefined };
  const argv = ['cc', '-ffile-prefix-map=/a=b', '-c', 'a.c'];
  assert.equal(analyze(argv, { ...options, family: 'gcc' }).kind, 'compile');
  assert.equal(analyze(argv, { ...options, family: 'clang' }).kind, 'stays-local');
});

test('analyze() stays for variables that make the compiler do more', () => {
  for (const name of [
    'DEPENDENCIES_OUTPUT',
    'SUNPRO_DEPENDENCIES',
    'COMPILER_PATH',
    'GCC_NEW',
    'CCC_X',
    'COLLECT_GCC',
  ]) {
    assert.equal(read('gcc -c a.c', { [name]: '' }).kind, 'stays-local', name);
  }
  for (const name of [
    'GCC_COLORS',
    'CPATH',
    'C_INCLUDE_PATH',
    'SOURCE_DATE_EPOCH',
    'PATH',
    'CCACHE_DIR',
    'XGCC_',
  ]) {
    assert.equal(read('gcc -c a.c', { [name]: 'x' }).kind, 'compile', name);
  }
});

const word = fc.oneof(
  fc.constantFrom(
    '-c',
    '-S',
    '-o',
    '-x',
    'c',
    'c++',
    'none',
    '-MD',
    '-MMD',
    '-MF',
    '-MT',
    '-MP',
    '-Wp,-MD,x.d',
    '-Wp,',
    '-Wa,',
    '-Xclang',
    '-D',
    '-DX',
    '-I',
    '-Iinc',
    '-include',
    'a.c',
    'b.cc',
    'a.i',
    'a.o',
    '-',
    '@plain',
    '@absent',
    '-g',
    '-O2',
    '-frandom-seed=x.c',
    '-l',
    '-lm',
    '-ox',
    '-xc',
    '-march=native',
    '-E',
    '-Wp,-DX',
    '--param',
    'x.x',
  ),
  fc.string(),
  fc.string().map((text) => `-${text}`),
);

test('analyze() never throws, and what it sends is a compile of the same output', () => {
  let compiles = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('gcc', 'g++', 'cc', 'clang', ''),
      fc.array(word, { maxLength: 6 }),
      (compiler, extra) => {
        const words = extra.length % 2 === 0 ? extra : ['-c', ...extra, 'a.c'];
        const options = { environment: new Map<string, string>(), readText: (path: string) => FILES[path] };
        const command = analyze([compiler, ...words], options);
        if (command.kind === 'stays-local') return;
        compiles++;
        const sent = analyze(remoteArgv(command), options);
        assert.equal(sent.kind, 'compile', JSON.stringify(sent));
        assert.equal(sent.output, command.output);
        assert.equal(sent.makes, command.makes);
        assert.equal(sent.language, command.language);
        assert.equal(sent.dependencies, undefined);
        assert.deepEqual(remoteArgv(sent), remoteArgv(command));
      },
    ),
    { numRuns: 20_000, seed: 1 },
  );
  assert.ok(compiles > 100, `${compiles} of the random commands were compiles`);
});
