/**
 * How much goes up to a worker for each file that is compiled again when one header was edited?
 *
 * Each of the headers that most files read gets one line more, one after the other, and the files that read it are compiled
 * again. The worker compiles nothing (measure/farm-worker.ts): only what it is sent counts, the edited header too.
 */
import assert from 'node:assert';
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { formatHosts, openClient } from '../test/rig/client.ts';
import { runWell } from '../test/rig/run.ts';
import { Scratch } from '../test/rig/scratch.ts';
import { Build } from './corpus/build.ts';
import { copyCorpus, prepareCorpus, type Corpus, type CorpusFile } from './corpus/corpus.ts';
import { PINS } from './corpus/pins.ts';
import { FLAGS } from './measure/farm-build.ts';
import { startFarm } from './measure/farm-process.ts';
import { describeMachine } from './measure/machine.ts';
import { startCountingProxy } from './measure/proxy.ts';
import { formatTable } from './measure/table.ts';

const JOBS = 8;
const ANSWER_MS = 20;

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', multiple: true, default: PINS.map(({ name }) => name) },
    headers: { type: 'string', default: '5' },
  },
});

console.log(`edit, make -j${JOBS}\n${await describeMachine()}`);
for (const { name } of PINS.filter((pin) => values.corpus.includes(pin.name))) {
  using scratch = new Scratch();
  const corpus = await copyCorpus(await prepareCorpus(name), scratch.path(name));
  await measure(corpus, scratch);
}

async function measure(corpus: Corpus, scratch: Scratch): Promise<void> {
  const readers = await readersOf(corpus);
  const edited = [...readers].sort(([, one], [, other]) => other.length - one.length);
  const objectFile = scratch.path('any.o');
  await promisify(execFile)('gcc', ['-x', 'c', '-c', '/dev/null', '-o', objectFile]);
  using farm = await startFarm({ answers: { '': { objectFile, answerMs: ANSWER_MS } } });
  await using proxy = await startCountingProxy(farm.port);
  using own = new Scratch();
  const hosts = formatHosts([proxy], { limit: JOBS });
  await using client = openClient('ours', own, { hosts, env: { MANYHANDS_NATIVE: 'on' } });
  const send = async (files: readonly CorpusFile[]): Promise<readonly string[]> => {
    const before = proxy.bytesUp();
    const [cc, cxx] = ['gcc', 'g++'].map((compiler) => `${client.launcher} ${compiler}`) as [string, string];
    using build = new Build(
      { ...corpus, files },
      { cc, cxx, flags: FLAGS, dependencies: [], outOfTree: true },
    );
    await farm.takeCounts();
    await runWell(build.makeCommand(JOBS), { env: client.env, timeoutMs: 600_000 });
    assert.equal((await farm.takeCounts()).jobs, files.length, 'some were not compiled there');
    const kib = (proxy.bytesUp() - before) / 1024;
    return [`${files.length}`, kib.toFixed(0), (kib / files.length).toFixed(2)];
  };
  const rows = [['nothing is known yet', ...(await send(corpus.files))]];
  rows.push(['nothing was edited', ...(await send(corpus.files))]);
  for (const [header, files] of edited.slice(0, Number(values.headers))) {
    appendFileSync(path.join(corpus.directory, header), '/* One line more. */\n');
    rows.push([header, ...(await send(files))]);
  }
  const title = `${corpus.name} ${corpus.version}, ${corpus.files.length} files`;
  console.log(`\n${formatTable([title, 'files', 'KiB up', 'KiB a file'], rows)}`);
}

/** The project's own headers, with the files that read each. */
async function readersOf(corpus: Corpus): Promise<ReadonlyMap<string, readonly CorpusFile[]>> {
  const readers = new Map<string, CorpusFile[]>();
  const compiler = corpus.language === 'c' ? 'gcc' : 'g++';
  for (const file of corpus.files) {
    const words = [...file.argv, '-MM', '-MT', 'it', file.source];
    const { stdout } = await promisify(execFile)(compiler, words, { cwd: corpus.directory });
    const names = stdout.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(2);
    for (const name of names) readers.set(name, [...(readers.get(name) ?? []), file]);
  }
  return readers;
}
