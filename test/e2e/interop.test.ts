/**
 * Whole projects through every pairing of our programs with Debian's distcc 3.4: all objects and
 * dependency files have to be the local ones (rig/objects.ts), and the workers' own counts have to show
 * that they compiled them. Nothing may fall back.
 *
 * To hosts with ,cpp the headers go along, and at most 2 % of the files may be preprocessed here.
 *
 * -O1 -g is the cheapest that shows all: at -O0 gcc's own two ways of compiling differ (see objects.ts).
 * MANYHANDS_CONTROL=1 runs Debian's client with Debian's daemon as well, which tests the test.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Build } from '../../bench/corpus/build.ts';
import { prepareCorpus } from '../../bench/corpus/corpus.ts';
import type { CorpusName } from '../../bench/corpus/pins.ts';
import { formatHosts, openClient, readAgentStatus, type Client } from '../rig/client.ts';
import { BIN, START_DISTCCD, type Daemon, type Make } from '../rig/cluster.ts';
import { compareBuild, COMPILERS, prepareReference, type Fidelity } from '../rig/objects.ts';
import { needsPeer } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

interface Pairing {
  readonly client: Make;
  readonly daemon: Make;
  readonly corpus: CorpusName;
  readonly compression: '' | ',lzo' | ',cpp,lzo';
  readonly optimisation: '-O1' | '-O2';
  readonly tool: 'make' | 'ninja';
}

const MAKES: readonly (readonly [client: Make, daemon: Make])[] = [
  ['ours', 'debian'],
  ['debian', 'ours'],
  ['ours', 'ours'],
  ...(process.env['MANYHANDS_CONTROL'] === '1' ? ([['debian', 'debian']] as const) : []),
];

const PAIRINGS: readonly Pairing[] = [
  ...(['rdkafka', 're2'] as const).flatMap((corpus) =>
    MAKES.flatMap(([client, daemon]) =>
      (['', ',lzo'] as const).map((compression): Pairing => ({
        client,
        daemon,
        corpus,
        compression,
        optimisation: '-O1',
        tool: 'make',
      })),
    ),
  ),
  ...(['rdkafka', 're2'] as const).flatMap((corpus) =>
    (['debian', 'ours'] as const).map((daemon): Pairing => ({
      client: 'ours',
      daemon,
      corpus,
      compression: ',cpp,lzo',
      optimisation: '-O1',
      tool: 'make',
    })),
  ),
  {
    client: 'ours',
    daemon: 'ours',
    corpus: 'rdkafka',
    compression: ',lzo',
    optimisation: '-O2',
    tool: 'ninja',
  },
];

/** Debian's client needs both names: without them its dependency files have the wrong name and target. */
const DEPENDENCIES: Readonly<Record<Make, readonly string[]>> = {
  ours: ['-MMD'],
  debian: ['-MMD', '-MF', 'DEPENDENCIES', '-MT', 'OBJECT'],
};

const JOBS = 4;
const SHARE_REMOTE = 0.98;

for (const pairing of PAIRINGS) test(titleOf(pairing), needs(pairing), () => buildAndCompare(pairing));

async function buildAndCompare(pairing: Pairing): Promise<void> {
  const corpus = await prepareCorpus(pairing.corpus);
  const flags = [pairing.optimisation, '-g'];
  const reference = await prepareReference(corpus, flags);
  using scratch = new Scratch();
  await using first = await START_DISTCCD[pairing.daemon](scratch, { jobs: JOBS });
  await using second = await START_DISTCCD[pairing.daemon](scratch, { jobs: JOBS });
  const daemons = [first, second];
  const hosts = formatHosts(daemons, { limit: JOBS / 2, compression: pairing.compression });
  await using client = openClient(pairing.client, scratch, { hosts });
  using build = new Build(corpus, {
    cc: `${client.launcher} ${COMPILERS.cc}`,
    cxx: `${client.launcher} ${COMPILERS.cxx}`,
    flags,
    dependencies: DEPENDENCIES[pairing.client],
    outOfTree: true,
  });
  const command = pairing.tool === 'make' ? build.makeCommand(JOBS) : build.ninjaCommand(JOBS);
  await runWell(command, { env: client.env });
  await assertRemote(daemons, client, corpus.files.length);
  if (pairing.compression === ',cpp,lzo') await assertSentHeaders(client, corpus.files.length);
  assert.deepEqual(compareBuild(build, reference, { fidelity: fidelityOf(pairing) }).objections, []);
}

function fidelityOf({ compression, daemon }: Pairing): Fidelity {
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

function titleOf({ client, daemon, corpus, compression, optimisation, tool }: Pairing): string {
  const wire = { '': 'plain', ',lzo': 'lzo', ',cpp,lzo': 'headers' }[compression];
  return `${corpus} ${optimisation} -g, ${wire}, ${tool}: ${client} client, ${daemon} daemon`;
}

function needs({ client, daemon, tool }: Pairing): { readonly skip: string | false } {
  const peers = [
    ...(client === 'debian' ? ['distcc'] : []),
    ...(daemon === 'debian' ? ['distccd'] : []),
    ...(tool === 'ninja' ? ['ninja'] : []),
  ];
  const ours = [...(client === 'ours' ? ['distcc'] : []), ...(daemon === 'ours' ? ['distccd'] : [])];
  const unbuilt = ours.filter((name) => !existsSync(path.join(BIN, name)));
  return unbuilt.length > 0 ? { skip: `not built: ${unbuilt.join(', ')}` } : needsPeer(...peers);
}
