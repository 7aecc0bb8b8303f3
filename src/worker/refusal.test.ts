import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refusalOf } from './refusal.ts';

const compile = (...more: string[]): string[] => ['gcc', '-c', 'a.c', ...more, '-o', 'a.o'];

test('refusalOf() lets through what builds ask for', () => {
  const lines = `-O2 -g -g3 -ggdb -gdwarf-4 -std=gnu11 -Wall -Werror=return-type -Wno-unused -pedantic -fPIC -fpic
    -fno-strict-aliasing -fvisibility=hidden -fstack-protector-strong -fcf-protection=none -fsanitize=address
    -march=x86-64-v2 -mtune=generic -mcpu=power8 -msse4.2 -m32 -mno-red-zone -pthread -pipe -fopenmp -flto
    -flto=auto -ffunction-sections -fdiagnostics-color=always -fmax-errors=3 -frandom-seed=a -DX=1 -D_GNU_SOURCE
    -I/usr/include -I. -Iinc -isystem/x -Wa,--noexecstack -Wa,-mbranches
    -Wp,-D_FORTIFY_SOURCE=2 -ffile-prefix-map=/a=/b -fdebug-prefix-map=/a=/b -fdebug-compilation-dir=. -S -dA -dp
    --param=x=1 --sysroot=/x --std=c11 -xc -nostdinc -fopt-info -fdiagnostics-format=text -Qunused-arguments
    -fno-integrated-as -rdynamic -fmessage-length=0 -v -w -x -faligned-new -Og -P`;
  const options = lines.split(/\s+/).filter((option) => option !== '-x');
  for (const option of options) assert.equal(refusalOf(compile(option)), undefined, option);
});

test('refusalOf() lets through options with their operands', () => {
  const pairs = [
    ['-x', 'c++'],
    ['-x', 'assembler-with-cpp'],
    ['-D', 'X'],
    ['-include', 'other.c'],
    ['-isystem', 'd.c'],
    ['-Xassembler', '--noexecstack'],
    ['-Xclang', '-fcolor-diagnostics'],
    ['-Xclang', '-disable-llvm-passes'],
    ['-mllvm', '-inline-threshold=225'],
    ['--param', 'ggc-min-expand=1'],
    ['-target', 'x86_64-linux-gnu'],
    ['-fdebug-compilation-dir', '/x'],
    ['-L', '/x'],
  ];
  for (const pair of pairs) assert.equal(refusalOf(compile(...pair)), undefined, pair.join(' '));
});

test('refusalOf() refuses what runs other code, however it is spelled', () => {
  const lines = [
    '-fplugin=x.so',
    '-Wl,-plugin,/tmp/x.so',
    '-Xlinker -plugin',
    '-R -c',
    '-Tdata -c',
    '-h -c',
    '-undefined -o',
    '-isystem-after -o',
    '-embed-dir -o',
    '-fplugin=/tmp/x.so',
    '-fplugin-arg-x-y=z',
    '-fpass-plugin=x.so',
    '-Xclang -load -Xclang x.so',
    '-Xclang -fplugin=x.so',
    '-Xclang -add-plugin -Xclang x',
    '-Xclang x.so',
    '-specs=x',
    '-specs x',
    '--specs=x',
    '-wrapper x,y',
    '-B/tmp',
    '-B /tmp',
    '--prefix=/tmp',
    '@/tmp/options',
    '-fmodule-mapper=|sh',
    '-fmodules',
    '-fcompare-debug=-fplugin=x.so',
    '-iplugindir=/tmp',
    '-gcc-toolchain /tmp',
    '--gcc-toolchain=/tmp',
    '--config=x',
    '--config x',
    '-ccc-gcc-name x',
    '-cc1',
    '-cc1as',
    '-Xarch_host -load',
    '-Xcompiler x',
    '-ccbin x',
    '-T -fplugin=x.so',
    '-rpath -fplugin=x.so',
    '-mllvm -load=x.so',
    '-Xopenmp-target -load',
  ];
  for (const line of lines) assert.match(refusalOf(compile(...line.split(' '))) ?? '', /./, line);
});

