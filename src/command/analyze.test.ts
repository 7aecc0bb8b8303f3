import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CompileCommand } from './compile-command.ts';
import type { StaysLocal } from './stay-reason.ts';
import { analyze } from './analyze.ts';
import { remoteArgv } from './rewrite.ts';

const FILES: Readonly<Record<string, string>> = {
  plain: '-c a.c -O2',
  native: '-O2\n-march=native',
  nested: '@plain -DX="a b"',
  loop: '@loop',
  quotes: `'-DA=\\' -c`,
  huge: 'x '.repeat(200_000),
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

test('analyze() gives the reason why a command stays', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'not-a-compile': [
      'gcc --version',
      'gcc -dumpversion',
      'gcc -print-search-dirs',
      'gcc -fsyntax-only -c a.c',
    ],
    links: ['gcc a.c', 'gcc a.o', 'gcc -c a.c b.o', 'gcc -o a a.c'],
    'preprocess-only': ['gcc -E a.c', 'gcc -c -E a.c'],
    'dependencies-only': ['gcc -M a.c', 'gcc -MM -c a.c', 'gcc -c -MD -MG a.c'],
    'dependency-options': ['gcc -c -MF x.d a.c', 'gcc -c -MP a.c', 'gcc -c -MT t a.c'],
    'no-source': ['gcc -c', 'gcc', 'gcc -c -I a.c'],
    'several-sources': ['gcc -c a.c b.c'],
    'standard-input': ['gcc -c -x c -', 'gcc -v -E -'.replace('-v -E ', '-c ')],
    'standard-output': ['gcc -S a.c -o -', 'gcc -c a.c -o-', 'gcc -c -MD -MF - a.c'],
    'output-special': ['gcc -c a.c -o /dev/null', 'gcc -c a.c -o b.c', 'gcc -c -MD -MF /dev/stdout a.c'],
    'several-outputs': [
      'gcc -c a.c -o b.o -o c.o',
      'gcc -c -MD -MF x -MF y a.c',
      'gcc -c -MD -Wp,-MD,x a.c',
      'gcc -c -MD -MF a.o a.c',
    ],
    'several-modes': ['gcc -c -S a.c'],
    'configure-probe': ['gcc -c conftest.c', 'gcc -c tmp/tmp.conftest.cc'],
    'unknown-language': [
      'gcc -c a.f',
      'gcc -c a',
      'gcc -c -x ada a.c',
      'g++ -c a.i',
      'g++ -c -x c a.c',
      'gcc -c -x c .c',
      'gcc -unknown a.c operand -c',
    ],
    assembler: ['gcc -c a.s', 'gcc -c a.S', 'gcc -c -x assembler a.c', 'gcc -c -xassembler-with-cpp a.c'],
    'assembler-listing': [
      'gcc -c -Wa,-adhln=a.lst a.c',
      'gcc -c -Wa,-x,--MD,f a.c',
      'gcc -c -Xassembler -al a.c',
    ],
    'native-flag': [
      'gcc -march=native -c a.c',
      'gcc -mtune=native -c a.c',
      'gcc -mcpu=native+crypto -c a.c',
      'gcc @native -c a.c',
      'gcc -Wa,-march=native -c a.c',
      'clang -Xclang -target-cpu -Xclang native -c a.c'.replace('-target-cpu -Xclang ', ''),
    ],
    'extra-outputs': [
      'gcc -gsplit-dwarf -c a.c',
      'gcc -fstack-usage -c a.c',
      'gcc -save-temps=obj -c a.c',
      'clang -ftime-trace -c a.c',
      'gcc -fdump-tree-all -c a.c',
      'gcc -da -c a.c',
      'gcc -dM -c a.c',
      'gcc -dumpbase x -c a.c',
      'gcc -aux-info x.c -c a.c',
      'clang -MJ x.json -c a.c',
      'clang --serialize-diagnostics x -c a.c',
      'clang -emit-llvm -c a.c',
    ],
    coverage: ['gcc --coverage -c a.c', 'gcc -fprofile-arcs -c a.c', 'gcc -fprofile-generate=x -c a.c'],
    'profile-feedback': ['gcc -fprofile-use -c a.c', 'clang -fprofile-instr-use=x -c a.c'],
    'names-a-file': ['clang -fsanitize-ignorelist=x -c a.c', 'gcc -funheard-of=a/b -c a.c'],
    plugin: ['gcc -fplugin=x.so -c a.c', 'gcc -fplugin-arg-x-y -c a.c'],
    specs: ['gcc -specs=x -c a.c', 'clang --config x -c a.c'],
    'other-programs': ['gcc -wrapper gdb,--args -c a.c', 'gcc -B. -c a.c', 'clang --driver-mode=g++ -c a.c'],
    modules: ['gcc -fmodules-ts -c a.cc', 'clang -fmodules -c a.c', 'clang -fmodule-file=x -c a.c'],
    'precompiled-header': ['gcc -c a.h', 'gcc -c -x c++-header a.c', 'clang -include-pch x -c a.c'],
    'path-mapping': ['clang -fmacro-prefix-map=a=b -c a.c', 'cc -ffile-prefix-map=a=b -c a.c'],
    'several-architectures': ['clang -arch arm64 -c a.c'],
    'records-command': ['gcc -frecord-gcc-switches -c a.c', 'gcc -fverbose-asm -S a.c'],
    'prints-progress': ['gcc -v -c a.c', 'gcc -### -c a.c', 'gcc -ftime-report -c a.c'],
    'preprocessor-mode': ['gcc -C -c a.c', 'gcc -P -c a.c', 'gcc -fdirectives-only -c a.c', 'gcc -I- -c a.c'],
    'preprocessor-words': [
      'gcc -Wp,-lang-asm -c a.c',
      'gcc -Wp,-MD,x,-MP -c a.c',
      'gcc -Wp,-MD -c a.c',
      'gcc -Xpreprocessor -MD -c a.c',
      'gcc -Xpreprocessor -MD,x -c a.c',
      'cc -c -Wp,-MD,x.d a.c -o obj/a.o',
    ],
    'front-end-words': ['clang -Xclang -load -c a.c', 'clang -Xclang x.pch -c a.c'],
    'unknown-option': ['gcc --unheard-of -c a.c', 'gcc -- -c a.c'],
    'missing-operand': ['gcc -c a.c -o', 'gcc -c a.c -MF', 'gcc -c a.c -include'],
    'response-file': ['gcc @absent', 'gcc @loop', 'gcc @quotes', 'gcc @huge'],
    'preprocessed-dependencies': ['gcc -MD -c a.i'],
  };
  for (const [reason, lines] of Object.entries(cases)) {
    for (const line of lines) {
      const result = read(line);
      assert.equal(result.kind === 'stays-local' ? result.reason : 'compile', reason, line);
    }
  }
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
