import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsOf } from './native-flags.ts';

test('what gcc’s driver makes of native', () => {
  const said = [
    'Using built-in specs.',
    ' /usr/lib/gcc/x86_64-linux-gnu/12/cc1 -E -quiet -v -imultiarch x86_64-linux-gnu /dev/null -march=znver3 -mmmx -mno-fma4 --param l1-cache-size=48 -mtune=znver3 -fasynchronous-unwind-tables -dumpbase null',
    'ignoring nonexistent directory',
  ].join('\n');
  assert.deepEqual(flagsOf(said), [
    '-march=znver3',
    '-mmmx',
    '-mno-fma4',
    '--param',
    'l1-cache-size=48',
    '-mtune=znver3',
  ]);
});

test('what clang’s does', () => {
  const said = ` "/usr/lib/llvm-14/bin/clang" "-cc1" "-triple" "x" "-mrelocation-model" "pic" "-target-cpu" "znver3" "-target-feature" "+avx2" "-target-feature" "-xop"\n`;
  assert.deepEqual(flagsOf(said), ['-march=znver3', '-mavx2', '-mno-xop']);
  const bare =
    ' "/usr/lib/llvm-14/bin/clang" -cc1 -triple x -mrelocation-model pic -target-cpu znver3 -target-feature +avx2 -target-feature -xop\n';
  assert.deepEqual(flagsOf(bare), ['-march=znver3', '-mavx2', '-mno-xop']);
});

test('of a compiler that says nothing of the kind nothing is known', () => {
  assert.deepEqual(flagsOf('cc1: error\n'), []);
});
