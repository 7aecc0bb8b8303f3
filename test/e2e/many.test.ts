/**
 * A crowd on one agent: no job lost, no second agent, and an agent that holds nothing of the build that
 * happened to start it, so that a build ends when the build ends.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { holdersOf, inspectAgent } from '../rig/agent-process.ts';
import { eventually } from '../rig/our-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { Site, sum } from '../rig/site.ts';

const FILES = 320;
/** A few, where only the end of the build is the question. */
const FEW = 6;
/** An agent stays for minutes: a build that waits for it misses this. */
const ENDS_WITHIN_MS = 30_000;

const site = await Site.open({ workers: 2, limit: 32 });
after(() => site[Symbol.asyncDispose]());

/** What an agent may have in its environment. */
const ENVIRONMENT = ['PATH', 'LANG', 'HOME', 'USER', 'LOGNAME', 'XDG_CACHE_HOME', 'TZ', 'XDG_RUNTIME_DIR'];

function sourcesOf(count: number): Record<string, string> {
  const files: Record<string, string> = { 'base.h': '#define BASE 1000\n' };
  for (let i = 0; i < count; i++) {
    files[`f${i}.c`] = `#include "base.h"\nint f${i}(int x) { return x * BASE + ${i}; }\n`;
  }
  return files;
}

/** `recipe` is what stands before the compiler, such as `+`, which hands the job server down. */
function makefile(count: number, recipe = ''): string {
  const objects = Array.from({ length: count }, (_, i) => `f${i}.o`).join(' ');
  return `all: ${objects}\n%.o: %.c base.h\n\t${recipe}$(CC) -O1 -c $< -o $@\n`;
}

function ninjaFile(count: number, compiler: string): string {
  const edges = Array.from({ length: count }, (_, i) => `build f${i}.o: cc f${i}.c\n`).join('');
  return `rule cc\n  command = ${compiler} -O1 -c $in -o $out\n${edges}`;
}

function objectsIn(directory: string, count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => readFileSync(path.join(directory, `f${i}.o`)));
}

/** Nothing of whoever started it: no file, no terminal, no directory, no environment. */
function assertDetached(pid: number): void {
  const agent = inspectAgent(pid);
  const name = (fd: number) => agent.files.find((file) => file.fd === fd)?.name;
  assert.deepEqual([0, 1, 2].map(name), ['/dev/null', '/dev/null', '/dev/null']);
  const others = agent.files.filter(({ fd }) => fd > 2);
  // Node keeps a /dev/null open, to have a descriptor to close when there are no more.
  const foreign = others.filter(({ name }) => !/^(?:(?:socket|pipe|anon_inode):|\/dev\/null$)/.test(name));
  assert.deepEqual(foreign, [], 'the agent holds files of the build');
  assert.deepEqual(holdersOf(others, pid), [], 'the agent shares pipes or sockets with other processes');
  assert.equal(agent.directory, '/');
  assert.deepEqual(
    agent.environment.filter((variable) => !ENVIRONMENT.includes(variable)),
    [],
  );
  assert.equal(agent.terminal, 0);
  const own = inspectAgent(process.pid);
  assert.notEqual(agent.session, own.session);
  assert.notEqual(agent.group, own.group);
}

async function theAgent(): Promise<number> {
  const agents = site.agents;
  assert.equal(agents.length, 1, `there are ${agents.length} agents`);
  const [pid = 0] = agents;
  assert.equal((await site.report()).agent.pid, pid);
  await eventually('all launchers have gone', () =>
    holdersOf(inspectAgent(pid).files, pid).length === 0 ? true : undefined,
  );
  return pid;
}

test(`make -j64, ${FILES} files: no job is lost, and there is one agent that holds nothing`, async () => {
  const reference = site.project({ ...sourcesOf(FILES), Makefile: makefile(FILES) });
  const plain = await site.run(['make', '-s', '-j2', 'CC=gcc'], { cwd: reference });
  assert.equal(plain.status, 0, plain.stderr);

  const directory = site.project({ ...sourcesOf(FILES), Makefile: makefile(FILES, '+') });
  const { status, stdout, stderr } = await site.run(
    ['make', '-s', '-j64', `CC=${site.client.launcher} gcc`],
    { cwd: directory, env: { NODE_OPTIONS: '--no-such-option', SECRET: 'of the build', TERM: 'xterm' } },
  );
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });

  const expected = objectsIn(reference, FILES);
  const wrong = objectsIn(directory, FILES).flatMap((object, i) => (object.equals(expected[i]!) ? [] : [i]));
  assert.deepEqual(wrong, [], 'objects are not what gcc makes');
  const agent = await theAgent();
  assertDetached(agent);
  const held = inspectAgent(agent).files.length;

  const { endings, hosts } = await site.report();
  assert.deepEqual(endings, { remote: FILES, cached: 0, local: 0, failed: 0, cancelled: 0 });
  assert.equal(sum(Object.values(hosts)), FILES);
  const compiled = await site.compiledBy(FILES);
  assert.equal(sum(compiled), FILES);
  assert(!compiled.includes(0), `a worker had nothing to do: ${compiled.join(', ')}`);

  await site.killAgents();
  await site.distcc(['gcc', '-c', 'f0.c'], { cwd: directory });
  assert.equal(held, inspectAgent(await theAgent()).files.length, 'as many files as after one job');
});

