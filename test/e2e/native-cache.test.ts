/** Results that are kept: by the client for itself, and by a worker for all its clients. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { formatHosts, LAUNCHERS, openClient } from '../rig/client.ts';
import { BIN, findFreePort, START_DISTCCD } from '../rig/cluster.ts';
import { needsBox, needsPeer } from '../rig/peers.ts';
import { run, runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const NATIVE = { MANYHANDS_NATIVE: 'on' };

function newProject(name: string): string {
  const directory = scratch.path(name);
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'a.h'), '#define A 1\n');
  writeFileSync(path.join(directory, 'a.c'), '#include "a.h"\nint f(void) { int unused; return A; }\n');
  return directory;
}

interface Endings {
  readonly remote: number;
  readonly cached: number;
}

async function endingsOf(env: NodeJS.ProcessEnv): Promise<Endings> {
  const { stdout } = await runWell([path.join(BIN, 'manyhands'), 'status', '--json'], { env });
  return (JSON.parse(stdout) as { endings: Endings }).endings;
}

const COMPILE = ['gcc', '-g', '-Wall', '-MMD', '-c', 'a.c', '-o', 'a.o'];

test('a result that is here needs no host', needsBox(), async () => {
  const cwd = newProject('own');
  const cache = scratch.path('own cache');
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 2 });
  const env = { ...NATIVE, MANYHANDS_CACHE: 'on', MANYHANDS_CACHE_DIR: cache };
  await using client = openClient('ours', scratch, { hosts: formatHosts([worker]), env });
  const compile = async (env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> => {
    const { stderr } = await runWell([client.launcher, ...COMPILE], { cwd, env: { ...client.env, ...env } });
    const made = ['a.o', 'a.d'].map((name) => readFileSync(path.join(cwd, name), 'latin1'));
    for (const name of ['a.o', 'a.d']) rmSync(path.join(cwd, name));
    return [stderr, ...made];
  };
  const first = await compile();
  assert.match(first[0] ?? '', /unused/);
  const nobody = { DISTCC_HOSTS: `127.0.0.1:${await findFreePort()}` };
  assert.deepEqual(await compile(nobody), first, 'with a host that is not there');
  assert.deepEqual(await endingsOf(client.env), { remote: 1, cached: 1, local: 0, failed: 0, cancelled: 0 });

  assert.deepEqual(await compile({ MANYHANDS_CACHE: 'off' }), first);
  assert.equal((await endingsOf(client.env)).remote, 2, 'with the cache off');

  writeFileSync(path.join(cwd, 'a.h'), '#define A 2\n');
  assert.notDeepEqual(await compile(), first, 'a header was edited');
  assert.equal((await endingsOf(client.env)).remote, 3);

  const blobs = path.join(cache, 'v1', 'cas');
  for (const part of readdirSync(blobs)) {
    for (const name of readdirSync(path.join(blobs, part))) {
      const file = path.join(blobs, part, name);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      chmodSync(file, 0o644);
      writeFileSync(file, bytes);
    }
  }
  const ask = (word: string) =>
    run([path.join(BIN, 'manyhands'), 'cache', word, '--json'], { env: client.env });
  writeFileSync(path.join(cwd, 'a.h'), '#define A 1\n');
  assert.deepEqual(await compile(), first, 'all blobs were damaged');
  assert.equal((await endingsOf(client.env)).cached, 1);

  const stats = JSON.parse((await ask('stats')).stdout) as { results: number; blobs: number; bytes: number };
  assert.equal(stats.results, 2);
  assert.ok(stats.blobs >= 2 && stats.bytes > 1000, JSON.stringify(stats));
  // Those of the other header are damaged still.
  assert.equal((await ask('verify')).status, 100);
  assert.equal((await ask('verify')).status, 0);
  assert.equal((await ask('clear')).status, 0);
  assert.equal((JSON.parse((await ask('stats')).stdout) as { blobs: number }).blobs, 0);
  assert.deepEqual(await compile(), first, 'all was removed');
});

test('a worker with --cache-dir knows results of before its start', needsBox(), async () => {
  const cwd = newProject('workers');
  const args = ['--cache-dir', path.join(scratch.openDirectory('workers cache'), 'cache')];
  const counts: (readonly [number, number])[] = [];
  for (let start = 0; start < 2; start++) {
    await using worker = await START_DISTCCD.ours(scratch, { jobs: 2, args });
    await using client = openClient('ours', scratch, { hosts: formatHosts([worker]), env: NATIVE });
    await runWell([client.launcher, ...COMPILE], { cwd, env: client.env });
    const page = await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
    const count = (name: string): number => Number(new RegExp(`${name} (\\d+)`).exec(page)?.[1]);
    counts.push([count('manyhands_executed'), count('manyhands_cached')]);
  }
  assert.deepEqual(counts, [
    [1, 0],
    [0, 1],
  ]);
});

test("what clients of distcc's protocols had compiled is compiled once, by a worker with --cache-dir", async () => {
  const cwd = newProject('texts');
  writeFileSync(path.join(cwd, 'wrong.c'), 'int f(void) { return missing; }\n');
  const args = ['--cache-dir', path.join(scratch.openDirectory('texts cache'), 'cache')];
  const makes = (['ours', 'debian'] as const).filter((make) => existsSync(LAUNCHERS[make]));
  const cached: number[] = [];
  const made = new Set<string>();
  for (let start = 0; start < 2; start++) {
    await using worker = await START_DISTCCD.ours(scratch, { jobs: 2, args });
    const count = async (name: string): Promise<number> => {
      const page = await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
      return Number(new RegExp(`${name} (\\d+)`).exec(page)?.[1]);
    };
    for (const make of makes) {
      // What each sends differs in its words.
      await using client = openClient(make, scratch, {
        hosts: formatHosts([worker]),
        env: make === 'ours' ? { MANYHANDS_NATIVE: 'off' } : {},
      });
      const compile = (...words: readonly string[]) =>
        run([client.launcher, 'gcc', ...words], { cwd, env: client.env });
      const { status, stderr } = await compile(...COMPILE.slice(1));
      assert.equal(status, 0);
      made.add(stderr + readFileSync(path.join(cwd, 'a.o'), 'latin1'));
      cached.push(await count('manyhands_cached'));
      assert.notEqual((await compile('-c', 'wrong.c', '-o', 'wrong.o')).status, 0);
      assert.equal(await count('manyhands_cached'), cached.at(-1), 'errors');
    }
    assert.equal(await count('dcc_compile_ok'), makes.length);
  }
  assert.deepEqual(cached, makes.length === 2 ? [0, 0, 1, 2] : [0, 1]);
  assert.equal(made.size, 1);
});

test('MANYHANDS_NATIVE=off and ,nonative keep to the protocols of distcc', async () => {
  const cwd = newProject('old');
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 2 });
  const hosts = formatHosts([worker]);
  for (const env of [
    { DISTCC_HOSTS: hosts, MANYHANDS_NATIVE: 'off' },
    { DISTCC_HOSTS: `${hosts},nonative`, MANYHANDS_NATIVE: 'on' },
  ]) {
    await using client = openClient('ours', scratch, { hosts, env });
    const { status } = await run([client.launcher, ...COMPILE], { cwd, env: client.env });
    assert.equal(status, 0);
  }
  const page = await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
  assert.match(page, /dcc_compile_ok 2/);
  assert.match(page, /manyhands_executed 0/);
});

test("Debian's daemon is asked once what it speaks, and gets texts", needsPeer('distccd'), async () => {
  const cwd = newProject('stock');
  await using worker = await START_DISTCCD.debian(scratch, { jobs: 2 });
  await using client = openClient('ours', scratch, { hosts: formatHosts([worker]), env: NATIVE });
  for (let time = 0; time < 3; time++) await runWell([client.launcher, ...COMPILE], { cwd, env: client.env });
  assert.equal((await endingsOf(client.env)).remote, 3);
  const log = readFileSync(worker.logFile, 'utf8');
  assert.equal(log.match(/COMPILE_OK/g)?.length, 3, log);
  assert.equal(log.match(/expected token "DIST"/g)?.length, 1, log);
});
