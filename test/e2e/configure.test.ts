/**
 * A real project of autoconf, automake and libtool, XZ Utils: its configure script finds the same with us
 * and without, libtool's objects are the local ones, and the script's probes stay here and stay cheap.
 *
 * Both builds have the same directory, one after the other, because names of directories go into files.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
const PROBE_ROUNDS = 60;
const PROBE_COSTS_AT_MOST_MS = 3;

test('xz: configure and libtool with us and without', needsPeer('make', 'bzip2'), async () => {
  const configure = path.join(await prepareTree(XZ), 'configure');
  const build = path.join(site.newDirectory(), 'build');

  const plain = await configureXz(configure, build, PLAIN_PATH);
  await makeSomeOf(build, PLAIN_PATH);
  const expected = digestFiles(build, isObject);
  assert.equal(Object.keys(expected).length, 2 * FILES);
  renameSync(build, `${build}-plain`);

  const ours = await configureXz(configure, build, MASQUERADE);
  assert.deepEqual(ours, plain, 'configure has written something else');
  const { endings, reasons } = await site.report();
  assert.equal(endings.failed, 0);
  const probes = reasons['configure-probe'] ?? 0;
  assert(probes >= PROBES, `only ${probes} probes stayed here`);

  await site.assertSends(2 * FILES, () => makeSomeOf(build, MASQUERADE));
  assert.deepEqual(digestFiles(build, isObject), expected);
});

/** Runs the script and returns what it wrote; its log has PATH, process ids and times in it. */
async function configureXz(configure: string, build: string, PATH: string) {
  mkdirSync(build);
  await site.runWell([configure, ...OPTIONS], { cwd: build, env: { PATH } });
  return digestFiles(build, (name) => name !== 'config.log');
}

async function makeSomeOf(build: string, PATH: string): Promise<void> {
  const directory = path.join(build, 'src', 'liblzma');
  const rules = readFileSync(path.join(directory, 'Makefile'), 'latin1');
  const names = [...new Set(rules.match(/\bliblzma_la-(?:block|filter|index|stream)_\w+\.lo\b/g))]
    .sort()
    .slice(0, FILES);
  await site.runWell(['make', '-s', '-j4', '-C', directory, ...names], { env: { PATH } });
}

test(`a probe of configure costs at most ${PROBE_COSTS_AT_MOST_MS} ms more with us`, async (t) => {
  const cwd = site.project({ 'conftest.c': 'int main(void) { return 0; }\n' });
  const timeOf = (PATH: string) => {
    rmSync(path.join(cwd, 'conftest.o'), { force: true });
    const startedMs = performance.now();
    const { status } = spawnSync('/bin/sh', ['-c', 'gcc -c -O1 conftest.c'], {
      cwd,
      env: { ...site.client.env, PATH },
    });
    assert.equal(status, 0);
    return performance.now() - startedMs;
  };
  timeOf(MASQUERADE);
  const plain: number[] = [];
  const ours: number[] = [];
  for (let i = 0; i < PROBE_ROUNDS; i++) {
    plain.push(timeOf(PLAIN_PATH));
    ours.push(timeOf(MASQUERADE));
  }
  const medians = `medians ${median(plain).toFixed(2)} ms without, ${median(ours).toFixed(2)} ms with`;
  // The least is what the work costs; whatever else goes on here can only add to it.
  const costMs = Math.min(...ours) - Math.min(...plain);
  t.diagnostic(`${costMs.toFixed(2)} ms more at the least, ${medians}`);
  assert(costMs <= PROBE_COSTS_AT_MOST_MS, `${costMs.toFixed(2)} ms, ${medians}`);
});

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