test(`make -j64 with headers, ${FILES} files: the same, and each question to the compiler is asked once`, async () => {
  await using withHeaders = await Site.open({ workers: 2, limit: 32, compression: ',cpp,lzo' });
  const files = {
    ...sourcesOf(FILES),
    'base.h': '#if __has_attribute(unused)\n#define BASE 1000\n#endif\n',
    Makefile: makefile(FILES),
  };
  const [reference, directory] = [withHeaders.project(files), withHeaders.project(files)];
  await withHeaders.runWell(['make', '-s', '-j2', 'CC=gcc'], { cwd: reference });
  const asked = withHeaders.scratch.path('asked');
  const compilers = withHeaders.newDirectory();
  const gcc = `#!/bin/sh\ncase " $* " in *" -E "*) echo "$*" >>${asked}; sleep 0.3 ;; esac\nexec /usr/bin/gcc "$@"\n`;
  writeFileSync(path.join(compilers, 'gcc'), gcc, { mode: 0o755 });
  const PATH = `${compilers}:${withHeaders.client.env['PATH']}`;
  const build = ['make', '-s', '-j64', `CC=${withHeaders.client.launcher} gcc`];
  const { stderr } = await withHeaders.runWell(build, { cwd: directory, env: { PATH } });
  assert.equal(stderr, '');
  const expected = objectsIn(reference, FILES);
  const wrong = objectsIn(directory, FILES).flatMap((object, i) => (object.equals(expected[i]!) ? [] : [i]));
  assert.deepEqual(wrong, []);
  const { endings, demotions } = await withHeaders.report();
  assert.deepEqual(
    [endings, demotions],
    [{ remote: FILES, cached: 0, local: 0, failed: 0, cancelled: 0 }, {}],
  );
  assert.equal(sum(await withHeaders.compiledBy(FILES)), FILES);
  assert.equal(withHeaders.agents.length, 1);
  const questions = readFileSync(asked, 'utf8').trim().split('\n');
  assert.equal(questions.length, 2, questions.join('\n'));
});

interface WayToBuild {
  readonly title: string;
  readonly peers: readonly string[];
  readonly command: readonly string[];
  readonly recipe?: string;
}

const CC = `'CC=${site.client.launcher} gcc'`;
const WAYS: readonly WayToBuild[] = [
  { title: 'ninja', peers: ['ninja'], command: ['ninja', '-j8'] },
  { title: "sh -c 'make | cat'", peers: [], command: ['sh', '-c', `make -s -j8 ${CC} | cat`] },
  { title: 'stderr into a pipe too', peers: [], command: ['sh', '-c', `make -s -j8 ${CC} 2>&1 | cat`] },
  {
    title: "make's job server, handed down",
    peers: [],
    command: ['sh', '-c', `make -s -j8 ${CC}`],
    recipe: '+',
  },
  {
    title: 'a job server that is a fifo, and a file on descriptor 9',
    peers: [],
    command: ['sh', '-c', `mkfifo jobs && exec 8<>jobs 9>other && make -s -j8 ${CC} && rm jobs`],
  },
  {
    title: 'a pseudo-terminal',
    peers: ['script'],
    command: ['script', '-qec', `make -s -j8 ${CC}`, '/dev/null'],
  },
  { title: 'closed standard descriptors', peers: [], command: ['sh', '-c', `make -s ${CC} <&- >&- 2>&-`] },
  {
    title: 'another session, niceness and limits',
    peers: ['setsid', 'nice'],
    command: ['setsid', '-w', 'nice', '-n', '5', 'sh', '-c', `ulimit -n 128; make -s -j8 ${CC}`],
  },
];

for (const { title, peers, command, recipe } of WAYS) {
  test(`a build ends when the build ends: ${title}`, needsPeer(...peers), async () => {
    await site.killAgents();
    const directory = site.project({ ...sourcesOf(FEW), Makefile: makefile(FEW, recipe) });
    writeFileSync(path.join(directory, 'build.ninja'), ninjaFile(FEW, `${site.client.launcher} gcc`));
    // run() waits for the end of its pipes, as build tools do.
    const built = await site.run(command, { cwd: directory, timeoutMs: ENDS_WITHIN_MS });
    assert.equal(built.status, 0, built.stdout + built.stderr);
    assert.equal(objectsIn(directory, FEW).length, FEW);
    const agent = await theAgent();
    assertDetached(agent);
    const { endings } = await site.report();
    assert.deepEqual(endings, { remote: FEW, cached: 0, local: 0, failed: 0, cancelled: 0 });
  });
}
