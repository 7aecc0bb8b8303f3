/**
 * What does a job over ssh cost the client's machine, beyond one over TCP?
 *
 * CPU per file of all that runs on the client's side: launchers and preprocessors, our agent, and ssh itself.
 * One worker serves all ways: behind sshd stands a relay to it. sshd, relay and worker are not counted. All
 * ways take turns within a round, and differences are taken within a round. Stock distcc, which starts an
 * ssh for each file, is measured with them where it is installed.
 */
import assert from 'node:assert';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { LAUNCHERS, openClient } from '../test/rig/client.ts';
import { START_DISTCCD, type Make } from '../test/rig/cluster.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { makeRelay, Sshd } from '../test/rig/sshd.ts';
import { prepareCorpus } from './corpus/corpus.ts';
import { pinNamed, PINS } from './corpus/pins.ts';
import { cpuOfBuild, EMPTY, formatSummary, takeTurns, type Way } from './measure/client.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const HELP = `ssh: client CPU per file over ssh and over TCP
  --rounds N        rounds in which all ways take turns (10)
  --corpus NAME     ${PINS.map(({ name }) => name).join(' or ')} (rdkafka)
  --files N         the first N files of it (30)
  --jobs N          make -jN (one per core)`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    corpus: { type: 'string', default: 'rdkafka' },
    files: { type: 'string', default: '30' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const jobs = Number(values.jobs);
const whole = await prepareCorpus(pinNamed(values.corpus).name);
const corpus = { ...whole, files: whole.files.slice(0, Number(values.files)) };
const plan = { corpus, flags: ['-O0', '-g'], jobs, isInTree: false };

using scratch = new Scratch();
await using worker = await START_DISTCCD.ours(scratch, { jobs: jobs + 2 });
const relay = await makeRelay(scratch, worker.port);
await using owner = new AsyncDisposableStack();
const ways = [EMPTY, ...(await openWays())];

const startedWith = await worker.counts();
const rounds = await takeTurns(ways, Number(values.rounds), (way) => cpuOfBuild(way, plan));
const compiled = (await worker.counts()).ok - startedWith.ok;
console.log(`ssh, make -j${jobs}\n${await describeMachine()}`);
console.log(
  `${compiled} jobs compiled remotely of ${(ways.length - 1) * corpus.files.length * (rounds.length + 1)}\n`,
);
console.log(formatReport());

async function openWays(): Promise<Way[]> {
  const limit = jobs + 2;
  const overTcp = `127.0.0.1:${worker.port}/${limit}`;
  const overSsh = `@box/${limit}:${relay}`;
  return [
    ...(await openPair('ours', 'manyhands', [overTcp, overSsh])),
    ...(await openPair('ours', 'manyhands, lzo', [`${overTcp},lzo`, `${overSsh},lzo`])),
    ...(existsSync(LAUNCHERS.debian) ? await openPair('debian', 'distcc', [overTcp, overSsh]) : []),
  ];
}

/** Each has a world, and so an agent, of its own; and an sshd, by which its connections are known. */
async function openPair(make: Make, name: string, [tcp, ssh]: readonly [string, string]): Promise<Way[]> {
  const sshd = owner.use(await Sshd.start(scratch));
  const env = { DISTCC_SSH: `ssh -F ${sshd.clientConfig}` };
  const [overTcp, overSsh] = [tcp, ssh].map((hosts) =>
    owner.use(openClient(make, owner.use(new Scratch()), { hosts, env })),
  );
  assert(overTcp !== undefined && overSsh !== undefined);
  return [
    { name: `${name}, TCP`, client: overTcp, prefix: overTcp.launcher },
    {
      name: `${name}, ssh`,
      client: overSsh,
      prefix: overSsh.launcher,
      ...(make === 'ours' && { servants: () => sshd.masters }),
    },
  ];
}

function formatReport(): string {
  const files = corpus.files.length;
  const indexOf = (name: string): number => ways.findIndex((way) => way.name === name);
  const between = (name: string, base: string) =>
    summarize(rounds.map((round) => ((round[indexOf(name)] ?? NaN) - (round[indexOf(base)] ?? NaN)) / files));
  const rows = ways
    .slice(1)
    .map(({ name }) => [name, ...formatSummary(between(name, EMPTY.name)), 'ms/file']);
  const differences = ways
    .filter(({ name }) => name.endsWith(', ssh'))
    .map(({ name }) => {
      const base = name.replace(/ssh$/, 'TCP');
      return [`${name} beyond TCP`, ...formatSummary(between(name, base)), 'ms/file'];
    });
  const title = `${corpus.name} ${corpus.version}, ${files} files`;
  return formatTable([title, 'n', 'median', '90 %', 'unit'], [...rows, ...differences]);
}
