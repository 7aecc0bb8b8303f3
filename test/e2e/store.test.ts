/** The store of results, when all goes wrong: killed processes, a full disk, two agents in it, and no room. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { formatHosts, openClient } from '../rig/client.ts';
import { BIN, findFreePort, START_DISTCCD } from '../rig/cluster.ts';
import { eventually } from '../rig/our-distccd.ts';
import { needsBox, needsRoot } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';
import { Site } from '../rig/site.ts';
import { check, openStores, RESULTS } from '../rig/store-user.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const USER = path.join(import.meta.dirname, '..', 'rig', 'store-user.ts');
const KILLS = 100;

test(`a store whose users are killed ${KILLS} times gives out nothing else than was put there`, async () => {
  const directory = scratch.path('killed');
  for (let kill = 0; kill < KILLS; kill++) {
    // Two at once, of which one goes on for a while.
    const users = [kill, kill + 50].map((seed) =>
      spawn(process.execPath, [USER, directory, `${seed}`], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const ended = users.map((user) => once(user, 'exit'));
    // One that cannot open it ends.
    await Promise.all(users.map((user) => Promise.race([once(user.stdout, 'data'), once(user, 'exit')])));
    await delay((kill * 7) % 23);
    users[0]?.kill('SIGKILL');
    await delay((kill * 5) % 11);
    users[1]?.kill('SIGKILL');
    for (const [code, signal] of await Promise.all(ended))
      assert.deepEqual([code, signal], [null, 'SIGKILL']);
  }
  const stores = openStores(directory);
  assert.deepEqual(readdirSync(path.join(directory, 'v1', 'tmp')), [], 'half files');
  let whole = 0;
  for (let index = 0; index < RESULTS; index++) if (await check(stores, index)) whole++;
  assert.ok(whole > RESULTS / 2, `only ${whole} results are there`);
});

/** Objects of 50 KB each. */
function newProject(name: string, files: number): string {
  const directory = scratch.path(name);
  mkdirSync(directory);
  for (let index = 0; index < files; index++)
    writeFileSync(path.join(directory, `f${index}.c`), `char f${index}[50000] = {${index + 1}, 2};\n`);
  writeFileSync(
    path.join(directory, 'Makefile'),
    'O = $(patsubst %.c,$(OUT)/%.o,$(wildcard *.c))\nall: $(O)\n$(OUT)/%.o: %.c\n\t@$(CC) -c $< -o $@\n',
  );
  return directory;
}

function bytesIn(cas: string): number {
  return readdirSync(cas)
    .flatMap((part) => readdirSync(path.join(cas, part)).map((name) => path.join(cas, part, name)))
    .reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function objectsIn(directory: string): ReadonlyMap<string, string> {
  const names = readdirSync(directory).filter((name) => name.endsWith('.o'));
  return new Map(names.map((name) => [name, readFileSync(path.join(directory, name), 'latin1')]));
}

test('two agents in one store, which has room for a third of it', needsBox(), async () => {
  const files = 40;
  const cwd = newProject('shared', files);
  const build = async (out: string, cc: string, env: NodeJS.ProcessEnv): Promise<void> => {
    mkdirSync(path.join(cwd, out), { recursive: true });
    await runWell(['make', '-B', '-s', '-j4', `OUT=${out}`, `CC=${cc}`], { cwd, env });
  };
  await build('local', 'gcc', process.env);
  const local = objectsIn(path.join(cwd, 'local'));
  assert.equal(local.size, files);

  const cache = scratch.path('shared cache');
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 4 });
  const env = {
    MANYHANDS_NATIVE: 'on',
    MANYHANDS_CACHE: 'on',
    MANYHANDS_CACHE_DIR: cache,
    MANYHANDS_CACHE_SIZE: '700K',
  };
  const hosts = formatHosts([worker]);
  using others = new Scratch();
  await using one = openClient('ours', scratch, { hosts, env });
  await using other = openClient('ours', others, { hosts, env });
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      build('one', `${one.launcher} gcc`, one.env),
      build('other', `${other.launcher} gcc`, other.env),
    ]);
    for (const out of ['one', 'other']) assert.deepEqual(objectsIn(path.join(cwd, out)), local);
  }
  await eventually('the store is as small as it should be', () =>
    bytesIn(path.join(cache, 'v1', 'cas')) < 800_000 ? true : undefined,
  );
});

/** All that is kept goes to a file system that is full: first the client's own store, then the worker's too. */
const FULL_DISK = `
mkdir -p "$FULL"
mount -t tmpfs -o size=64k none "$FULL"
mkdir -m 777 "$FULL/worker"
dd if=/dev/zero of="$FULL/filler" bs=1k count=40 2>/dev/null
TMPDIR=/tmp "$DISTCCD" --daemon --port "$PORT" --listen 127.0.0.1 --allow 127.0.0.1 --enable-tcp-insecure --pid-file "$PIDS" \
  --user root --log-file "$LOG" $CACHE_OPTION
"$DISTCC" gcc -g -c big.c -o big.o && "$DISTCC" gcc -g -c big.c -o again.o || status=1
kill "$(cat "$PIDS")"
exit "\${status:-0}"
`;

const ROOT = needsRoot('unshare');
const FULL_DISK_NEEDS = ROOT.skip === false ? needsBox() : ROOT;

for (const place of ['client', 'worker']) {
  test(`the disk of the ${place}'s store is full`, FULL_DISK_NEEDS, async () => {
    await using site = await Site.open({ isNative: true });
    const cwd = site.project({ 'big.c': 'char big[300000] = {1, 2};\n' });
    const full = site.scratch.path(`full-${place}`);
    const port = await findFreePort();
    const { status, stderr } = await site.run(['unshare', '-m', 'sh', '-uc', FULL_DISK], {
      cwd,
      env: {
        FULL: full,
        PORT: `${port}`,
        PIDS: site.scratch.path('pid'),
        LOG: site.scratch.path('distccd.log'),
        DISTCC: path.join(BIN, 'distcc'),
        DISTCCD: path.join(BIN, 'distccd'),
        DISTCC_HOSTS: `127.0.0.1:${port}/4`,
        CACHE_OPTION: place === 'worker' ? `--cache-dir ${full}/worker` : '',
        MANYHANDS_CACHE: 'on',
        MANYHANDS_CACHE_DIR: `${full}/own`,
      },
    });
    assert.deepEqual([status, stderr], [0, '']);
    const log = readFileSync(site.scratch.path('distccd.log'), 'utf8');
    // A worker that cannot keep a result is sent texts; one that can knows it the second time.
    assert.equal(log.match(/COMPILE_OK/g)?.length, place === 'worker' ? 2 : 1, log);
    await runWell(['gcc', '-g', '-c', 'big.c', '-o', 'local.o'], { cwd });
    for (const name of ['big.o', 'again.o'])
      assert.deepEqual(readFileSync(path.join(cwd, name)), readFileSync(path.join(cwd, 'local.o')));
    for (const name of ['big.o', 'again.o', 'local.o']) rmSync(path.join(cwd, name));
    assert.deepEqual(readdirSync(cwd), ['big.c'], 'half files');
  });
}
