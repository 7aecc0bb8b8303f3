/** An agent comes, goes, and is taken away in the middle: every compile has its object all the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, after, test } from 'node:test';
import { isAlive } from '../rig/agent-process.ts';
import { BIN } from '../rig/cluster.ts';
import { eventually } from '../rig/our-distccd.ts';
import { Site, textsOf } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());
afterEach(() => site.killAgents());

const SOURCE = 'int twice(int x) { return 2 * x; }\n';
const LINE = '$CC -O1 -c a.c';
const AGENT = path.join(BIN, '..', 'dist', 'distcc-agent.cjs');
const SOCKETS = path.join(site.runtimeDirectory, 'manyhands');

/** One compile that nobody can tell from gcc's. */
function compile(env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  return site.assertNoDifference(LINE, { cwd: site.project({ 'a.c': SOURCE }), outputs: ['a.o'], env });
}

async function agentPid(): Promise<number> {
  assert.equal(site.agents.length, 1);
  return (await site.report()).agent.pid;
}

test('after a crash the next compile starts another agent, at the same socket', async () => {
  await compile();
  const { agent } = await site.report();
  await site.killAgents();
  assert(existsSync(agent.socketPath), 'a crash leaves the socket');
  assert.deepEqual(await site.whereRan(() => compile()), { remote: 1, local: 0 });
  const next = (await site.report()).agent;
  assert.notEqual(next.pid, agent.pid);
  assert.equal(next.socketPath, agent.socketPath);
  assert.deepEqual(readdirSync(`${next.socketPath}.d`), []);
});

test('an agent that is killed in the middle of a build costs nobody an object', async () => {
  const count = 24;
  const files = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`f${i}.c`, `${SOURCE}int f${i};\n`]),
  );
  const cwd = site.project(files);
  await compile();
  const first = await agentPid();
  const jobs = Object.keys(files).map((source) => site.distcc(['gcc', '-c', source], { cwd }));
  await eventually('some objects are there', () =>
    readdirSync(cwd).some((name) => /^f\d+\.o$/.test(name)) ? true : undefined,
  );
  process.kill(first, 'SIGKILL');
  for (const { status, stderr } of await Promise.all(jobs))
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.equal(readdirSync(cwd).filter((name) => name.endsWith('.o')).length, count);
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.includes('manyhands')),
    [],
  );
  await compile();
  assert.notEqual(await agentPid(), first);
});

for (const [title, leave] of [
  ['a socket that nobody listens on', (name: string) => bindAndLeave(name)],
  ['a plain file', (name: string) => writeFileSync(name, 'not a socket\n')],
] as const) {
  test(`${title} under the agent's name is no obstacle`, async () => {
    await compile();
    const { socketPath } = (await site.report()).agent;
    await site.killAgents();
    rmSync(socketPath);
    await leave(socketPath);
    assert.deepEqual(await site.whereRan(() => compile()), { remote: 1, local: 0 });
  });
}

async function bindAndLeave(name: string): Promise<void> {
  const child = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(name)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ]);
  await new Promise((resolve) => child.once('exit', resolve));
  assert(statSync(name).isSocket());
}

test('the directory of sockets is taken away: the next compile starts anew, and the old agent leaves', async () => {
  await compile();
  const old = await agentPid();
  rmSync(SOCKETS, { recursive: true });
  await compile();
  const { agent, endings } = await site.report();
  assert.notEqual(agent.pid, old);
  assert.equal(endings.remote, 1);
  await eventually('the agent without a name has left', () => (isAlive(old) ? undefined : true));
  // It may not have taken the new one's name along.
  assert(existsSync(agent.socketPath));
  await compile();
  assert.equal(await agentPid(), agent.pid);
});

test('the private directory of texts is taken away: the agent makes it anew', async () => {
  await compile();
  const { socketPath } = (await site.report()).agent;
  rmSync(textsOf(socketPath), { recursive: true });
  assert.deepEqual(await site.whereRan(() => compile()), { remote: 1, local: 0 });
});

test('a runtime directory that cannot be used is passed over', async () => {
  const blocked = site.scratch.privateDirectory('blocked');
  writeFileSync(path.join(blocked, 'manyhands'), 'in the way\n');
  const env = { XDG_RUNTIME_DIR: blocked };
  await compile(env);
  const { agent, endings } = await site.report({ env });
  assert(!agent.socketPath.startsWith(site.scratch.directory));
  assert.equal(endings.remote, 1);
  await site.killAgents();
  for (const end of ['', '.d', '.lock']) rmSync(agent.socketPath + end, { recursive: true, force: true });
});

test('an idle agent leaves, and takes its socket and its directory along', async () => {
  const socket = site.scratch.path('idle');
  const server = createServer().listen(socket).unref();
  await once(server, 'listening');
  const args = [AGENT, '--socket', socket, '--dir', site.scratch.path('distcc'), '--idle-ms', '300'];
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const agent = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', fd] });
  const left = once(agent, 'exit');
  await eventually('the agent has a directory', () => (existsSync(`${socket}.d`) ? true : undefined));
  const texts = textsOf(socket);
  assert.equal(statSync(texts).mode & 0o777, 0o700);
  assert.deepEqual(await left, [0, null]);
  assert(!existsSync(texts));
  assert.deepEqual([existsSync(socket), existsSync(`${socket}.d`)], [false, false]);
});

test('DISTCC_DIR that does not exist yet, under a link, makes no second agent', async () => {
  const link = site.scratch.path('link');
  symlinkSync(site.scratch.privateDirectory('real'), link);
  const env = { DISTCC_DIR: path.join(link, '.distcc') };
  await compile(env);
  await compile(env);
  assert.equal(site.agents.length, 1);
  assert.equal((await site.report({ env })).endings.remote, 2);
});

test('DISTCC_DIR that leads into memory is made again when that was emptied, for the same agent', async () => {
  const memory = site.scratch.path('memory');
  const link = site.scratch.path('into-memory');
  symlinkSync(path.join(memory, 'me', 'distcc'), link);
  const env = { DISTCC_DIR: link };
  for (let compiles = 1; compiles <= 2; compiles++) {
    await compile(env);
    assert.equal((await site.report({ env })).endings.remote, compiles);
    assert(existsSync(path.join(memory, 'me', 'distcc')));
    rmSync(memory, { recursive: true });
  }
  assert.equal(site.agents.length, 1);
});

test('where others may write in DISTCC_DIR, nothing is written through what they left there', async () => {
  const DISTCC_DIR = site.scratch.privateDirectory('shared');
  const state = path.join(DISTCC_DIR, 'state');
  const victim = site.scratch.path('victim');
  mkdirSync(state);
  writeFileSync(victim, 'mine');
  symlinkSync(victim, path.join(state, 'agent'));
  await compile({ DISTCC_DIR });
  assert.equal(readFileSync(victim, 'utf8'), 'mine');
  assert(lstatSync(path.join(state, 'agent')).isFile());
});
