/**
 * What does distributing a compile cost the machine that asks for it?
 *
 * CPU per file of all that runs on the client's side (launcher or distcc, preprocessor, our agent with all
 * its threads), less the cost of starting an empty program the same way; and the bytes on the wire, in the
 * same runs. All ways take turns within a round, and ratios are taken within a round, so that a machine
 * that slows down slows all of them. One build before the first round warms caches and starts the agent.
 *
 * The workers run in other process trees and are not counted. With --quick a proxy before them remembers
 * what they answered: after the warming build it gives the same bytes without compiling.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { formatHosts, LAUNCHERS, openClient } from '../test/rig/client.ts';
import { START_DISTCCD, type Daemon, type Make } from '../test/rig/cluster.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { copyCorpus, prepareCorpus, type Corpus } from './corpus/corpus.ts';
import { PINS } from './corpus/pins.ts';
import { cpuOfBuild, EMPTY, formatSummary, takeTurns, type Way } from './measure/client.ts';
import { describeMachine } from './measure/machine.ts';
import { startCountingProxy, type CountingProxy } from './measure/proxy.ts';
import { startRememberingProxy, type RememberingProxy } from './measure/remembering-proxy.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const HELP = `client-cpu: client CPU per file and bytes on the wire
  --rounds N        rounds in which all ways take turns (10)
  --corpus NAME     ${PINS.map(({ name }) => name).join(' or ')}; may be repeated (both)
  --flags "FLAGS"   how files are compiled ("-O2 -g")
  --jobs N          make -jN (one per core)
  --workers MAKE    debian or ours (debian where it is installed)
  --in-tree         objects beside their sources, not in a build directory
  --way NAME        only this way and what it is compared with; may be repeated (all)
  --quick           after the first build, answers come from memory`;

interface Options {
  readonly rounds: number;
  readonly corpora: readonly string[];
  readonly flags: readonly string[];
  readonly jobs: number;
  readonly workers: Make;
  readonly isInTree: boolean;
  readonly isQuick: boolean;
  readonly ways: readonly string[];
}

interface Sample {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly compiled: number;
}

const PREPROCESS: Way = {
  name: 'gcc -E alone',
  recipe: ({ compiler, file, object, options }) => [
    [compiler, ...file.argv, ...options.flags, '-E', '-o', `${object}.i`, file.source].join(' '),
  ],
};

/** What ours is compared with. */
const BASELINE = 'distcc, lzo';
const HEADERS = 'manyhands, headers';
/** What stands behind the host, by what is sent. Debian's own way of sending headers does not work. */
const MODES = { plain: '', lzo: ',lzo', headers: ',cpp,lzo' };

const options = parseOptions(process.argv.slice(2));
console.log(`client-cpu, ${describeMode(options)}\n${await describeMachine()}`);
for (const { name } of PINS.filter((pin) => options.corpora.includes(pin.name))) {
  using scratch = new Scratch();
  const original = await prepareCorpus(name);
  const corpus = options.isInTree ? await copyCorpus(original, scratch.path('tree')) : original;
  await measureCorpus(corpus, scratch, options);
}

async function measureCorpus(corpus: Corpus, scratch: Scratch, options: Options): Promise<void> {
  await using daemon = await startWorkers(scratch, options);
  await using proxy = await (options.isQuick ? startRememberingProxy : startCountingProxy)(daemon.port);
  await using owner = new AsyncDisposableStack();
  const wanted = new Set([EMPTY.name, BASELINE, ...options.ways]);
  const ways = [EMPTY, PREPROCESS, ...openClients({ proxy, jobs: options.jobs }, owner)].filter(
    ({ name }) => options.ways.length === 0 || wanted.has(name),
  );
  const rounds = await takeTurns(ways, options.rounds, (way) =>
    measureOnce(way, { corpus, daemon, proxy, options }),
  );
  console.log(`\n${formatReport(corpus, ways, rounds)}`);
}

interface Stage {
  readonly corpus: Corpus;
  readonly daemon: Daemon;
  readonly proxy: CountingProxy | RememberingProxy;
  readonly options: Options;
}

async function measureOnce(way: Way, { corpus, daemon, proxy, options }: Stage): Promise<Sample> {
  const countAnswers = async () => ('answers' in proxy ? proxy.answers() : (await daemon.counts()).ok);
  const before = { bytes: proxy.bytes(), answers: await countAnswers() };
  const cpuMs = await cpuOfBuild(way, { corpus, ...options });
  const compiled = (await countAnswers()) - before.answers;
  return { cpuMs, bytes: proxy.bytes() - before.bytes, compiled };
}

