/**
 * How fast, and how small, is LZO1X on what we send? A preprocessed text and an object, both made by
 * this machine's own g++; and on the same bytes `lzop -3` (lzo1x_1, what distcc uses) where there is one.
 *
 * The text is several programs long: on one short text processors learn the branches by heart.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseLzopFile } from '../test/rig/lzop-file.ts';
import { compress } from '../src/wire/distcc/lzo-compress.ts';
import { decompress } from '../src/wire/distcc/lzo-decompress.ts';

const ROUNDS = 60;
const WARM_UP = 10;

const PROGRAM = `
#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <random>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
int main() {
  std::map<std::string, std::vector<int>> found;
  std::regex pattern("a+b");
  found["x"].push_back(1);
  for (auto& [name, numbers] : found) std::cout << name << numbers.size() << std::regex_match(name, pattern);
}
`;

const directory = mkdtempSync(path.join(tmpdir(), 'bench-lzo-'));
try {
  console.log('name                   n  median ms  p95 ms  MB/s    bytes  ratio');
  for (const [name, bytes] of makeSubjects()) measure(name, bytes);
} finally {
  rmSync(directory, { recursive: true });
}

function makeSubjects(): readonly (readonly [name: string, bytes: Buffer])[] {
  writeFileSync(path.join(directory, 'a.cc'), PROGRAM);
  const run = (...args: readonly string[]) =>
    execFileSync('g++', ['-std=c++17', ...args], { cwd: directory });
  run('-E', 'a.cc', '-o', 'a.ii');
  run('-O2', '-g', '-c', 'a.cc', '-o', 'debug.o');
  run('-O2', '-c', 'a.cc', '-o', 'plain.o');
  return [
    ['text', 'a.ii'],
    ['object -g', 'debug.o'],
    ['object', 'plain.o'],
  ].map(([name, file]) => [name!, readFileSync(path.join(directory, file!))] as const);
}

function measure(name: string, plain: Buffer): void {
  const packed = compress(plain);
  const limits = { maxBytes: plain.length };
  report(`${name} compress`, { plain, packed: packed.length, run: () => compress(plain) });
  report(`${name} restore`, { plain, packed: packed.length, run: () => decompress(packed, limits) });
  const lzop = spawnSync('lzop', ['-3', '-c'], { input: plain, maxBuffer: 1 << 30 });
  if (lzop.status !== 0) return;
  const theirs = parseLzopFile(lzop.stdout).reduce((sum, block) => sum + block.packed.length, 0);
  console.log(`${`${name} lzop -3`.padEnd(49)}${columnsOf(plain.length, theirs)}`);
}

function report(
  name: string,
  subject: { readonly plain: Uint8Array; readonly packed: number; readonly run: () => unknown },
): void {
  const timesMs: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const startedMs = performance.now();
    subject.run();
    if (round >= 0) timesMs.push(performance.now() - startedMs);
  }
  timesMs.sort((a, b) => a - b);
  const median = timesMs[ROUNDS >> 1]!;
  const p95 = timesMs[Math.floor(ROUNDS * 0.95)]!;
  const speed = subject.plain.length / 1e3 / median;
  const times = [String(ROUNDS).padStart(3), median.toFixed(2).padStart(11), p95.toFixed(2).padStart(8)];
  const columns = columnsOf(subject.plain.length, subject.packed);
  console.log(`${name.padEnd(21)}${times.join('')}${speed.toFixed(0).padStart(6)}${columns}`);
}

function columnsOf(plainBytes: number, packedBytes: number): string {
  return `${String(packedBytes).padStart(9)}${(plainBytes / packedBytes).toFixed(2).padStart(7)}`;
}
