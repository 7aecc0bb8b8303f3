/**
 * `make demo`: two workers on loopback, a real C++ project (re2 with abseil) through them, what came of it, and the
 * same once more, out of the cache. Where no box can be had (bubblewrap) texts are sent, and nothing is kept. All that it starts it stops again; only the project stays in its cache for the next time.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Build } from '../bench/corpus/build.ts';
import { prepareCorpus } from '../bench/corpus/corpus.ts';
import { cpuOfProcess } from '../bench/measure/cpu.ts';
import { Progress } from '../src/monitor/progress.ts';
import type { AgentStatus } from '../src/monitor/status-text.ts';
import { formatHosts, openClient } from '../test/rig/client.ts';
import { BIN, START_DISTCCD, type Daemon } from '../test/rig/cluster.ts';
import { runWell } from '../test/rig/run.ts';
import { Scratch } from '../test/rig/scratch.ts';

/** Without optimisation and warnings the demo is over in a minute or two on two cores. */
const FLAGS = ['-O0', '-g', '-w'];
const WORKERS = 2;
const SAMPLES = 8;
const progress = new Progress(process.stdout);

using scratch = new Scratch();
console.log('Fetching re2 1.24.0 with abseil from npm (only the first time) ...');
const corpus = await prepareCorpus('re2');
const cores = availableParallelism();
await using first = await START_DISTCCD.ours(scratch, { jobs: cores });
await using second = await START_DISTCCD.ours(scratch, { jobs: cores });
const workers: readonly Daemon[] = [first, second];
const hosts = formatHosts(workers, { limit: cores, compression: ',lzo' });
await using client = openClient('ours', scratch, {
  hosts,
  env: { MANYHANDS_NATIVE: 'on', MANYHANDS_CACHE: 'on', MANYHANDS_CACHE_DIR: scratch.path('cache') },
});
using build = new Build(corpus, {
  cc: `${client.launcher} gcc`,
  cxx: `${client.launcher} g++`,
  flags: FLAGS,
  outOfTree: true,
  dependencies: ['-MMD'],
});
console.log(`${WORKERS} workers listen on loopback: DISTCC_HOSTS='${hosts}'`);
console.log(`make -j${WORKERS * cores} compiles ${corpus.files.length} C++ files, ${FLAGS.join(' ')}`);

const elapsedMs = await compileAll();
const status = await readStatus();
const isNative = (await countExecuted()) > 0;
const isSame = await compareSamples();
printTable(status, elapsedMs);
if (isNative) await compileAgain();
if (!isSame || status.endings.failed > 0) process.exitCode = 1;

/** The same files once more: their results are here. */
async function compileAgain(): Promise<void> {
  for (const file of corpus.files) rmSync(path.join(corpus.directory, build.objectOf(file)));
  console.log('once more, with the results that were kept');
  const againMs = await compileAll();
  const { endings } = await readStatus();
  console.log(`  out of the cache  ${endings.cached}\n  wall time         ${(againMs / 1000).toFixed(1)} s`);
  if (endings.cached === 0) process.exitCode = 1;
}

/** How many files the workers were sent as blobs. */
async function countExecuted(): Promise<number> {
  const pages = await Promise.all(
    workers.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/`)).text()),
  );
  return pages.reduce((sum, page) => sum + Number(/manyhands_executed (\d+)/.exec(page)?.[1] ?? 0), 0);
}

/** Runs make, with a progress bar on a terminal. Resolves with its time in ms. */
async function compileAll(): Promise<number> {
  const startedMs = performance.now();
  const [program = '', ...args] = build.makeCommand(WORKERS * cores);
  const make = spawn(program, args, { env: client.env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => make.once('exit', resolve));
  const timer = process.stdout.isTTY ? setInterval(showProgress, 250) : undefined;
  const code = await ended;
  clearInterval(timer);
  progress.end();
  assert.equal(code, 0, 'make failed');
  return performance.now() - startedMs;
}

function showProgress(): void {
  const done = corpus.files.filter((file) =>
    existsSync(path.join(corpus.directory, build.objectOf(file))),
  ).length;
  progress.show(done, corpus.files.length);
}

async function readStatus(): Promise<AgentStatus> {
  const { stdout } = await runWell([path.join(BIN, 'manyhands'), 'status', '--json'], { env: client.env });
  return JSON.parse(stdout) as AgentStatus;
}

/** Some objects against what the compiler here makes of the same file; or of the same text, where that was sent. */
async function compareSamples(): Promise<boolean> {
  const step = Math.floor(corpus.files.length / SAMPLES);
  const samples = corpus.files.filter((_, index) => index % step === 0).slice(0, SAMPLES);
  let same = 0;
  for (const file of samples) {
    const text = scratch.path('sample.ii');
    const object = scratch.path('sample.o');
    const compile = ['g++', ...file.argv, ...FLAGS];
    const commands = isNative
      ? [[...compile, '-c', '-o', object, file.source]]
      : [
          [...compile, '-E', '-o', text, file.source],
          ['g++', '-std=c++17', ...FLAGS, '-c', '-o', object, text],
        ];
    for (const command of commands) await runWell(command, { cwd: corpus.directory });
    const remote = readFileSync(path.join(corpus.directory, build.objectOf(file)));
    if (remote.equals(readFileSync(object))) same++;
    else console.log(`  differs: ${file.source}`);
  }
  console.log(`${same} of ${samples.length} sampled objects are the same bytes as compiled here`);
  return same === samples.length;
}

function printTable(
  { endings, hosts: byHost, reasons, bytesSent, bytesReceived, agent }: AgentStatus,
  elapsedMs: number,
): void {
  const agentMs = cpuOfProcess(agent.pid);
  const rows: readonly (readonly [string, string])[] = [
    ...Object.entries(byHost).map(([host, count]) => [`compiled on ${host}`, `${count}`] as const),
    ['compiled here', `${endings.local}`],
    ...Object.entries(reasons).map(([reason, count]) => [`  because ${reason}`, `${count}`] as const),
    ['wall time', `${(elapsedMs / 1000).toFixed(1)} s`],
    ['the agent, CPU', `${(agentMs / corpus.files.length).toFixed(1)} ms a file`],
    ['sent', `${(bytesSent / 1024 / corpus.files.length).toFixed(0)} KiB a file`],
    ['received', `${(bytesReceived / 1024 / corpus.files.length).toFixed(0)} KiB a file`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  console.log(rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n'));
}
