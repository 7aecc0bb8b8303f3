/** Monitors see our jobs and theirs, whoever wrote the monitor. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { agentsOf } from '../rig/agent-process.ts';
import { openClient, LAUNCHERS } from '../rig/client.ts';
import { BIN, type Make } from '../rig/cluster.ts';
import { FakeDistccd, type Conversation } from '../rig/fake-distccd.ts';
import { eventually } from '../rig/our-distccd.ts';
import { needsPeer, needsRoot } from '../rig/peers.ts';
import { makePrivateBuild } from '../rig/private-build.ts';
import { run, runWell, type Ended } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
const held: Conversation[] = [];
const worker = new FakeDistccd((job) => held.push(job));
const host = await worker.listen();
const client = openClient('ours', scratch, { hosts: `${host}/2` });
after(async () => {
  await client[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

const DISTCC_DIR = client.env['DISTCC_DIR'] ?? '';
const STATE = path.join(DISTCC_DIR, 'state');
const MONITORS: Readonly<Record<Make, string>> = {
  ours: path.join(BIN, 'distccmon-text'),
  debian: '/usr/bin/distccmon-text',
};

/** Lets the worker answer all jobs that it has, with an object that is none. */
function answerAll(): void {
  for (const { answer } of held.splice(0)) answer({ object: Buffer.from('object') });
}

/** Starts a compile of a new file of this name. */
function compile(make: Make, name: string, { env = client.env, compiler = 'gcc' } = {}): Promise<Ended> {
  const cwd = scratch.path(`work-${name}`);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(path.join(cwd, name), 'int x;\n');
  return run([LAUNCHERS[make], compiler, '-c', name, '-o', 'x.o'], { cwd, env, timeoutMs: 60_000 });
}

/** What a monitor shows, without the process ids. */
async function watch(make: Make, env = client.env): Promise<string[]> {
  const { stdout } = await runWell([MONITORS[make]], { env });
  assert.match(stdout, /(?:^|\n)\n$/);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(8).replaceAll(/ +/g, ' ')]));
}

/** Waits until what is shown is as wanted, for 15 s at most. Gives what was shown last. */
async function watchUntil(
  make: Make,
  isWanted: (lines: readonly string[]) => boolean,
  env = client.env,
): Promise<readonly string[]> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const lines = await watch(make, env);
    if (isWanted(lines) || performance.now() > deadline) return lines;
    await delay(20);
  }
}

async function eventuallyShows(make: Make, lines: readonly string[], env = client.env): Promise<void> {
  const isWanted = (seen: readonly string[]): boolean => seen.toSorted().join('\n') === lines.join('\n');
  assert.deepEqual((await watchUntil(make, isWanted, env)).toSorted(), lines);
}

async function ends(jobs: readonly Promise<Ended>[]): Promise<void> {
  for (const { status, stderr } of await Promise.all(jobs)) assert.deepEqual([status, stderr], [0, '']);
}

const peers = needsPeer('distccmon-text');

test("Debian's monitor shows our jobs: where each one is, and which one waits", peers, async () => {
  const jobs = [compile('ours', 'a.c'), compile('ours', 'b.c')];
  await eventually('both are at the worker', () => (held.length === 2 ? true : undefined));
  jobs.push(compile('ours', 'c.c'));
  // Which of them was seen first, and so has the first slot, is chance.
  const withoutSlots = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/\[\d\]$/, '')).sort();
  const wanted = ['Blocked c.c localhost', 'Compile a.c 127.0.0.1', 'Compile b.c 127.0.0.1'];
  const lines = await watchUntil('debian', (seen) => withoutSlots(seen).join() === wanted.join());
  assert.deepEqual(withoutSlots(lines), wanted);
  assert.equal(new Set(lines.map((line) => line.slice(-15))).size, 3, 'slots of their own');
  assert.deepEqual(await watch('ours'), lines);
  answerAll();
  await eventually('the third is at the worker', () => (held.length === 1 ? true : undefined));
  const isThird = (seen: readonly string[]): boolean => withoutSlots(seen).join() === 'Compile c.c 127.0.0.1';
  assert(isThird(await watchUntil('debian', isThird)));
  answerAll();
  await ends(jobs);
  assert.deepEqual(await watch('debian'), []);
});