type Round = readonly Sample[];

function formatReport(corpus: Corpus, ways: readonly Way[], rounds: readonly Round[]): string {
  const files = corpus.files.length;
  const cpuOf = (round: Round, name: string) =>
    (round[ways.findIndex((way) => way.name === name)]?.cpuMs ?? Number.NaN) / files;
  const overEmpty = (round: Round, name: string) => cpuOf(round, name) - cpuOf(round, EMPTY.name);
  const overPreprocess = (round: Round, name: string) => cpuOf(round, name) - cpuOf(round, PREPROCESS.name);

  const rows = ways.map(({ name, client }, index) => {
    const cost = name === EMPTY.name ? cpuOf : overEmpty;
    const kib = summarize(rounds.map((round) => (round[index]?.bytes ?? 0) / 1024)).median;
    const compiled = Math.min(...rounds.map((round) => round[index]?.compiled ?? 0));
    const wire = client === undefined ? ['', ''] : [kib.toFixed(0), `${compiled}`];
    return [name, ...formatSummary(summarize(rounds.map((round) => cost(round, name)))), 'ms/file', ...wire];
  });
  const ratios = ways
    .filter(() => ways.includes(PREPROCESS))
    .filter(({ client, name }) => client?.make === 'ours' && name !== HEADERS)
    .map(({ name }) => {
      const ratio = (round: Round) => overPreprocess(round, name) / overPreprocess(round, BASELINE);
      return [
        `${name} : ${BASELINE}, beyond gcc -E`,
        ...formatSummary(summarize(rounds.map(ratio))),
        'ratio',
      ];
    });
  // Where the worker preprocesses, all that the client does is compared.
  const whole = (round: Round) => overEmpty(round, HEADERS) / overEmpty(round, BASELINE);
  if (ways.some(({ name }) => name === HEADERS)) {
    const summary = summarize(rounds.map(whole));
    ratios.push([`${HEADERS} : ${BASELINE}`, ...formatSummary(summary, 3), 'ratio']);
  }
  const title = `${corpus.name} ${corpus.version}, ${files} files`;
  return formatTable([title, 'n', 'median', '90 %', 'unit', 'KiB', 'remote'], [...rows, ...ratios]);
}

async function startWorkers(scratch: Scratch, { workers, jobs }: Options): Promise<Daemon> {
  return START_DISTCCD[workers](scratch, { jobs: jobs + 2 });
}

/** Each client has a world, and so an agent, of its own. Programs that are not there are left out, by name. */
function openClients(
  { proxy, jobs }: { proxy: CountingProxy | RememberingProxy; jobs: number },
  owner: AsyncDisposableStack,
) {
  return (['debian', 'ours'] as const).flatMap((make) => {
    const label = make === 'debian' ? 'distcc' : 'manyhands';
    if (!existsSync(LAUNCHERS[make])) {
      console.log(`without ${label}: ${LAUNCHERS[make]} is not there`);
      return [];
    }
    const modes = Object.entries(MODES).filter(([mode]) => make === 'ours' || mode !== 'headers');
    return modes.map(([mode, compression]): Way => {
      const hosts = formatHosts([proxy], { limit: jobs + 2, compression });
      const client = owner.use(openClient(make, owner.use(new Scratch()), { hosts }));
      return { name: `${label}, ${mode}`, client, prefix: client.launcher };
    });
  });
}

function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: 'string', default: '10' },
      corpus: { type: 'string', multiple: true, default: PINS.map(({ name }) => name) },
      flags: { type: 'string', default: '-O2 -g' },
      jobs: { type: 'string', default: `${availableParallelism()}` },
      workers: { type: 'string', default: existsSync('/usr/bin/distccd') ? 'debian' : 'ours' },
      'in-tree': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      way: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  if (values.workers !== 'debian' && values.workers !== 'ours') throw new Error(`--workers debian or ours`);
  return {
    rounds: Number(values.rounds),
    corpora: values.corpus,
    flags: values.flags.split(' '),
    jobs: Number(values.jobs),
    workers: values.workers,
    isInTree: values['in-tree'],
    isQuick: values.quick,
    ways: values.way,
  };
}

function describeMode({ flags, jobs, workers, isInTree, isQuick }: Options): string {
  const where = isInTree ? 'objects beside sources' : 'objects in a build directory';
  const how = isQuick ? 'remembered' : 'compiling';
  return `${flags.join(' ')}, make -j${jobs}, ${where}; workers: ${workers}, ${how}; CPU and bytes of the same runs`;
}
