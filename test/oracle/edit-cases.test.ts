/**
 * Single edits that a scanner which remembers is likely to miss: none of them touches a file that it has
 * read, or a directory in which it has looked for a header.
 */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { needsPeer } from '../rig/peers.ts';
import { RealPaths } from '../rig/real-paths.ts';
import { openScan } from '../rig/scan.ts';
import { Scratch } from '../rig/scratch.ts';
import { readTruth } from '../rig/true-closure.ts';
import type { Unit } from '../rig/unit.ts';

interface EditCase {
  readonly name: string;
  readonly flags: readonly string[];
  /** Of the directory of the case. */
  readonly before: (root: string) => void;
  readonly edit: (root: string) => void;
}

/** Long enough that a file's date no longer counts as of this moment. */
const SETTLED_MS = 2500;

const CASES: readonly EditCase[] = [
  {
    name: 'the file comes that a link leads to',
    flags: ['-Ip', '-Iq'],
    before: (root) => symlinkSync('../t/y.h', `${root}/p/x.h`),
    edit: (root) => writeFileSync(`${root}/t/y.h`, ''),
  },
  {
    name: 'a directory that a link leads to becomes a file',
    flags: ['-Ip', '-Iq'],
    before: (root) => {
      mkdirSync(`${root}/t/y.h`);
      symlinkSync('../t/y.h', `${root}/p/x.h`);
    },
    edit: (root) => {
      rmSync(`${root}/t/y.h`, { recursive: true });
      writeFileSync(`${root}/t/y.h`, '');
    },
  },
  {
    name: 'a second name of a system directory becomes a directory of its own',
    flags: ['-Is', '-Ir', '-isystem', 'q'],
    before: (root) => symlinkSync('q', `${root}/s`),
    edit: (root) => {
      rmSync(`${root}/s`);
      mkdirSync(`${root}/s`);
      writeFileSync(`${root}/s/x.h`, '');
    },
  },
  {
    name: 'a directory on the way comes',
    flags: ['-Inone', '-Iq'],
    before: () => {},
    edit: (root) => {
      mkdirSync(`${root}/made`);
      writeFileSync(`${root}/made/x.h`, '');
      renameSync(`${root}/made`, `${root}/none`);
    },
  },
  {
    name: 'a link to a directory on the way is turned to another',
    flags: ['-Is', '-Iq'],
    before: (root) => symlinkSync('p', `${root}/s`),
    edit: (root) => {
      symlinkSync('r', `${root}/new`);
      renameSync(`${root}/new`, `${root}/s`);
    },
  },
];

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

for (const [index, { name, flags, before, edit }] of CASES.entries()) {
  test(`a warm scanner notices: ${name}`, needsPeer('gcc'), async () => {
    const root = scratch.openDirectory(`case-${index}`);
    for (const directory of ['p', 'q', 'r', 't']) mkdirSync(`${root}/${directory}`);
    for (const header of ['q/x.h', 'r/x.h']) writeFileSync(`${root}/${header}`, '');
    writeFileSync(`${root}/a.c`, '#include <x.h>\n');
    before(root);
    const unit = { compiler: 'gcc', flags, source: 'a.c', directory: root };
    const scan = openScan(scratch);
    await scan(unit);
    await delay(SETTLED_MS);
    await scan(unit);
    const old = await headersOf(unit);
    edit(root);
    const [now, scanned] = [await headersOf(unit), await scan(unit)];
    assert.notDeepEqual(now, old, 'the edit changes what is read');
    assert('files' in scanned, JSON.stringify(scanned));
    const closure = new RealPaths().findAll(scanned.files, root);
    assert.deepEqual(
      now.filter((file) => !closure.has(file)),
      [],
    );
  });
}

/** The headers of the directory that the compiler reads. */
async function headersOf({ directory, ...unit }: Unit): Promise<readonly string[]> {
  const truth = await readTruth({ ...unit, directory });
  assert(truth.kind === 'read', JSON.stringify(truth));
  return [...truth.files].filter((file) => file.startsWith(`${directory}/`) && file.endsWith('.h'));
}