test("Debian's monitor shows a preprocessor with its file, and a compile here", peers, async () => {
  const hold = scratch.path('hold');
  const compiler = scratch.path('gcc');
  writeFileSync(compiler, `#!/bin/sh\nwhile [ -e ${hold} ]; do sleep 0.05; done\nexec /usr/bin/gcc "$@"\n`);
  chmodSync(compiler, 0o755);
  writeFileSync(hold, '');
  const sent = compile('ours', 'slow.c', { compiler });
  await eventuallyShows('debian', ['Preprocess slow.c localhost[0]']);
  const stays = compile('ours', 'stays.c', {
    compiler,
    env: { ...client.env, DISTCC_HOSTS: 'localhost' },
  });
  await eventuallyShows('debian', ['Compile stays.c localhost[1]', 'Preprocess slow.c localhost[0]']);
  await runWell(['rm', hold]);
  await eventually('it is at the worker', () => (held.length === 1 ? true : undefined));
  answerAll();
  await ends([sent, stays]);
});

test('all monitors tell the same: states, status, metrics, stories, top, and the log', peers, async () => {
  const log = scratch.path('agreeing.log');
  const env = { ...client.env, DISTCC_LOG: log, DISTCC_VERBOSE: '1' };
  const top = run(['timeout', '6', path.join(BIN, 'manyhands'), 'top'], { env, timeoutMs: 20_000 });
  const address = new URL((await runManyhands('web', '--no-open')).trim());
  const before = await countedBy(address);
  const names = ['one.c', 'two.c', 'three.c'];
  const jobs = names.map((name) => compile('ours', name, { env }));
  const phases = (lines: readonly string[]): string =>
    lines
      .map((line) => line.split(' ')[0] ?? '')
      .sort()
      .join();
  await watchUntil('debian', (lines) => phases(lines) === 'Blocked,Compile,Compile');
  assert.equal(phases(await watch('ours')), 'Blocked,Compile,Compile');
  const status = JSON.parse(await runManyhands('status', '--json')) as {
    readonly running: readonly { readonly phase: string; readonly source: string }[];
  };
  assert.deepEqual(status.running.map(({ source }) => source).sort(), names.toSorted());
  assert.deepEqual(status.running.map(({ phase }) => phase).sort(), ['blocked', 'compile', 'compile']);
  const during = await countedBy(address);
  assert.deepEqual([during.compile, during.blocked], [2, 1]);
  while (held.length > 0 || (await watch('ours')).length > 0) {
    answerAll();
    await delay(20);
  }
  await ends(jobs);
  const end = await countedBy(address);
  assert.equal(end.remote - before.remote, 3);
  const stories = JSON.parse(await runManyhands('explain', '--all', '--json')) as readonly {
    readonly source: string;
    readonly ending: string;
  }[];
  const told = stories.filter(({ source }) => names.includes(source));
  assert.deepEqual(
    told.map(({ ending }) => ending),
    ['remote', 'remote', 'remote'],
  );
  const { stdout } = await top;
  for (const name of names) {
    assert.match(stdout, new RegExp(`^  remote +\\S+ s  ${name}  ${host}/2$`, 'm'));
    assert.match(readFileSync(log, 'utf8'), new RegExp(`compile from ${name}`));
  }
});

async function runManyhands(...words: readonly string[]): Promise<string> {
  return (await runWell([path.join(BIN, 'manyhands'), ...words], { env: client.env })).stdout;
}

