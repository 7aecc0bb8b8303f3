/**
 * A whole project through our programs and Debian's distcc 3.4, paired in any way: all objects and dependency
 * files have to be the local ones (objects.ts), and the workers' own counts have to show that they compiled
 * them. Nothing may fall back. To hosts with ,cpp the headers go along, and at most 2 % of the files may be
 * preprocessed here.
 *
 * -O1 -g is the cheapest that shows all: at -O0 gcc's own two ways of compiling differ (see objects.ts).
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Build } from '../../bench/corpus/build.ts';
import { prepareCorpus } from '../../bench/corpus/corpus.ts';
import type { CorpusName } from '../../bench/corpus/pins.ts';
import { formatHosts, openClient, readAgentStatus, type Client } from './client.ts';
import { BIN, START_DISTCCD, type Daemon, type Make } from './cluster.ts';
import { compareBuild, COMPILERS, prepareReference, type Compilers, type Fidelity } from './objects.ts';
import { needsBox, needsPeer } from './peers.ts';
import { runWell } from './run.ts';
import { Scratch } from './scratch.ts';

export interface Pairing {
  readonly client: Make;
  readonly daemon: Make;
  readonly corpus: CorpusName;
  readonly compression: '' | ',lzo' | ',cpp,lzo';
  readonly optimisation: '-O1' | '-O2';
  readonly tool: 'make' | 'ninja';
  /** On the native wire; `compression` is then not used. */
  readonly isNative?: boolean;
  /** The daemons are like any other servers of the Remote Execution API; `isNative` as well. */
  readonly isPlain?: boolean;
  /** gcc where it is not said. */
  readonly compilers?: Compilers;
  /** Only every so manieth file; all where it is not said. */
  readonly every?: number;
}

/** Debian's client needs both names: without them its dependency files have the wrong name and target. */
const DEPENDENCIES: Readonly<Record<Make, readonly string[]>> = {
  ours: ['-MMD'],
  debian: ['-MMD', '-MF', 'DEPENDENCIES', '-MT', 'OBJECT'],
};

const NATIVE = { MANYHANDS_NATIVE: 'on' };
const JOBS = 4;
const SHARE_REMOTE = 0.98;

/** One test for each. */
export function testPairings(pairings: readonly Pairing[]): void {
  for (const pairing of pairings) void test(titleOf(pairing), needs(pairing), () => buildAndCompare(pairing));
}

async function buildAndCompare(pairing: Pairing): Promise<void> {
  const whole = await prepareCorpus(pairing.corpus);
  const { every = 1, compilers = COMPILERS } = pairing;
  const corpus = { ...whole, files: whole.files.filter((_, index) => index % every === 0) };
  const flags = [pairing.optimisation, '-g'];
  const reference = await prepareReference(whole, flags, compilers);
  using scratch = new Scratch();
  const args = pairing.isPlain ? ['--plain-reapi'] : [];
  await using first = await START_DISTCCD[pairing.daemon](scratch, { jobs: JOBS, args });
  await using second = await START_DISTCCD[pairing.daemon](scratch, { jobs: JOBS, args });
  const daemons = [first, second];
  const hosts = formatHosts(daemons, {
    limit: JOBS / 2,
    compression: pairing.compression,
    scheme: pairing.isPlain ? 'grpc://' : '',
  });
  await using client = openClient(pairing.client, scratch, {
    hosts,
    ...(pairing.isNative && { env: NATIVE }),
  });
  using build = new Build(corpus, {
    cc: `${client.launcher} ${compilers.cc}`,
    cxx: `${client.launcher} ${compilers.cxx}`,
    flags,
    dependencies: DEPENDENCIES[pairing.client],
    outOfTree: true,
  });
  const command = pairing.tool === 'make' ? build.makeCommand(JOBS) : build.ninjaCommand(JOBS);
  await runWell(command, { env: client.env });
  await assertRemote(daemons, client, corpus.files.length);
  if (pairing.compression === ',cpp,lzo' || pairing.isNative)
    await assertSentHeaders(client, corpus.files.length);
  assert.deepEqual(compareBuild(build, reference, { fidelity: fidelityOf(pairing) }).objections, []);
}

function fidelityOf({ compression, daemon, isNative }: Pairing): Fidelity {
  if (isNative) return 'direct';
  if (compression !== ',cpp,lzo') return 'split';
  return daemon === 'ours' ? 'direct' : 'direct-stripped';
}

async function assertRemote(daemons: readonly Daemon[], client: Client, files: number): Promise<void> {
  const wanted = Math.ceil(files * SHARE_REMOTE);
  let done = await countCompiled(daemons);
  // A worker counts a job after the client has its result; nothing of the build is waited for.
  for (let triesLeft = 20; done < wanted && triesLeft > 0; triesLeft--) {
    await delay(100);
    done = await countCompiled(daemons);
  }
  const jobs = client.make === 'ours' ? JSON.stringify((await readAgentStatus(client.env)).jobs) : 'unknown';
  assert(
    done >= wanted,
    `${done} of ${files} files were compiled by the workers; the client's jobs: ${jobs}`,
  );
}

/** Nearly none is preprocessed here, and each of those has its reason. */
async function assertSentHeaders(client: Client, files: number): Promise<void> {
  const { demotions } = (await readAgentStatus(client.env)).jobs as { demotions: Record<string, number> };
  const demoted = Object.values(demotions).reduce((sum, count) => sum + count, 0);
  assert(demoted <= files * (1 - SHARE_REMOTE), `preprocessed here: ${JSON.stringify(demotions)}`);
}

async function countCompiled(daemons: readonly Daemon[]): Promise<number> {
  const counts = await Promise.all(daemons.map((daemon) => daemon.counts()));
  return counts.reduce((sum, { ok }) => sum + ok, 0);
}

function titleOf(pairing: Pairing): string {
  const { client, daemon, corpus, compression, optimisation, tool, isNative, isPlain, compilers } = pairing;
  const native = isPlain ? 'plain native' : 'native';
  const wire = isNative ? native : { '': 'plain', ',lzo': 'lzo', ',cpp,lzo': 'headers' }[compression];
  const by = compilers === undefined ? '' : `, ${compilers.cc}`;
  return `${corpus} ${optimisation} -g${by}, ${wire}, ${tool}: ${client} client, ${daemon} daemon`;
}

function needs({ client, daemon, tool, isNative, compilers }: Pairing): { readonly skip: string | false } {
  const peers = [
    ...(client === 'debian' ? ['distcc'] : []),
    ...(daemon === 'debian' ? ['distccd'] : []),
    ...(tool === 'ninja' ? ['ninja'] : []),
    ...(compilers === undefined ? [] : [compilers.cc]),
  ];
  const ours = [...(client === 'ours' ? ['distcc'] : []), ...(daemon === 'ours' ? ['distccd'] : [])];
  const unbuilt = ours.filter((name) => !existsSync(path.join(BIN, name)));
  return unbuilt.length > 0
    ? { skip: `not built: ${unbuilt.join(', ')}` }
    : (isNative ? needsBox : needsPeer)(...peers);
}
