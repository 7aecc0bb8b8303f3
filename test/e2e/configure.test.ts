/**
 * A real project of autoconf, automake and libtool, XZ Utils: its configure script finds the same with us
 * and without, libtool's objects are the local ones, and the script's probes stay here and stay cheap.
 *
 * Both builds have the same directory, one after the other, because names of directories go into files.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { prepareTree } from '../../bench/corpus/corpus.ts';
import { XZ } from '../../bench/corpus/pins.ts';
import { BIN } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { Site } from '../rig/site.ts';
import { digestFiles, isObject } from '../rig/trees.ts';

const site = await Site.open({ workers: 2 });
after(() => site[Symbol.asyncDispose]());

const PLAIN_PATH = PLAIN_ENVIRONMENT['PATH'] ?? '';
const MASQUERADE = `${path.join(BIN, '..', 'lib', 'distcc')}:${PLAIN_PATH}`;
const OPTIONS = ['--quiet', '--disable-nls', '--disable-doc', 'CFLAGS=-O1'];
/** Of liblzma's files; each is compiled twice, with -fPIC and without. */
const FILES = 16;
/** How many probes the script compiles, at the least. */
const PROBES = 80;
const PROBES_A_ROUND = 60;
const PROBE_COSTS_AT_MOST_MS = 3;

interface Way {
  readonly title: string;
  readonly cc: string;
  readonly path: string;
}

const PLAIN: Way = { title: 'without us', cc: 'gcc', path: PLAIN_PATH };
const WAYS: readonly Way[] = [
  { title: 'by PATH', cc: 'gcc', path: MASQUERADE },
  { title: "by CC='distcc gcc'", cc: `${site.client.launcher} gcc`, path: PLAIN_PATH },
];

for (const way of WAYS) {
  test(`xz: configure and libtool ${way.title}`, needsPeer('make', 'bzip2'), async () => {
    const { build, configured, made } = await (reference ??= buildReference());
    rmSync(build, { recursive: true });
    const probesBefore = await countProbes();
    assert.deepEqual(await configureXz(build, way), configured, 'configure has written something else');
    const probes = (await countProbes()) - probesBefore;
    assert(probes >= PROBES, `only ${probes} probes stayed here`);
    await site.assertSends(2 * FILES, () => makeSomeOf(build, way));
    assert.deepEqual(digestFiles(build, isMade), made);
  });
}

let reference: ReturnType<typeof buildReference> | undefined;

async function buildReference() {
  const build = path.join(site.newDirectory(), 'build');
  const configured = await configureXz(build, PLAIN);
  await makeSomeOf(build, PLAIN);
  const made = digestFiles(build, isMade);
  assert.equal(Object.keys(made).filter(isObject).length, 2 * FILES);
  return { build, configured, made };
}

/** Objects, and automake's dependency files, which have a word each before they are made. */
function isMade(name: string): boolean {
  return isObject(name) || name.endsWith('.Plo');
}

/** Runs the script and returns what it wrote, less the compiler's name; its log has process ids and times. */
async function configureXz(
  build: string,
  { cc, path: PATH }: Way,
): Promise<Readonly<Record<string, string>>> {
  const configure = path.join(await prepareTree(XZ), 'configure');
  mkdirSync(build);
  await site.runWell([configure, ...OPTIONS, `CC=${cc}`], { cwd: build, env: { PATH } });
  return digestFiles(build, (name) => name !== 'config.log', [`${site.client.launcher} gcc`, 'gcc']);
}

async function makeSomeOf(build: string, { path: PATH }: Way): Promise<void> {
  const directory = path.join(build, 'src', 'liblzma');
  const rules = readFileSync(path.join(directory, 'Makefile'), 'latin1');
  const found = rules.match(/\bliblzma_la-(?:block|filter|index|stream)_\w+\.lo\b/g);
  const names = [...new Set(found)].sort().slice(0, FILES);
  await site.runWell(['make', '-s', '-j4', '-C', directory, ...names], { env: { PATH } });
}

/** How many the agent has left to this machine. */
async function countProbes(): Promise<number> {
  if (site.agents.length === 0) return 0;
  const { endings, reasons } = await site.report();
  assert.equal(endings.failed, 0);
  return reasons['configure-probe'] ?? 0;
}

test(`a probe of configure costs at most ${PROBE_COSTS_AT_MOST_MS} ms more with us`, (t) => {
  const cwd = site.project({ 'conftest.c': 'int main(void) { return 0; }\n' });
  timeProbe(cwd, MASQUERADE);
  let costMs = Infinity;
  // A busy machine adds to either side by chance, and not in every round to the same one.
  for (let roundsLeft = 6; costMs > PROBE_COSTS_AT_MOST_MS && roundsLeft > 0; roundsLeft--) {
    const plain: number[] = [];
    const ours: number[] = [];
    for (let i = 0; i < PROBES_A_ROUND; i++) {
      plain.push(timeProbe(cwd, PLAIN_PATH));
      ours.push(timeProbe(cwd, MASQUERADE));
    }
    costMs = median(ours) - median(plain);
    t.diagnostic(`medians: ${median(plain).toFixed(2)} ms without us, ${median(ours).toFixed(2)} ms with`);
  }
  assert(costMs <= PROBE_COSTS_AT_MOST_MS, `${costMs.toFixed(2)} ms`);
});

function timeProbe(cwd: string, PATH: string): number {
  rmSync(path.join(cwd, 'conftest.o'), { force: true });
  const env = { ...site.client.env, PATH };
  const startedMs = performance.now();
  const { status } = spawnSync('/bin/sh', ['-c', 'gcc -c -O1 conftest.c'], { cwd, env });
  assert.equal(status, 0);
  return performance.now() - startedMs;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
