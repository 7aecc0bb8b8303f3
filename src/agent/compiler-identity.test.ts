import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fullCompilerName } from './compiler-identity.ts';

const root = mkdtempSync(path.join(tmpdir(), 'compiler-identity-test-'));
after(() => rmSync(root, { recursive: true }));

/** A directory of programs; `name -> target` is a link, `name = target` the same file. */
function makeBin(name: string, ...entries: readonly string[]): string {
  const directory = path.join(root, name);
  mkdirSync(directory);
  for (const entry of entries) {
    const [own = '', how, target = ''] = entry.split(' ');
    const file = path.join(directory, own);
    if (how === '->') symlinkSync(target, file);
    else if (how === '=') linkSync(path.join(directory, target), file);
    else writeFileSync(file, '', { mode: 0o755 });
  }
  return directory;
}

function nameOf(directory: string, typed: string, searchPath = directory): string {
  return fullCompilerName({ typed, compiler: path.join(directory, typed), searchPath });
}

test('fullCompilerName() finds the name with the target, as distributions lay it out', () => {
  const debian = makeBin(
    'debian',
    'x86_64-linux-gnu-gcc-12',
    'x86_64-linux-gnu-gcc -> x86_64-linux-gnu-gcc-12',
    'gcc-12 -> x86_64-linux-gnu-gcc-12',
    'gcc -> gcc-12',
    'x86_64-linux-gnu-g++-12',
    'x86_64-linux-gnu-g++ -> x86_64-linux-gnu-g++-12',
    'g++ -> x86_64-linux-gnu-g++',
    'cc -> gcc',
    'c++ -> ../debian/g++',
    'c99-gcc',
    'aarch64-linux-gnu-gcc',
  );
  const arch = makeBin('arch', 'gcc', 'x86_64-pc-linux-gnu-gcc = gcc', 'cc -> gcc', 'g++', 'c++ = g++');
  const cases: readonly [directory: string, typed: string, name: string][] = [
    [debian, 'gcc', 'x86_64-linux-gnu-gcc'],
    [debian, 'gcc-12', 'x86_64-linux-gnu-gcc-12'],
    [debian, 'g++', 'x86_64-linux-gnu-g++'],
    [debian, 'cc', 'x86_64-linux-gnu-gcc'],
    [debian, 'c++', 'x86_64-linux-gnu-g++'],
    [debian, 'aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-gcc'],
    [arch, 'gcc', 'x86_64-pc-linux-gnu-gcc'],
    [arch, 'cc', 'x86_64-pc-linux-gnu-gcc'],
    [arch, 'c++', 'g++'],
  ];
  for (const [directory, typed, name] of cases) assert.equal(nameOf(directory, typed), name, typed);
  assert.equal(nameOf(debian, '/usr/bin/gcc'), '/usr/bin/gcc', 'a path stays a path');
});

test('fullCompilerName() takes cc for clang where it is one', () => {
  const bin = makeBin('clang-bin', 'clang-14', 'clang -> clang-14', 'clang++ -> clang-14', 'cc -> clang');
  symlinkSync('clang++', path.join(bin, 'c++'));
  assert.equal(nameOf(bin, 'cc'), 'clang');
  assert.equal(nameOf(bin, 'c++'), 'clang++');
  assert.equal(nameOf(bin, 'clang'), 'clang');
});

test('fullCompilerName() takes no other compiler for this one', () => {
  const other = makeBin('other', 'gcc', 'x86_64-linux-gnu-gcc');
  assert.equal(nameOf(other, 'gcc'), 'gcc', 'another file');
  const wrapper = makeBin('wrapper', 'gcc', 'arm-none-eabi-gcc = gcc', 'x86_64-pc-linux-gnu-gcc = gcc');
  assert.equal(nameOf(wrapper, 'gcc'), 'gcc', 'one file for several targets');
});

test('fullCompilerName() looks behind ccache', () => {
  const ccache = makeBin('ccache', 'ccache', 'gcc -> ccache', 'riscv64-linux-gnu-gcc -> ccache');
  const real = makeBin('real', 'gcc', 'x86_64-linux-gnu-gcc = gcc');
  assert.equal(nameOf(ccache, 'gcc', `${ccache}:${real}`), 'x86_64-linux-gnu-gcc');
  assert.equal(nameOf(ccache, 'gcc'), 'gcc');
});

test('fullCompilerName() sees what was installed since', () => {
  const bin = makeBin('growing', 'gcc');
  assert.equal(nameOf(bin, 'gcc'), 'gcc');
  linkSync(path.join(bin, 'gcc'), path.join(bin, 'x86_64-linux-gnu-gcc'));
  assert.equal(nameOf(bin, 'gcc'), 'x86_64-linux-gnu-gcc');
});

test('fullCompilerName() passes over names that lead nowhere', () => {
  const odd = makeBin('odd', 'gcc', 'a-b-c-gcc -> a-b-c-gcc', 'x86_64-linux-gnu-gcc -> /no/such/file');
  assert.equal(nameOf(odd, 'gcc'), 'gcc');
});
