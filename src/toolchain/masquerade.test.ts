import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findCompilers, findTarget, linkTextFor, updateMasquerade } from './masquerade.ts';

const LINK = '../../bin/distcc';
let root: string;
let bin: string;
let directory: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'masquerade-'));
  bin = path.join(root, 'bin');
  directory = path.join(root, 'lib', 'distcc');
  mkdirSync(bin);
});
afterEach(() => rmSync(root, { recursive: true }));

function install(...names: readonly string[]): void {
  for (const name of names) writeFileSync(path.join(bin, name), '', { mode: 0o755 });
}

const COMPILERS = [
  'cc',
  'c++',
  'c89',
  'c99',
  'c89-gcc',
  'c99-gcc',
  'gcc',
  'g++',
  'gcc-12',
  'g++-13.2.1',
  'clang',
  'clang++',
  'clang-14',
  'clang++-14',
  'x86_64-linux-gnu-gcc-12',
  'x86_64-pc-linux-gnu-g++',
  'aarch64-unknown-linux-gnu-gcc',
  'arm-none-eabi-c++',
  'avr-gcc',
  'x86_64-w64-mingw32-gcc-12-posix',
  'i686-w64-mingw32-g++-win32',
];
const OTHERS = [
  'ccache',
  'gcc-ar',
  'gcc-12-nm',
  'x86_64-linux-gnu-gcc-ranlib',
  'clang-format',
  'clang-cl',
  'clangd',
  'clang++-',
  'gcc-',
  'xgcc',
  'cpp',
  'gccgo',
  'gfortran',
  'nvcc',
  'rustc',
  'c89-',
  'GCC',
];

test('findCompilers() knows compilers by their names', () => {
  install(...COMPILERS, ...OTHERS);
  assert.deepEqual(findCompilers([bin, path.join(root, 'none')]), [...COMPILERS].sort());
});

test('findCompilers() passes over what cannot be run, and what calls a compiler', () => {
  install('gcc', 'ccache', 'distcc');
  writeFileSync(path.join(bin, 'gcc-11'), '', { mode: 0o644 });
  mkdirSync(path.join(bin, 'gcc-10'));
  symlinkSync('gcc', path.join(bin, 'cc'));
  symlinkSync('ccache', path.join(bin, 'g++'));
  symlinkSync('distcc', path.join(bin, 'c++'));
  symlinkSync('none', path.join(bin, 'c99'));
  assert.deepEqual(findCompilers([bin, bin]), ['cc', 'gcc']);
});

test('findTarget() is what stands before the compiler', () => {
  assert.equal(findTarget('gcc-12'), undefined);
  assert.equal(findTarget('c99-gcc'), undefined);
  assert.equal(findTarget('arm-none-eabi-gcc-12'), 'arm-none-eabi');
  assert.equal(findTarget('avr-g++'), 'avr');
});

test('linkTextFor() is relative within one prefix', () => {
  const launcher = '/opt/manyhands/bin/distcc';
  assert.equal(linkTextFor('/usr/lib/distcc', launcher), LINK);
  assert.equal(linkTextFor('/lib/distcc', launcher), LINK, 'not by where the caller stands');
  assert.equal(linkTextFor('/stage/usr/lib64/distcc', launcher), LINK);
  assert.equal(linkTextFor('/usr/lib/distcc/bin', launcher), '../../../bin/distcc');
  assert.equal(linkTextFor('/home/me/masquerade', launcher), launcher);
});

test('updateMasquerade() adds what is new and removes what has gone', () => {
  const update = (...names: readonly string[]) => updateMasquerade({ directory, link: LINK, names });
  assert.deepEqual(update('cc', 'gcc-11'), { added: ['cc', 'gcc-11'], removed: [] });
  assert.deepEqual(update('cc', 'gcc-12'), { added: ['gcc-12'], removed: ['gcc-11'] });
  assert.deepEqual(update('cc', 'gcc-12'), { added: [], removed: [] });
  assert.deepEqual(readdirSync(directory).sort(), ['cc', 'gcc-12']);
  assert.equal(readlinkSync(path.join(directory, 'cc')), LINK);
});

test('updateMasquerade() touches nothing of others', () => {
  mkdirSync(directory, { recursive: true });
  symlinkSync('/usr/bin/icecc', path.join(directory, 'gcc'));
  symlinkSync('/opt/distcc', path.join(directory, 'clang'));
  symlinkSync(LINK, path.join(directory, 'my-own-name'));
  symlinkSync('.', path.join(directory, 'bin'));
  writeFileSync(path.join(directory, 'g++'), 'a script');
  const before = readdirSync(directory);
  updateMasquerade({ directory, link: LINK, names: ['gcc'] });
  assert.deepEqual(readdirSync(directory), before);
  assert.equal(readlinkSync(path.join(directory, 'gcc')), '/usr/bin/icecc');
});

test('updateMasquerade() leaves links that may stay', () => {
  updateMasquerade({ directory, link: LINK, names: ['cc', 'avr-gcc'] });
  updateMasquerade({ directory, link: LINK, names: ['cc'], kept: ['avr-gcc'] });
  assert.deepEqual(readdirSync(directory).sort(), ['avr-gcc', 'cc']);
});