test('refusalOf() refuses what writes other files than the output', () => {
  const lines = [
    '-save-temps',
    '-save-temps=obj',
    '--save-temps',
    '-dumpdir /tmp/',
    '-dumpbase x',
    '-aux-info /tmp/x',
    '-fdump-tree-all',
    '-fdump-tree-optimized=/tmp/x',
    '-fdump-go-spec=/tmp/x',
    '-da',
    '-fopt-info-all=/tmp/x',
    '-ftime-trace=/tmp/x',
    '-fstack-usage',
    '-gsplit-dwarf',
    '-fdiagnostics-format=sarif-file',
    '-fdiagnostics-add-output=sarif:file=/tmp/x',
    '-MD',
    '-MMD',
    '-MF /tmp/x',
    '-MF/tmp/x',
    '-MJ x',
    '-Wp,-MD,/tmp/x',
    '-Wp,-o,/tmp/x',
    '-Xpreprocessor -o',
    '-Wa,-a=/tmp/x',
    '-Wa,-ahls=/tmp/x',
    '-Wa,--MD,/tmp/x',
    '-Wa,-o,/tmp/x',
    '-Wa,-o/tmp/x',
    '-Wa,@/tmp/x',
    '-Xassembler -o',
    '-time=/tmp/x',
    '--coverage',
    '-ftest-coverage',
    '-fsave-optimization-record',
    '-foptimization-record-file=/tmp/x',
    '-serialize-diagnostics /tmp/x',
    '--serialize-diagnostics /tmp/x',
    '-index-store-path /tmp/x',
    '-mllvm -info-output-file=/tmp/x',
    '-mllvm -stats-file=x',
    '-working-directory /tmp',
    '-o /tmp/x',
    '-o/tmp/x',
    '--output=/tmp/x',
    '--output /tmp/x',
  ];
  for (const line of lines) assert.match(refusalOf(compile(...line.split(' '))) ?? '', /./, line);
});

test('refusalOf() refuses what depends on files or machines that are elsewhere', () => {
  for (const option of [
    '-fprofile-use',
    '-fprofile-use=x',
    '-fauto-profile=x',
    '-march=native',
    '-mcpu=native',
  ]) {
    assert.match(refusalOf(compile(option)) ?? '', /./, option);
  }
});

test('refusalOf() refuses all but one source and one output', () => {
  const commands = [
    ['gcc', 'a.c', '-o', 'a'],
    ['gcc', '-c', 'a.c', 'b.c', '-o', 'a.o'],
    ['gcc', '-c', '-o', 'a.o'],
    ['gcc', '-c', 'a.c', '-o'],
    ['gcc', '-c', '-x', 'c', '/etc/passwd', 'a.c', '-o', 'a.o'],
    ['gcc', '-c', '-x', 'c', '-', '-o', 'a.o'],
    ['gcc', '-c', 'a.s', '-o', 'a.o'],
    ['gcc', '-E', 'a.c'],
    ['gcc', '-c', '-fsyntax-only', 'a.c'],
    ['gcc', '-c', '-xgo', 'a.c', '-o', 'a.o'],
    ['gcc', '-c', '-x', 'lto', 'a.c', '-o', 'a.o'],
    ['gcc', '-c', 'a.c', '-o', 'a\0.o'],
    ['gcc'],
  ];
  for (const command of commands) assert.match(refusalOf(command) ?? '', /./, command.join(' '));
});

test('refusalOf() refuses what the runner could not be told', () => {
  assert.match(refusalOf(compile('-DX'.repeat(2 << 20))) ?? '', /too long/);
  assert.match(
    refusalOf(['gcc', '-c', 'a.c', ...Array.from({ length: 900_000 }, () => '-w')]) ?? '',
    /too long/,
  );
});

test('refusalOf() takes an object beside the source for the linker’s', () => {
  assert.equal(refusalOf(['gcc', '-c', 'a.c', 'b.o', '-o', 'a.o']), undefined);
});

test('refusalOf() lets dependencies be asked for with a tree only', () => {
  for (const words of ['-MD', '-MMD -MP', '-MF a.d', '-MFa.d', '-MT a.o -MQ b.o', '-MMD -MT $(x)/a.o']) {
    const command = compile(...words.split(' '));
    assert.equal(refusalOf(command, 'tree'), undefined, words);
    assert.match(refusalOf(command, 'text') ?? '', /other files/);
  }
  for (const words of [
    '-M',
    '-MM',
    '-MG',
    '-MJ x',
    '-MT -fplugin=x',
    '-MF -o',
    '-fplugin=x',
    '-dD -save-temps',
  ]) {
    assert.match(refusalOf(compile(...words.split(' ')), 'tree') ?? '', /not allowed/, words);
  }
});
