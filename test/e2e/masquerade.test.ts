/**
 * Called as the compiler itself, by PATH: compiles go away, and all else passes untouched. And each job
 * goes by its own environment, whoever started the agent.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { formatHosts } from '../rig/client.ts';
import { BIN } from '../rig/cluster.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { Site, sum } from '../rig/site.ts';

const site = await Site.open({ workers: 2 });
after(() => site[Symbol.asyncDispose]());

const MASQUERADE = path.join(BIN, '..', 'lib', 'distcc');
const PLAIN_PATH = PLAIN_ENVIRONMENT['PATH'] ?? '';

/** Asserts that a line does the same with and without the masquerade directory on PATH. */
async function assertTransparent(line: string, cwd: string, outputs: readonly string[] = []): Promise<void> {
  const theirs = await site.trace(line, { cwd, outputs, env: { PATH: PLAIN_PATH } });
  const ours = await site.trace(line, { cwd, outputs, env: { PATH: `${MASQUERADE}:${PLAIN_PATH}` } });
  assert.deepEqual(ours, theirs, line);
}

const FILES = {
  'a.c': '#include <stdio.h>\nint twice(int x);\nint main(void) { return printf("%d\\n", twice(21)) < 0; }\n',
  'b.c': 'int twice(int x) { return 2 * x; }\n',
  'c.cc': 'extern "C" int twice(int x) { return 2 * x; }\n',
  'd.s': '.globl d\nd:\n\tret\n',
  'e.S': '#define NAME e\n.globl NAME\nNAME:\n\tret\n',
};

const COMPILERS = [
  'gcc',
  'g++',
  'cc',
  'c++',
  'x86_64-linux-gnu-gcc-12',
  'x86_64-linux-gnu-g++',
  'clang',
].filter((name) => existsSync(path.join(MASQUERADE, name)));

for (const compiler of COMPILERS) {
  test(`called as ${compiler}, compiles go away`, async () => {
    const cwd = site.project(FILES);
    const source = compiler.includes('+') ? 'c.cc' : 'b.c';
    const line = `${compiler} -O1 -c ${source} -o x.o`;
    const ran = await site.whereRan(() => assertTransparent(line, cwd, ['x.o']));
    assert.deepEqual(ran, { remote: 1, local: 0 });
  });
}

test('called as distcc gcc, with links of compilers’ names on PATH, compiles go away; what stays is compiled', async () => {
  const cwd = site.project(FILES);
  const env = { PATH: `${MASQUERADE}:${PLAIN_PATH}` };
  for (const words of ['gcc', 'gcc -march=native', '']) {
    const line = `${site.client.launcher} ${words} -O1 -c b.c -o x.o`;
    const plain = `${words.replace(/^$/, 'cc')} -O1 -c b.c -o x.o`;
    const theirs = await site.trace(plain, { cwd, outputs: ['x.o'], env: { PATH: PLAIN_PATH } });
    const ran = await site.whereRan(async () => {
      assert.deepEqual(await site.trace(line, { cwd, outputs: ['x.o'], env }), theirs, line);
    });
    assert.deepEqual(ran, words.includes('native') ? { remote: 0, local: 1 } : { remote: 1, local: 0 }, line);
  }
});

/** What is no compile of one source to an object. */
const UNTOUCHED: readonly (readonly [line: string, ...outputs: string[]])[] = [
  ['gcc -v -E -x c -march=native - </dev/null'],
  ['echo X | gcc -DX=42 -E -x c -'],
  ['gcc --version'],
  ['gcc -v'],
  ['gcc -dumpmachine; gcc -dumpversion; gcc -print-search-dirs; gcc -print-prog-name=ld'],
  ['gcc -Q --help=target -march=native'],
  ['gcc'],
  ['gcc none.c'],
  ['gcc -c'],
  ['gcc -E b.c'],
  ['gcc -MM a.c'],
  ['gcc a.c b.c -o program && ./program', 'program'],
  ['gcc -c a.c b.c', 'a.o', 'b.o'],
  ['gcc -c d.s', 'd.o'],
  ['gcc -c e.S', 'e.o'],
  ['gcc -S b.c -o -'],
  ['gcc -c b.c -march=native', 'b.o'],
  ['echo "int x;" | gcc -c -x c - -o x.o', 'x.o'],
  ['g++ -x c++-header c.cc -o c.gch && head -c 8 c.gch; rm c.gch'],
  ['gcc -c b.c -o b.o && gcc -c a.c && gcc a.o b.o -o program && ./program', 'a.o', 'b.o', 'program'],
];

for (const [line, ...outputs] of UNTOUCHED) {
  test(`called as the compiler: ${line}`, async () => {
    await assertTransparent(line, site.project(FILES), outputs);
  });
}

test('called by an absolute path, and by a link of another directory', async () => {
  const cwd = site.project(FILES);
  const line = [
    'mkdir -p own; [ -z "$OURS" ] || ln -sf "$OURS" own/gcc; [ -n "$OURS" ] || ln -sf /usr/bin/gcc own/gcc',
    './own/gcc -c b.c && PATH=own:$PATH gcc -c a.c; rm -r own',
  ].join('\n');
  const outputs = ['a.o', 'b.o'];
  const theirs = await site.trace(line, { cwd, outputs });
  const env = { OURS: site.client.launcher };
  assert.deepEqual(await site.trace(line, { cwd, outputs, env }), theirs);
});

test('each job goes to the hosts of its own environment, by one agent', async () => {
  const cwd = site.project(FILES);
  const { remote } = (await site.report()).endings;
  const before = await site.compiledBy(remote);
  const only = (index: number) => ({ DISTCC_HOSTS: formatHosts(site.workers.slice(index, index + 1)) });
  const jobs = [0, 1, 0, 1, 1].map((host, index) =>
    site.distcc(['gcc', '-c', 'b.c', '-o', `${index}.o`], { cwd, env: only(host) }),
  );
  for (const { status, stderr } of await Promise.all(jobs)) assert.equal(status, 0, stderr);
  const { hosts } = await site.report();
  assert.equal(Object.keys(hosts).length, 2);
  const now = await site.compiledBy(sum(before) + jobs.length);
  assert.deepEqual(
    now.map((count, index) => count - (before[index] ?? 0)),
    [2, 3],
  );
  assert.equal(site.agents.length, 1);
});

test("the caller's own environment reaches the preprocessor", async () => {
  const cwd = site.project({ 'a.c': '#include "where.h"\nint where(void) { return WHERE; }\n' });
  const line = [
    'for d in one two; do mkdir -p $d; echo "#define WHERE \\"$d\\"[0]" > $d/where.h; done',
    'CPATH=one $CC -c a.c -o one.o; C_INCLUDE_PATH=two $CC -c a.c -o two.o',
    'GCC_COLORS= LC_ALL=C SOURCE_DATE_EPOCH=1 $CC -c a.c -I one -o date.o',
  ].join('\n');
  await site.assertNoDifference(line, { cwd, outputs: ['one.o', 'two.o', 'date.o'] });
});
