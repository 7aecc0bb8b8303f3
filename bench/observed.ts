/**
 * What do those who look on cost the client?
 *
 * The same build of a simulated farm (as in farm.ts), in turns with nobody who looks on, and with a page, a terminal and a
 * scraper of metrics. What is compared is the client's CPU for each job: agent and launchers.
 */
import assert from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BIN } from '../test/rig/cluster.ts';
import { openClient, type Client } from '../test/rig/client.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { prepareCorpus, type Corpus } from './corpus/corpus.ts';
import { pinNamed } from './corpus/pins.ts';
import { agentOf } from './measure/client.ts';
import { cpuOfProcess } from './measure/cpu.ts';
import { FarmBuild, FLAGS } from './measure/farm-build.ts';
import { startFarm } from './measure/farm-process.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';

const HELP = `observed: what those who look on cost the client, for each job
  --rounds N  in which both take turns (20)
  --jobs N    of each build (600)
  --slots N   of the farm (40)`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '600' },
    slots: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const ANSWER_MS = 100;
const SCRAPE_EVERY_MS = 1000;
const COMING_MS = 1500;
const slots = Number(values.slots);

const corpus = await prepareCorpus(pinNamed('rdkafka').name);
using scratch = new Scratch();
const objectFile = makeObject(corpus, scratch.path('object.o'));
using farm = await startFarm({ answers: { '': { objectFile, answerMs: ANSWER_MS } } });
await using client = openClient('ours', scratch, {
  hosts: `127.0.0.1:${farm.port}/${slots}`,
  env: { MANYHANDS_NATIVE: 'on' },
});
const build = new FarmBuild(corpus, scratch, Number(values.jobs));
console.log(`observed, ${values.jobs} jobs a build, ${slots} slots\n${await describeMachine()}`);
await measure(client);
await measure(client);
const more: number[] = [];
const alone: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const found: Record<'alone' | 'observed', number> = { alone: 0, observed: 0 };
  const order = round % 2 === 0 ? (['alone', 'observed'] as const) : (['observed', 'alone'] as const);
  for (const way of order) {
    await using _observers = way === 'observed' ? await startObservers(client) : undefined;
    found[way] = await measure(client);
  }
  alone.push(found.alone);
  more.push(found.observed - found.alone);
}
const { median, low, high, n } = summarize(more);
console.log(
  `alone ${summarize(alone).median.toFixed(2)} ms/job; observed, more by ${median.toFixed(3)} ms/job (${low.toFixed(3)}..${high.toFixed(3)}), n ${n}`,
);

/** The client's CPU for each job, in milliseconds; ninja's own is in it, each time the same. */
async function measure(of: Client): Promise<number> {
  const pid = (await agentOf(of)) ?? 0;
  const before = pid === 0 ? 0 : cpuOfProcess(pid);
  const belowMs = await build.run(of, slots);
  const agentMs = pid === 0 ? 0 : cpuOfProcess(pid) - before;
  return (belowMs + agentMs) / build.jobs;
}

/** A page, a terminal, and Prometheus. */
async function startObservers({ env }: Client): Promise<AsyncDisposable> {
  const manyhands = path.join(BIN, 'manyhands');
  const address = new URL(execFileSync(manyhands, ['web', '--no-open'], { env, encoding: 'utf8' }).trim());
  const headers = { authorization: `Bearer ${address.searchParams.get('token')}` };
  const feed = request(new URL('/feed', address), { headers }).end();
  const [page] = await once(feed, 'response');
  page.resume();
  assert.equal(page.statusCode, 200);
  const top = spawn(manyhands, ['top'], { env, stdio: 'ignore' });
  // To be told of 20,000 jobs costs once what is not to be counted for each.
  await delay(COMING_MS);
  const scraper = setInterval(() => {
    request(new URL('/metrics', address), { headers }, (response) => response.resume()).end();
  }, SCRAPE_EVERY_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(scraper);
      feed.on('error', () => {}).destroy();
      top.kill();
      await once(top, 'exit');
    },
  };
}

function makeObject(whole: Corpus, target: string): string {
  const [file] = whole.files;
  assert.ok(file);
  const words = [...file.argv, ...FLAGS, '-c', file.source, '-o', target];
  execFileSync('gcc', words, { cwd: whole.directory });
  return target;
}
