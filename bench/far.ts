/**
 * How long does a build take with workers that are far away?
 *
 * Between client and worker is a line of 20 Mbit/s in each direction, and 25 ms long (measure/slow-proxy.ts). The worker
 * compiles nothing: it answers after the time that each file has taken here, or all the same, with the object that came of it
 * (measure/farm-worker.ts), so that the client's machine is the client's alone. Cold: nothing is known yet to the
 * agent and the worker. Warm: the same build again, compiled again.
 */
import assert from 'node:assert';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { LAUNCHERS, openClient, type Client } from '../test/rig/client.ts';
import { runWell } from '../test/rig/run.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { Build } from './corpus/build.ts';
import { prepareCorpus, type Corpus } from './corpus/corpus.ts';
import { PINS } from './corpus/pins.ts';
import { FLAGS } from './measure/farm-build.ts';
import { startFarm, type RunningFarm } from './measure/farm-process.ts';
import { NUMBER_BYTES, type FarmAnswer } from './measure/farm-worker.ts';
import { describeMachine } from './measure/machine.ts';
import { startSlowProxy } from './measure/slow-proxy.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const HELP = `far: how long a build takes with workers that are far away
  --rounds N     in which both ways take turns (3)
  --corpus NAME  ${PINS.map(({ name }) => name).join(' or ')}; may be given several times (all)
  --files N      the first N files of each (all)
  --slots N      of the worker (32)
  --delay MS     of the line, one way (25)
  --mbit N       of the line, per second, each way (20)
  --answer MS    how long each compile takes (as long as here)`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    corpus: { type: 'string', multiple: true, default: PINS.map(({ name }) => name) },
    files: { type: 'string', default: 'Infinity' },
    slots: { type: 'string', default: '32' },
    delay: { type: 'string', default: '25' },
    mbit: { type: 'string', default: '20' },
    answer: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const WAYS: readonly Client['make'][] = existsSync(LAUNCHERS.debian) ? ['debian', 'ours'] : ['ours'];
const slots = Number(values.slots);
const line = { delayMs: Number(values.delay), bytesPerSecond: (Number(values.mbit) * 1e6) / 8 };

type Answers = Readonly<Record<string, FarmAnswer>>;

interface Sample {
  readonly coldS: number;
  readonly warmS: number;
  readonly coldBytes: number;
  readonly warmBytes: number;
  /** Warm, without the line. */
  readonly nearS: number;
}

console.log(
  `far, ${line.delayMs} ms each way, ${values.mbit} Mbit/s, ${slots} slots\n${await describeMachine()}`,
);
for (const { name } of PINS.filter((pin) => values.corpus.includes(pin.name))) {
  const whole = await prepareCorpus(name);
  const corpus = { ...whole, files: whole.files.slice(0, Number(values.files)) };
  using scratch = new Scratch();
  const answers = await recordAnswers(corpus, scratch);
  const samples: Record<Client['make'], Sample[]> = { ours: [], debian: [] };
  for (let round = 0; round < Number(values.rounds); round++)
    for (const make of WAYS) samples[make].push(await measure(make, corpus, answers));
  report(corpus, samples);
}

/** Compiles all files here, one after the other, and keeps objects and times. */
async function recordAnswers(corpus: Corpus, scratch: Scratch): Promise<Answers> {
  const compiler = corpus.language === 'c' ? 'gcc' : 'g++';
  const answers: Record<string, FarmAnswer> = {};
  for (const [index, { source, argv }] of corpus.files.entries()) {
    const objectFile = scratch.path(`${index}.o`);
    const words = [...argv, ...FLAGS, '-c', source, '-o', objectFile];
    const startedMs = performance.now();
    await promisify(execFile)(compiler, words, { cwd: corpus.directory });
    const tookMs = performance.now() - startedMs;
    answers[source] = { objectFile, answerMs: values.answer === undefined ? tookMs : Number(values.answer) };
  }
  const times = Object.values(answers).map(({ answerMs }) => answerMs / 1000);
  const sum = times.reduce((total, time) => total + time, 0);
  console.log(
    `${corpus.name}: ${times.length} files, the longest ${Math.max(...times).toFixed(1)} s, all by ${slots} slots ${(sum / slots).toFixed(1)} s`,
  );
  return answers;
}

async function measure(make: Client['make'], corpus: Corpus, answers: Answers): Promise<Sample> {
  using farm = await startFarm({ answers });
  await using proxy = await startSlowProxy(farm.port, line);
  using own = new Scratch();
  await using client = open(make, own, proxy.port);
  const coldS = await timeBuild(client, { corpus, answers, farm });
  const coldBytes = proxy.takeBytes();
  const warmS = await timeBuild(client, { corpus, answers, farm });
  const warmBytes = proxy.takeBytes();
  using other = new Scratch();
  await using near = open(make, other, farm.port);
  await timeBuild(near, { corpus, answers, farm });
  const nearS = await timeBuild(near, { corpus, answers, farm });
  return { coldS, coldBytes, warmS, warmBytes, nearS };
}

function open(make: Client['make'], own: Scratch, port: number): Client {
  const compression = make === 'debian' ? ',lzo' : '';
  const hosts = `127.0.0.1:${port}/${slots}${compression}`;
  return openClient(make, own, { hosts, env: { MANYHANDS_NATIVE: 'on' } });
}

async function timeBuild(
  client: Client,
  {
    corpus,
    answers,
    farm,
  }: { readonly corpus: Corpus; readonly answers: Answers; readonly farm: RunningFarm },
): Promise<number> {
  const [cc, cxx] = ['gcc', 'g++'].map((compiler) => `${client.launcher} ${compiler}`) as [string, string];
  using build = new Build(corpus, { cc, cxx, flags: FLAGS, dependencies: [], outOfTree: true });
  await farm.takeCounts();
  const startedMs = performance.now();
  await runWell(build.ninjaCommand(slots + 4), { env: client.env, timeoutMs: 1_800_000 });
  const seconds = (performance.now() - startedMs) / 1000;
  assert.equal((await farm.takeCounts()).jobs, corpus.files.length, 'some were not compiled there');
  for (const file of corpus.files) {
    const made = readFileSync(path.join(corpus.directory, build.objectOf(file)));
    const wanted = readFileSync(answers[file.source]?.objectFile ?? '');
    assert.ok(made.subarray(0, -NUMBER_BYTES).equals(wanted), `${file.source} is not what was sent`);
  }
  return seconds;
}

function report(corpus: Corpus, samples: Readonly<Record<Client['make'], readonly Sample[]>>): void {
  const median = (make: Client['make'], of: (sample: Sample) => number): number =>
    summarize(samples[make].map(of)).median;
  const rows = WAYS.map((make) => [
    make === 'ours' ? 'manyhands' : 'distcc, lzo',
    median(make, ({ coldS }) => coldS).toFixed(1),
    (median(make, ({ coldBytes }) => coldBytes) / 1e6).toFixed(1),
    median(make, ({ warmS }) => warmS).toFixed(1),
    (median(make, ({ warmBytes }) => warmBytes) / 1e6).toFixed(1),
    median(make, ({ nearS }) => nearS).toFixed(1),
    median(
      make,
      ({ warmS, warmBytes, nearS }) => warmS / Math.max(nearS, warmBytes / line.bytesPerSecond),
    ).toFixed(2),
  ]);
  const title = `${corpus.name} ${corpus.version}, ${corpus.files.length} files`;
  const head = [title, 'cold s', 'MB', 'warm s', 'MB', 'near s', 'warm : bound'];
  console.log(`\n${formatTable(head, rows)}`);
  if (!WAYS.includes('debian')) return;
  const ratios = samples.ours.map(({ coldS }, index) => coldS / (samples.debian[index]?.coldS ?? Number.NaN));
  const { n, median: middle, low, high } = summarize(ratios);
  console.log(
    `cold, manyhands : distcc, lzo  ${middle.toFixed(2)} (${low.toFixed(2)}..${high.toFixed(2)}), n ${n}`,
  );
}
