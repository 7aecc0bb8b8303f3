/**
 * What does a compile on the native wire cost the machine that asks for it, and what does a hit in the own cache?
 *
 * CPU per file of all that runs on the client's side, less the cost of starting an empty program the same way, beside
 * Debian's distcc in its lzo mode and beside ccache's direct hit; and the bytes on the wire, of the first build, when
 * the worker knows no header, and of the later ones. All ways take turns within a round, and ratios are taken within a round.
 *
 * The own cache is off but where it is the question. The worker compiles in each round: its results are removed before it.
 * With --quick they are not, which changes nothing for the client but the wall time; distcc's answers come from memory then.
 */
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatHosts, LAUNCHERS, openClient } from '../test/rig/client.ts';
import { START_DISTCCD, type Daemon } from '../test/rig/cluster.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../test/rig/scratch.ts';
import { prepareCorpus, type Corpus } from './corpus/corpus.ts';
import { PINS } from './corpus/pins.ts';
import { cpuOfBuild, EMPTY, formatSummary, takeTurns, type Way } from './measure/client.ts';
import { describeMachine } from './measure/machine.ts';
import { startCountingProxy, type CountingProxy } from './measure/proxy.ts';
import { startRememberingProxy } from './measure/remembering-proxy.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    corpus: { type: 'string', multiple: true, default: PINS.map(({ name }) => name) },
    flags: { type: 'string', default: '-O2 -g' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
    quick: { type: 'boolean', default: false },
  },
});
const LZO = 'distcc, lzo';
const NATIVE = 'manyhands, native';
const HIT = 'manyhands, own cache';
const CCACHE = 'ccache, direct hit';
const jobs = Number(values.jobs);
const flags = values.flags.split(' ');

interface Sample {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly compiled: number;
}

interface WireWay extends Way {
  readonly proxy?: { bytes: () => number };
  /** How many the worker has compiled, or answered. */
  readonly count?: () => Promise<number>;
}

console.log(
  `native, ${values.flags}, make -j${jobs}${values.quick ? ', workers remember' : ''}\n${await describeMachine()}`,
);
for (const { name } of PINS.filter((pin) => values.corpus.includes(pin.name))) {
  using scratch = new Scratch();
  await measureCorpus(await prepareCorpus(name), scratch);
}

async function measureCorpus(corpus: Corpus, scratch: Scratch): Promise<void> {
  await using owner = new AsyncDisposableStack();
  const cache = path.join(scratch.openDirectory('worker'), 'cache');
  const worker = owner.use(
    await START_DISTCCD.ours(scratch, { jobs: jobs + 2, args: ['--cache-dir', cache] }),
  );
  const nativeProxy = owner.use(await startCountingProxy(worker.port));
  const ways: WireWay[] = [EMPTY];
  const forget = (): void => {
    if (!values.quick) rmSync(path.join(cache, 'v1', 'ac'), { recursive: true, force: true });
  };
  ways.push(
    ...(await debianWay(scratch, owner)),
    nativeWay(worker, nativeProxy, owner),
    cachedWay(worker, owner),
    ...ccacheWay(scratch),
  );
  const cold: Sample[] = [];
  const measure = async (way: WireWay): Promise<Sample> => {
    forget();
    const sample = await measureOnce(way, corpus);
    cold.push(sample);
    return sample;
  };
  const rounds = await takeTurns(ways, Number(values.rounds), measure);
  report({ corpus, ways, rounds, cold });
}

async function measureOnce(way: WireWay, corpus: Corpus): Promise<Sample> {
  const before = { bytes: way.proxy?.bytes() ?? 0, compiled: (await way.count?.()) ?? 0 };
  const cpuMs = await cpuOfBuild(way, { corpus, flags, jobs, isInTree: false });
  return {
    cpuMs,
    bytes: (way.proxy?.bytes() ?? 0) - before.bytes,
    compiled: ((await way.count?.()) ?? 0) - before.compiled,
  };
}

async function debianWay(scratch: Scratch, owner: AsyncDisposableStack): Promise<readonly WireWay[]> {
  if (!existsSync(LAUNCHERS.debian)) return [];
  const daemon = owner.use(await START_DISTCCD.debian(scratch, { jobs: jobs + 2 }));
  const remembering = values.quick ? owner.use(await startRememberingProxy(daemon.port)) : undefined;
  const proxy = remembering ?? owner.use(await startCountingProxy(daemon.port));
  const hosts = formatHosts([proxy], { limit: jobs + 2, compression: ',lzo' });
  const client = owner.use(openClient('debian', owner.use(new Scratch()), { hosts }));
  const count = async (): Promise<number> => remembering?.answers() ?? (await daemon.counts()).ok;
  return [{ name: LZO, client, prefix: client.launcher, proxy, count }];
}

