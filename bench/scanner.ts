/**
 * What does it cost to know which files a compile reads?
 *
 * Remembered (every file and directory is looked at, nothing has changed) by the number of headers: with
 * objects elsewhere, with an object written beside the source before each scan, and for eight jobs that come
 * at the same time. And for the first time: all of re2, beside `gcc -E` of the same files.
 *
 * CPU of this process, user and system; of `gcc -E`, what its processes took.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Scratch } from '../test/rig/scratch.ts';
import { openScan, openScanner, requestOf } from '../test/rig/scan.ts';
import type { Unit } from '../test/rig/unit.ts';
import { Build, type Recipe } from './corpus/build.ts';
import { prepareCorpus } from './corpus/corpus.ts';
import { cpuOfCommand } from './measure/cpu.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const HEADERS = [100, 150, 300, 600, 1000, 2000];
const HEADERS_IN_DIRECTORY = 15;
const ROUNDS = 25;
const SCANS = 20;
const JOBS = 8;
/** Young files are read again at each look. */
const SETTLED_MS = 200;

console.log(await describeMachine());
await measureRemembered();
await measureFirst();

async function measureRemembered(): Promise<void> {
  const rows: string[][] = [];
  for (const count of HEADERS) {
    using scratch = new Scratch();
    const unit = plant(scratch.openDirectory('tree'), count);
    const scanner = openScanner();
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    const first = await openScan(scratch, scanner)(unit);
    const request = requestOf(unit);
    if ('unsure' in first || 'unsure' in request) throw new Error(JSON.stringify(first));
    const scan = (): void => {
      scanner.openPass();
      if (scanner.scan(request).kind !== 'closure') throw new Error('it has forgotten');
    };
    const beside = (): void => {
      const object = path.join(unit.directory, 'a.o');
      writeFileSync(`${object}.new`, '');
      renameSync(`${object}.new`, object);
    };
    const together = (): void => {
      scan();
      for (let job = 1; job < JOBS; job++) scanner.scan(request);
    };
    rows.push([
      `${count}`,
      `${first.files.length}`,
      ...cost(scan, () => {}, 1),
      ...cost(scan, beside, 1),
      ...cost(together, () => {}, JOBS),
    ]);
  }
  const heads = ['out of tree', 'in tree', `${JOBS} at once`].flatMap((name) => [name, '90 %']);
  console.log(`\n${formatTable(['headers', 'files', ...heads.map((head) => `${head}, ms/file`)], rows)}`);
}

/** Milliseconds of CPU of one job; what happens between scans does not count. */
function cost(scan: () => void, between: () => void, jobs: number): string[] {
  const samples: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    let us = 0;
    for (let turn = 0; turn < SCANS; turn++) {
      between();
      const before = process.cpuUsage();
      scan();
      const { user, system } = process.cpuUsage(before);
      us += user + system;
    }
    // The first round is for warmth.
    if (round > 0) samples.push(us / 1000 / SCANS / jobs);
  }
  const { median, low, high } = summarize(samples);
  return [median.toFixed(2), `${low.toFixed(2)}..${high.toFixed(2)}`];
}

/** A source and so many headers, in directories that are searched in turn, each including two others. */
function plant(directory: string, count: number): Unit {
  const directories = Array.from(
    { length: Math.ceil(count / HEADERS_IN_DIRECTORY) },
    (_, index) => `d${index}`,
  );
  for (const name of directories) mkdirSync(path.join(directory, name));
  for (let index = 0; index < count; index++) {
    const next = [2 * index + 1, 2 * index + 2].filter((other) => other < count);
    const text = [
      '#pragma once',
      ...next.map((other) => `#include <h${other}.h>`),
      `#if defined(H${index}) && H${index} > 1`,
      '#include <none.h>',
      '#endif',
      `int f${index}(void);`,
    ];
    const folder = directories[Math.floor(index / HEADERS_IN_DIRECTORY)] ?? '';
    writeFileSync(path.join(directory, folder, `h${index}.h`), `${text.join('\n')}\n`);
  }
  writeFileSync(path.join(directory, 'a.c'), '#include <h0.h>\n#include "h1.h"\n');
  return { compiler: 'gcc', flags: directories.map((name) => `-I${name}`), source: 'a.c', directory };
}

async function measureFirst(): Promise<void> {
  const corpus = await prepareCorpus('re2');
  const recipe: Recipe = ({ compiler, file, object, options }) => [
    [compiler, ...file.argv, ...options.flags, '-E', '-o', `${object}.i`, file.source].join(' '),
  ];
  const rows: string[][] = [];
  for (let round = 1; round <= 3; round++) {
    using scratch = new Scratch();
    const scan = openScan(scratch);
    const before = process.cpuUsage();
    for (const { argv, source } of corpus.files) {
      const unit = { compiler: 'g++', flags: [...argv, '-O2', '-g'], source, directory: corpus.directory };
      const answer = await scan(unit);
      if ('unsure' in answer) console.log(`${source}: ${answer.unsure}`);
    }
    const { user, system } = process.cpuUsage(before);
    using build = new Build(corpus, {
      cc: 'gcc',
      cxx: 'g++',
      flags: ['-O2', '-g'],
      dependencies: [],
      outOfTree: true,
      recipe,
    });
    const preprocessMs = await cpuOfCommand([...build.makeCommand(2), '--always-make'], process.env);
    const scanMs = (user + system) / 1000;
    rows.push([`${round}`, scanMs.toFixed(0), preprocessMs.toFixed(0), (scanMs / preprocessMs).toFixed(2)]);
  }
  const title = `${corpus.name} ${corpus.version}, ${corpus.files.length} files, round`;
  console.log(`\n${formatTable([title, 'scanned for the first time, ms', 'gcc -E, ms', 'ratio'], rows)}`);
}
