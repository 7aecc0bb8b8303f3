/**
 * Against real compilers, over real projects: the files that the scanner names hold every file that
 * `gcc -M` (or `clang -M`) lists with the same flags. One that is missing is a compile that fails or, if
 * another file of that name is there, that means something else.
 *
 * How much larger than needed the answers are, and how often the scanner has none, is bounded at the end.
 * What the compiler itself refuses is left out and counted.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { availableParallelism } from 'node:os';
import { needsPeer } from '../rig/peers.ts';
import { openScan, type Scan } from '../rig/scan.ts';
import { RealPaths, type RealPath } from '../rig/real-paths.ts';
import { Scratch } from '../rig/scratch.ts';
import { explainRead, readTruth } from '../rig/true-closure.ts';
import type { Unit } from '../rig/unit.ts';
import { formatGroup, formatShare, summarizeRatios, type GroupFigures } from './closure-figures.ts';
import { findUnitGroups, type UnitGroup } from './unit-groups.ts';

const SHOWN_MISSES = 5;
const LEAST_UNITS = 1500;
const LEAST_UNITS_PER_LANGUAGE = 600;

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const realPaths = new RealPaths();
const done: GroupFigures[] = [];

for (const group of findUnitGroups(scratch)) {
  test(`${group.name}: no file is missing`, needsGroup(group), async () => {
    const { figures, misses } = await compareGroup(group);
    done.push(figures);
    console.log(`figure: ${formatGroup(figures)}`);
    assert.equal(misses.length, 0, await describeMisses(misses));
  });
}

test('most units are answered by the scanner, closely, and the rest says why', () => {
  const answered = done.flatMap(({ ratios }) => ratios);
  const units = done.reduce((sum, { asked }) => sum + asked, 0);
  const { median, p95 } = summarizeRatios(answered);
  console.log(`figure: ${formatShare(done)}`);
  assert(units >= LEAST_UNITS, `${units} units`);
  for (const language of ['c', 'c++']) {
    const ofLanguage = done.filter((group) => group.language === language);
    assert(ofLanguage.reduce((sum, { asked }) => sum + asked, 0) >= LEAST_UNITS_PER_LANGUAGE, language);
  }
  assert(answered.length >= 0.98 * units, `${answered.length} of ${units} answered`);
  assert(median <= 1.3 && p95 <= 2, `${median} and ${p95} times as many files as needed`);
});

interface Miss {
  readonly unit: Unit;
  readonly file: RealPath;
}

interface Told {
  readonly unit: Unit;
  readonly truth: ReadonlySet<RealPath>;
}

async function compareGroup(
  group: UnitGroup,
): Promise<{ readonly figures: GroupFigures; readonly misses: readonly Miss[] }> {
  const units = await group.open();
  const startedMs = performance.now();
  const told = await tellTruths(units);
  const compilerMs = performance.now() - startedMs;
  const scan = openScan(scratch);
  const cold = await scanAll(scan, told);
  const warm = await scanAll(scan, told);
  const figures = {
    name: group.name,
    language: group.language,
    asked: told.length,
    refused: units.length - told.length,
    ratios: cold.ratios,
    doubts: cold.doubts,
    misses: cold.misses.length + warm.misses.length,
    compilerMs,
    coldMs: cold.elapsedMs,
    warmMs: warm.elapsedMs,
  };
  return { figures, misses: [...cold.misses, ...warm.misses] };
}

/** As many at once as there are cores; units that the compiler refuses fall out. */
async function tellTruths(units: readonly Unit[]): Promise<readonly Told[]> {
  const told: (Told | undefined)[] = Array.from({ length: units.length });
  const waiting = units.entries();
  const lanes = Array.from({ length: availableParallelism() }, async () => {
    for (const [index, unit] of waiting) {
      const truth = await readTruth(unit, realPaths);
      if (truth.kind === 'read') told[index] = { unit, truth: truth.files };
    }
  });
  await Promise.all(lanes);
  return told.filter((one) => one !== undefined);
}

interface Scanning {
  readonly ratios: readonly number[];
  readonly doubts: readonly string[];
  readonly misses: readonly Miss[];
  /** Of the scanner alone. */
  readonly elapsedMs: number;
}

async function scanAll(scan: Scan, told: readonly Told[]): Promise<Scanning> {
  const ratios: number[] = [];
  const doubts: string[] = [];
  const misses: Miss[] = [];
  let elapsedMs = 0;
  for (const { unit, truth } of told) {
    const startedMs = performance.now();
    const scanned = await scan(unit);
    elapsedMs += performance.now() - startedMs;
    if ('unsure' in scanned) {
      doubts.push(`${unit.source}: ${scanned.unsure}`);
      continue;
    }
    const closure = realPaths.findAll(scanned.files, unit.directory);
    ratios.push(closure.size / truth.size);
    misses.push(...[...truth].filter((file) => !closure.has(file)).map((file) => ({ unit, file })));
  }
  return { ratios, doubts, misses, elapsedMs };
}

async function describeMisses(misses: readonly Miss[]): Promise<string> {
  const shown = misses.slice(0, SHOWN_MISSES).map(async ({ unit, file }) => {
    const command = [unit.compiler, ...unit.flags, unit.source].join(' ');
    return `${file}\n in ${unit.directory}: ${command}\n  ${await explainRead(unit, file)}`;
  });
  return [`${misses.length} files are missing`, ...(await Promise.all(shown))].join('\n');
}

function needsGroup({ needs, name }: UnitGroup): { readonly skip: string | false } {
  return needsPeer(name.endsWith('clang') ? 'clang' : 'gcc', ...(needs === undefined ? [] : [needs]));
}
