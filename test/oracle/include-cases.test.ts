/**
 * One small tree per trick of the preprocessor: first that the compiler reads what the case says, so that
 * the case is a case; then that the scanner names all of it, or says that it does not know where it may.
 */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { toBytes, type ByteString } from '../../src/base/byte-string.ts';
import { needsPeer } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { openScan } from '../rig/scan.ts';
import { RealPaths, type RealPath } from '../rig/real-paths.ts';
import { Scratch } from '../rig/scratch.ts';
import { readTruth } from '../rig/true-closure.ts';
import type { Unit } from '../rig/unit.ts';
import { CONDITION_CASES } from './include-cases/conditions.ts';
import type { IncludeCase } from './include-cases/include-case.ts';
import { NAME_CASES } from './include-cases/names.ts';
import { NEXT_CASES } from './include-cases/nexts.ts';
import { SEARCH_CASES } from './include-cases/searches.ts';
import { TEXT_CASES } from './include-cases/texts.ts';
import { TREE_CASES } from './include-cases/trees.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const CASES = [NAME_CASES, CONDITION_CASES, TEXT_CASES, SEARCH_CASES, NEXT_CASES, TREE_CASES].flat();
const COMPILERS = {
  gcc: { c: 'gcc', cxx: 'g++' },
  clang: { c: 'clang', cxx: 'clang++' },
};

for (const [index, one] of CASES.entries()) {
  for (const [family, { c, cxx }] of Object.entries(COMPILERS)) {
    const reads = family === 'clang' ? (one.clangReads ?? one.reads) : one.reads;
    if (reads === 'refused') continue;
    test(`${one.name} (${family})`, needsPeer(family), async () => {
      const directory = scratch.path(`${family}-${index}`);
      await layOut(one, directory);
      const unit = toUnit(one, directory, one.source?.endsWith('.cc') === true ? cxx : c);
      const truth = await readTruth(unit);
      assert(truth.kind === 'read', truth.kind === 'refused' ? truth.said : '');
      assertReads(unit, reads, truth.files);
      await assertScans(unit, one, truth.files);
    });
  }
}

async function layOut({ files, prepare = [] }: IncludeCase, directory: string): Promise<void> {
  mkdirSync(directory);
  for (const [name, content] of Object.entries(files)) {
    const file = toBytes(`${directory}/${name}`);
    mkdirSync(toBytes(path.dirname(`${directory}/${name}.`)), { recursive: true });
    if (name.endsWith('/')) continue;
    if (typeof content === 'string') writeFileSync(file, toBytes(content));
    else if ('link' in content) symlinkSync(toBytes(content.link), file);
    else linkSync(toBytes(`${directory}/${content.twin}`), file);
  }
  for (const command of prepare) await runWell(command, { cwd: directory });
}

function toUnit(
  { flags = [], source = 'a.c', environment }: IncludeCase,
  directory: string,
  compiler: string,
): Unit {
  return { compiler, flags, source, directory, ...(environment && { environment }) };
}

function assertReads(unit: Unit, reads: readonly ByteString[], truth: ReadonlySet<RealPath>): void {
  const own = [...truth].filter((file) => file.startsWith(`${unit.directory}/`));
  const expected = new RealPaths().findAll([unit.source, ...reads], unit.directory);
  assert.deepEqual(own.sort(), [...expected].sort(), 'the compiler reads something else than the case says');
}

async function assertScans(
  unit: Unit,
  { dependsOn = [], mayBeUnsure }: IncludeCase,
  truth: ReadonlySet<RealPath>,
): Promise<void> {
  const needed = truth.union(new RealPaths().findAll(dependsOn, unit.directory));
  const scan = openScan(scratch);
  for (const memory of ['cold', 'warm']) {
    const scanned = await scan(unit);
    if ('unsure' in scanned) {
      assert(mayBeUnsure, `unsure, ${memory}: ${scanned.unsure}`);
      continue;
    }
    const closure = new RealPaths().findAll(scanned.files, unit.directory);
    // Who is told that there is more to it does not send these files.
    const wanted = scanned.marks.length === 0 ? needed : truth;
    assert.deepEqual([...wanted.difference(closure)], [], `missing, ${memory}`);
  }
}
