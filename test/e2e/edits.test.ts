/**
 * Objects are right whatever is edited, and whenever: between two compiles, and while a build goes on.
 * Hosts preprocess, so what a compile reads is what the agent's scanner knows, or remembers, of it.
 *
 * MANYHANDS_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Chance, SEED } from '../rig/chaos/chance.ts';
import {
  changeAgain,
  FILE_FOR_DIRECTORY,
  MOSTLY_PLAIN_EDITS,
  writeObject,
  type UndoStack,
} from '../rig/edits/edits.ts';
import { HeaderTree } from '../rig/edits/header-tree.ts';
import type { Ended } from '../rig/run.ts';
import { Site, sum } from '../rig/site.ts';
import type { Unit } from '../rig/unit.ts';

const EDIT_COUNT = 1000;
const LEAST_EDITS = 150;
const BUDGET_MS = 100_000;
const AGAIN_SHARE = 0.05;
const OBJECTS_SHARE = 0.3;
/** Of the compiles that succeed. */
const LEAST_WITH_HEADERS = 0.9;

const site = await Site.open({ workers: 2, jobs: 2, compression: ',cpp,lzo' });
after(() => site[Symbol.asyncDispose]());

/** Says in the object which text was read, in which place and which order. */
function stamp(chance: Chance): string {
  return `__asm__(".ascii \\"" __FILE__ " ${Math.floor(chance.between(10, 99))} \\"");\n`;
}

test(`seed ${SEED}: after each of many edits the next objects are right`, async () => {
  const chance = new Chance('edits');
  const tree = new HeaderTree(site.newDirectory(), chance, stamp);
  const undo: UndoStack = [];
  const log: string[] = [];
  const counts = { edits: 0, compiles: 0, refused: 0 };
  const deadlineMs = performance.now() + BUDGET_MS;
  while (counts.edits < EDIT_COUNT && performance.now() < deadlineMs) {
    const done = chance.pick(MOSTLY_PLAIN_EDITS)?.(tree, undo);
    if (done === undefined) continue;
    log.push(done);
    counts.edits += 1;
    if (chance.isLess(OBJECTS_SHARE)) writeObject(tree, counts.edits);
    const debug = chance.isLess(0.5) ? ['-g'] : [];
    const units = tree.units.map((unit) => ({ ...unit, flags: [...debug, ...unit.flags] }));
    const some = chance.shuffle(units).slice(0, chance.pick([1, 1, 1, 3]));
    const name = chance.isLess(AGAIN_SHARE) ? tree.pickHeader() : undefined;
    if (name !== undefined) {
      log.push(`exchange names twice in ${name}`);
      await changeAround(name, some);
    }
    await compareAll(some);
    tree.removeDeadLinks();
    if (done.startsWith(FILE_FOR_DIRECTORY)) undo.pop()?.();
  }
  await tellFigures(counts);
  assert(counts.edits >= LEAST_EDITS, `${counts.edits} edits in ${BUDGET_MS} ms`);
  assert(counts.refused < counts.compiles / 2, JSON.stringify(counts));

  /** The agent looks at a file, and it changes once more, with no time between. */
  async function changeAround(name: string, units: readonly Unit[]): Promise<void> {
    changeAgain(tree, name);
    await Promise.all(units.map((unit) => compileThere(unit)));
    changeAgain(tree, name);
    counts.compiles += units.length;
  }

  async function compareAll(units: readonly Unit[]): Promise<void> {
    const said = await Promise.all(units.map((unit) => compare(unit)));
    for (const text of said) {
      const [, missing] = /(h\d\d\.h): No such file/.exec(text) ?? [];
      if (missing !== undefined) tree.heal(missing);
    }
  }

  async function compare(unit: Unit): Promise<string> {
    const [theirs, ours] = await Promise.all([compileHere(unit), compileThere(unit)]);
    counts.compiles += 1;
    if (theirs.status !== 0) counts.refused += 1;
    const when = `edit ${counts.edits}, ${unit.source}; last edits:\n  ${log.slice(-12).join('\n  ')}`;
    assert.deepEqual([ours.status, ours.stderr], [theirs.status, theirs.stderr], when);
    assert(ours.object === theirs.object, `another object: ${when}`);
    return theirs.stderr;
  }
});

interface Made extends Pick<Ended, 'status' | 'stderr'> {
  /** Undefined where none was written. */
  readonly object: string | undefined;
}

/** Its object stands in none of the directories that are searched. */
function compileHere(unit: Unit): Promise<Made> {
  const object = site.scratch.path(`${path.basename(unit.source)}.local.o`);
  return make([unit.compiler, ...unit.flags, '-c', '-o', object, unit.source], unit, object);
}

/** Its object stands beside the source. */
function compileThere(unit: Unit): Promise<Made> {
  const object = `${unit.source}.o`;
  const argv = [unit.compiler, ...unit.flags, '-c', '-o', object, unit.source];
  return make([site.client.launcher, ...argv], unit, path.join(unit.directory, object));
}

async function make(command: readonly string[], { directory }: Unit, object: string): Promise<Made> {
  const { status, stderr } = await site.run(command, { cwd: directory });
  const isThere = existsSync(object);
  const text = isThere ? readFileSync(object, 'latin1') : undefined;
  rmSync(object, { force: true });
  return { status, stderr, object: text };
}

interface Counts {
  readonly edits: number;
  readonly compiles: number;
  readonly refused: number;
}

/** Whatever is refused is preprocessed here first. */
async function tellFigures(counts: Counts): Promise<void> {
  const { demotions, endings } = await site.report();
  const accepted = counts.compiles - counts.refused;
  const withHeaders = endings.remote - Math.max(0, sum(Object.values(demotions)) - counts.refused);
  const share = withHeaders / accepted;
  console.log(
    `figure: edits and compiles, seed ${SEED}: ${JSON.stringify(counts)}, ${(100 * share).toFixed(1)} % with headers, demotions ${JSON.stringify(demotions)}, endings ${JSON.stringify(endings)}`,
  );
  assert(share >= LEAST_WITH_HEADERS, `${share} were sent with headers`);
}