function nativeWay(worker: Daemon, proxy: CountingProxy, owner: AsyncDisposableStack): WireWay {
  const hosts = formatHosts([proxy], { limit: jobs + 2 });
  const env = { MANYHANDS_NATIVE: 'on' };
  const client = owner.use(openClient('ours', owner.use(new Scratch()), { hosts, env }));
  const count = async (): Promise<number> => {
    const page = await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
    return Number(/manyhands_executed (\d+)/.exec(page)?.[1]);
  };
  return { name: NATIVE, client, prefix: client.launcher, proxy, count };
}

function cachedWay(worker: Daemon, owner: AsyncDisposableStack): WireWay {
  const scratch = owner.use(new Scratch());
  const env = { MANYHANDS_NATIVE: 'on', MANYHANDS_CACHE: 'on', MANYHANDS_CACHE_DIR: scratch.path('cache') };
  const client = owner.use(
    openClient('ours', scratch, { hosts: formatHosts([worker], { limit: jobs + 2 }), env }),
  );
  return { name: HIT, client, prefix: client.launcher };
}

function ccacheWay(scratch: Scratch): readonly WireWay[] {
  if (!existsSync('/usr/bin/ccache')) return [];
  const env = { ...PLAIN_ENVIRONMENT, CCACHE_DIR: scratch.openDirectory('ccache'), CCACHE_MAXSIZE: '5G' };
  const client = {
    make: 'debian',
    launcher: '/usr/bin/ccache',
    env,
    [Symbol.asyncDispose]: async () => {},
  } as const;
  return [{ name: CCACHE, client, prefix: '/usr/bin/ccache' }];
}

interface Report {
  readonly corpus: Corpus;
  readonly ways: readonly WireWay[];
  readonly rounds: readonly (readonly Sample[])[];
  /** In the order in which they were measured: the first of each way is its first build. */
  readonly cold: readonly Sample[];
}

function report({ corpus, ways, rounds, cold }: Report): void {
  const files = corpus.files.length;
  const indexOf = (name: string): number => ways.findIndex((way) => way.name === name);
  const costOf = (round: readonly Sample[], name: string): number =>
    ((round[indexOf(name)]?.cpuMs ?? Number.NaN) - (round[0]?.cpuMs ?? 0)) / files;
  const rows = ways.map(({ name, proxy, count }, index) => {
    const costs = rounds.map((round) => (index === 0 ? (round[0]?.cpuMs ?? 0) / files : costOf(round, name)));
    const kib = summarize(rounds.map((round) => (round[index]?.bytes ?? 0) / 1024)).median;
    const first = (cold[index]?.bytes ?? 0) / 1024;
    const compiled = Math.min(...rounds.map((round) => round[index]?.compiled ?? 0));
    const wire = proxy === undefined ? ['', '', ''] : [first.toFixed(0), kib.toFixed(0), `${compiled}`];
    return [
      name,
      ...formatSummary(summarize(costs)),
      'ms/file',
      ...wire.slice(0, count === undefined ? 2 : 3),
    ];
  });
  const pairs = [
    [NATIVE, LZO],
    [HIT, CCACHE],
  ] as const;
  const ratios = pairs
    .filter(([one, other]) => indexOf(one) >= 0 && indexOf(other) >= 0)
    .map(([one, other]) => {
      const ratio = summarize(rounds.map((round) => costOf(round, one) / costOf(round, other)));
      return [`${one} : ${other}`, ...formatSummary(ratio, 3), 'ratio'];
    });
  const [native, lzo] = [cold[indexOf(NATIVE)], cold[indexOf(LZO)]];
  if (native !== undefined && lzo !== undefined)
    ratios.push(['bytes of the first build', '1', (native.bytes / lzo.bytes).toFixed(3), '', 'ratio']);
  const title = `${corpus.name} ${corpus.version}, ${files} files`;
  console.log(
    `\n${formatTable([title, 'n', 'median', '90 %', 'unit', 'first KiB', 'KiB', 'remote'], [...rows, ...ratios])}`,
  );
}
