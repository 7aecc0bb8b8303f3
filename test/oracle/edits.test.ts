/**
 * One scanner lives through a thousand edits of a tree of headers, and after each of them names all that
 * the compiler reads. Half of the edits come with objects that are written and removed beside the headers;
 * some are two changes of one file without any time between, the scanner having looked after the first.
 *
 * MANYHANDS_SEED repeats a run. Where the compiler refuses (a header is gone), any answer will do, and the
 * header comes back.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Chance, SEED } from '../rig/chaos/chance.ts';
import { needsPeer } from '../rig/peers.ts';
import { openScan } from '../rig/scan.ts';
import { RealPaths } from '../rig/real-paths.ts';
import { Scratch } from '../rig/scratch.ts';
import { explainRead, readTruth } from '../rig/true-closure.ts';
import type { Unit } from '../rig/unit.ts';
import { summarizeRatios } from './closure-figures.ts';
import { changeAgain, EDITS, writeObject, type UndoStack } from '../rig/edits/edits.ts';
import { HeaderTree } from '../rig/edits/header-tree.ts';

const EDIT_COUNT = 1000;
const LEAST_EDITS = 200;
const BUDGET_MS = 60_000;
const AGAIN_SHARE = 0.1;
const OBJECTS_SHARE = 0.5;

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

test(`seed ${SEED}: after each edit nothing is missing`, needsPeer('gcc'), async () => {
  const chance = new Chance('edits');
  const tree = new HeaderTree(scratch.openDirectory('tree'), chance);
  const undo: UndoStack = [];
  const scan = openScan(scratch);
  const log: string[] = [];
  const counts = { edits: 0, answered: 0, unsure: 0, refused: 0 };
  const ratios: number[] = [];
  const deadlineMs = performance.now() + BUDGET_MS;
  while (counts.edits < EDIT_COUNT && performance.now() < deadlineMs) {
    const done = chance.pick(EDITS)?.(tree, undo);
    if (done === undefined) continue;
    log.push(done);
    counts.edits += 1;
    const unit = chance.pick(tree.units);
    assert(unit !== undefined);
    if (chance.isLess(OBJECTS_SHARE)) writeObject(tree, counts.edits);
    await changeBetweenScans(unit);
    await compare(unit);
  }
  const { median, p95 } = summarizeRatios(ratios);
  console.log(
    `figure: edits, seed ${SEED}: ${JSON.stringify(counts)}, ${median.toFixed(2)} times as many files as read, 95th percentile ${p95.toFixed(2)}`,
  );
  assert(counts.edits >= LEAST_EDITS, `${counts.edits} edits in ${BUDGET_MS} ms`);
  assert(counts.answered > counts.edits / 2, JSON.stringify(counts));

  async function changeBetweenScans(unit: Unit): Promise<void> {
    const name = chance.isLess(AGAIN_SHARE) ? tree.pickHeader() : undefined;
    if (name === undefined) return;
    changeAgain(tree, name);
    await scan(unit);
    changeAgain(tree, name);
    log.push(`exchange names twice in ${name}`);
  }

  async function compare(unit: Unit): Promise<void> {
    const scanned = await scan(unit);
    const truth = await readTruth(unit);
    if (truth.kind === 'refused') {
      counts.refused += 1;
      const [, missing] = /(h\d\d\.h): No such file/.exec(truth.said) ?? [];
      if (missing !== undefined) tree.heal(missing);
      return;
    }
    if ('unsure' in scanned) {
      counts.unsure += 1;
      return;
    }
    counts.answered += 1;
    const closure = new RealPaths().findAll(scanned.files, unit.directory);
    ratios.push(closure.size / truth.files.size);
    const missing = [...truth.files].find((file) => !closure.has(file));
    if (missing === undefined) return;
    assert.fail(
      `edit ${counts.edits}: ${missing} is missing for ${unit.source}\n  ${await explainRead(unit, missing)}\nlast edits:\n  ${log.slice(-12).join('\n  ')}`,
    );
  }
});
