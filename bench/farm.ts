/**
 * How many slots of a farm does one client keep busy?
 *
 * Real launchers under ninja, with the sources and headers of a real project, and a worker that answers each job after
 * a while with a real object (measure/farm-worker.ts): so the client's machine is the limit, and not the compiles. Each
 * file is compiled many times over, each time with another variable, which makes it another job. The own cache is off. All
 * objects are compared with what the worker sent. The worker's CPU, on the same cores, is told as well.
 */
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LAUNCHERS, openClient, type Client } from '../test/rig/client.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { prepareCorpus, type Corpus } from './corpus/corpus.ts';
import { pinNamed, PINS } from './corpus/pins.ts';
import { agentOf } from './measure/client.ts';
import { cpuOfProcess } from './measure/cpu.ts';
import { FarmBuild, FLAGS } from './measure/farm-build.ts';
import { startFarm } from './measure/farm-process.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';
import { formatTable } from './measure/table.ts';

const HELP = `farm: how many slots of a farm one client keeps busy
  --slots N      of the farm; may be given several times (60)
  --answer MS    after which the worker answers (300)
  --jobs N       of each build (2000)
  --rounds N     builds of each (3)
  --corpus NAME  ${PINS.map(({ name }) => name).join(' or ')} (rdkafka)
  --stock        Debian's distcc beside it`;

const { values } = parseArgs({
  options: {
    slots: { type: 'string', multiple: true, default: ['60'] },
    answer: { type: 'string', default: '300' },
    jobs: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    corpus: { type: 'string', default: 'rdkafka' },
    stock: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const OBJECT_BYTES = 150_000;
const answerMs = Number(values.answer);
const corpus = await prepareCorpus(pinNamed(values.corpus).name);
using scratch = new Scratch();
const objectFile = makeObject(corpus, scratch.path('object.o'));
console.log(
  `farm, ${corpus.name}, ${values.jobs} jobs, answers after ${answerMs} ms with ${statSync(objectFile).size} bytes; ` +
    `headers of a file: ${medianOfHeaders(corpus)}\n${await describeMachine()}\n`,
);
const rows: string[][] = [];
for (const slots of values.slots.map(Number)) {
  rows.push(...(await measure('ours', slots)));
  if (values.stock && existsSync(LAUNCHERS.debian)) rows.push(...(await measure('debian', slots)));
}
console.log(
  formatTable(
    ['way', 'slots', 'busy', 'jobs/s', 'agent ms/job', 'launcher ms/job', 'worker ms/job', 'agent MB'],
    rows,
  ),
);

async function measure(make: Client['make'], slots: number): Promise<string[][]> {
  using own = new Scratch();
  using farm = await startFarm({ answers: { '': { objectFile, answerMs } } });
  const hosts = `127.0.0.1:${farm.port}/${slots}`;
  await using client = openClient(make, own, { hosts, env: { MANYHANDS_NATIVE: 'on' } });
  const build = new FarmBuild(corpus, own, Number(values.jobs));
  await build.run(client, slots);
  const found: string[][] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    await farm.takeCounts();
    const before = { agent: await cpuOfAgent(client), worker: cpuOfProcess(farm.pid) };
    const cpuMs = await build.run(client, slots);
    const { jobs, spanMs, mostJobs } = await farm.takeCounts();
    assert.equal(jobs, build.jobs, 'some were not compiled there');
    build.check(objectFile);
    const agentMs = (await cpuOfAgent(client)) - before.agent;
    const emptyMs = await build.runEmpty(slots);
    const perJob = (ms: number): string => (ms / jobs).toFixed(2);
    found.push([
      make === 'ours' ? 'manyhands' : 'distcc',
      `${slots} (${mostJobs})`,
      `${((100 * jobs * answerMs) / (slots * spanMs)).toFixed(1)} %`,
      ((1000 * jobs) / spanMs).toFixed(0),
      perJob(agentMs),
      perJob(cpuMs - emptyMs),
      perJob(cpuOfProcess(farm.pid) - before.worker),
      ((await memoryOfAgent(client)) / 1024).toFixed(0),
    ]);
  }
  return found;
}

async function cpuOfAgent(client: Client): Promise<number> {
  const pid = client.make === 'ours' ? await agentOf(client) : undefined;
  return pid === undefined ? 0 : cpuOfProcess(pid);
}

/** In KiB, the most it ever was. */
async function memoryOfAgent(client: Client): Promise<number> {
  const pid = client.make === 'ours' ? await agentOf(client) : undefined;
  if (pid === undefined) return 0;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** A real object of the corpus: that whose size is nearest to the one wanted. */
function makeObject(whole: Corpus, target: string): string {
  const sizes = whole.files.slice(0, 30).map((file, index) => {
    const object = `${target}.${index}`;
    execFileSync(
      whole.language === 'c' ? 'gcc' : 'g++',
      [...file.argv, ...FLAGS, '-c', file.source, '-o', object],
      {
        cwd: whole.directory,
      },
    );
    return { object, distance: Math.abs(statSync(object).size - OBJECT_BYTES) };
  });
  const [best] = sizes.sort((one, other) => one.distance - other.distance);
  assert.ok(best);
  return best.object;
}

function medianOfHeaders(whole: Corpus): number {
  const counts = whole.files.slice(0, 30).map((file) => {
    const compiler = whole.language === 'c' ? 'gcc' : 'g++';
    const rule = execFileSync(compiler, [...file.argv, '-M', file.source], { cwd: whole.directory });
    return rule.toString().split(/[\s\\]+/).length - 3;
  });
  return summarize(counts).median;
}