/** What the agent's metrics say. */
async function countedBy(address: URL): Promise<{ compile: number; blocked: number; remote: number }> {
  const authorization = `Bearer ${address.searchParams.get('token')}`;
  const text = await (await fetch(new URL('/metrics', address), { headers: { authorization } })).text();
  const of = (name: string): number =>
    Number(new RegExp(`^manyhands_agent_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return {
    compile: of('jobs_running\\{phase="compile"\\}'),
    blocked: of('jobs_running\\{phase="blocked"\\}'),
    remote: of('jobs_total\\{ending="remote"\\}'),
  };
}

test("ours shows the jobs of Debian's client, in the same lines", peers, async () => {
  const job = compile('debian', 'theirs.c');
  await eventuallyShows('ours', ['Compile theirs.c 127.0.0.1[0]']);
  const [ours, theirs] = await Promise.all(
    [MONITORS.ours, MONITORS.debian].map((monitor) => runWell([monitor], { env: client.env })),
  );
  assert.equal(ours?.stdout, theirs?.stdout);
  answerAll();
  await ends([job]);
});

test('what a killed agent leaves behind is removed by the next one', async () => {
  const first = compile('ours', 'first.c');
  await eventuallyShows('ours', ['Compile first.c 127.0.0.1[0]']);
  for (const agent of agentsOf(scratch.directory)) process.kill(agent, 'SIGKILL');
  await ends([first]);
  assert(stateFiles().length > 0);
  held.splice(0);
  const second = compile('ours', 'second.c');
  await eventuallyShows('ours', ['Compile second.c 127.0.0.1[0]']);
  await eventually('only the new one is left', () => (stateFiles().length === 1 ? true : undefined));
  answerAll();
  await ends([second]);
});

function stateFiles(): string[] {
  return readdirSync(STATE).filter((name) => name !== 'agent');
}

test('where nothing can be written, jobs do not mind', async () => {
  const distccDir = scratch.privateDirectory('full');
  writeFileSync(path.join(distccDir, 'state'), 'in the way\n');
  const env = { ...client.env, DISTCC_DIR: distccDir };
  const job = compile('ours', 'd.c', { env });
  await eventually('it is at the worker', () => (held.length === 1 ? true : undefined));
  await delay(300);
  answerAll();
  await ends([job]);
  for (const agent of agentsOf(scratch.directory)) process.kill(agent, 'SIGTERM');
});

test('root and another user share a DISTCC_DIR, as with Portage', needsRoot('setpriv'), async () => {
  const nobody = 65_534;
  const distccDir = scratch.privateDirectory('portage');
  chownSync(distccDir, 0, nobody);
  chmodSync(distccDir, 0o2770);
  const env = { ...client.env, DISTCC_DIR: distccDir };
  const jobs = [compile('ours', 'root.c', { env })];
  await eventuallyShows('ours', ['Compile root.c 127.0.0.1[0]'], env);
  await runWell(['chmod', '-R', 'g+rwX', distccDir]);

  const { launcher } = await makePrivateBuild(scratch.path('build'));
  const [home = '', cwd = ''] = ['portage-home', 'portage-work'].map((name) =>
    scratch.privateDirectory(name),
  );
  for (const directory of [home, cwd]) chownSync(directory, nobody, nobody);
  writeFileSync(path.join(cwd, 'user.c'), 'int x;\n');
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', launcher];
  const own = { ...env, HOME: home, XDG_RUNTIME_DIR: home, TMPDIR: home };
  jobs.push(run([...asNobody, 'gcc', '-c', 'user.c'], { cwd, env: own }));
  const lines = ['Compile root.c 127.0.0.1[0]', 'Compile user.c 127.0.0.1[0]'];
  await eventuallyShows('ours', lines, env);
  answerAll();
  await ends(jobs);
  for (const agent of agentsOf(scratch.directory)) process.kill(agent, 'SIGTERM');
  await eventually('both have taken along what was theirs', () => {
    const left = readdirSync(path.join(distccDir, 'state'));
    return left.length === 1 && left[0] === 'agent' ? true : undefined;
  });
});

test('distccmon-text repeats after a delay', async () => {
  const { stdout, status } = await run(['timeout', '-s', 'INT', '2', MONITORS.ours, '0.1'], {
    env: client.env,
  });
  assert.equal(status, 124);
  assert(stdout.length >= 2, 'it was shown only once');
});

test('distccmon-text says what is wrong, with the exit codes of the original', async () => {
  for (const [words, env, status] of [
    [['x'], {}, 1],
    [['1', '2'], {}, 1],
    [[], { DISTCC_DIR: scratch.path('none') }, 107],
    [[], { DISTCC_DIR: '', HOME: '' }, 101],
  ] as const) {
    const ended = await run([MONITORS.ours, ...words], { env: { ...client.env, ...env } });
    assert.equal(ended.status, status, words.join(' '));
    assert.match(ended.stderr, /^distccmon-text/);
  }
});
