import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from './analyze.ts';
import { STAY_REASONS } from './stay-reason.ts';

const FILES: Readonly<Record<string, string>> = {
  native: '-O2\n-march=native',
  loop: '@loop',
  quotes: `'-DA=\\' -c`,
  huge: 'x '.repeat(200_000),
};

function reasonFor(line: string, environment: Readonly<Record<string, string>> = {}): string {
  const result = analyze(line.split(' '), {
    environment: new Map(Object.entries(environment)),
    readText: (path) => FILES[path],
  });
  return result.kind === 'stays-local' ? result.reason : 'none';
}

test('analyze() gives the reason why a command stays', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'not-a-compile': [
      'gcc --version',
      'gcc -dumpversion',
      'gcc -print-search-dirs',
      'gcc -fsyntax-only -c a.c',
    ],
    'other-tool': [
      'gfortran -c a.c',
      'x86_64-linux-gnu-gfortran-12 -c a.c',
      '/usr/bin/nvcc -c a.c',
      'rustc --crate-name a a.rs',
      'ld -o a a.o',
      'as -o a.o a.s',
      'gcc-ar rcs a.a a.o',
    ],
    links: ['gcc a.c', 'gcc a.o', 'gcc -c a.c b.o', 'gcc -o a a.c'],
    'preprocess-only': ['gcc -E a.c', 'gcc -c -E a.c'],
    'dependencies-only': ['gcc -M a.c', 'gcc -MM -c a.c', 'gcc -c -MD -MG a.c'],
    'dependency-options': ['gcc -c -MF x.d a.c', 'gcc -c -MP a.c', 'gcc -c -MT t a.c'],
    'no-source': ['gcc -c', 'gcc', 'gcc -c -I a.c'],
    'several-sources': ['gcc -c a.c b.c'],
    'standard-input': ['gcc -c -x c -', 'gcc -c -'],
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
      'clang -Xclang native -c a.c',
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
      assert.equal(reasonFor(line), reason, line);
    }
  }
  assert.equal(reasonFor('gcc -c a.c', { GCC_COMPARE_DEBUG: '1' }), 'environment');
  assert.deepEqual([...Object.keys(cases), 'environment'].sort(), Object.keys(STAY_REASONS).sort());
});
