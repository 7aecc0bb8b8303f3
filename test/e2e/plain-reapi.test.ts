/**
 * Servers of the Remote Execution API of any make, which run a compile below a root of their own: what comes of it is what
 * the compiler here makes, to the byte, and whatever would not be so is compiled elsewhere.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { casesFor, layOutProject, type Case } from '../rig/native-cases.ts';
import { needsBox } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ isPlain: true });
after(() => site[Symbol.asyncDispose]());

const project = site.newDirectory();
layOutProject(project);

const OTHERS: readonly Case[] = [
  {
    line: `$CC -g -I${project}/inc -isystem ${project}/src -include ${project}/inc/pre.h -MD -c src/a.c -o a.o`,
    outputs: ['a.o', 'a.d'],
  },
  {
    line: `$CC -g -O2 -MMD -idirafter inc -iquote ${project}/inc -c src/a.c -o a.o`,
    outputs: ['a.o', 'a.d'],
  },
  { line: `$CC -g -O2 -MD -MP -c ${project}/src/a.cc -o a.o`, outputs: ['a.o', 'a.d'] },
  { line: `$CC -ffile-prefix-map=${project}=/there -g -c ${project}/src/a.c -o a.o` },
  { line: `$CC -Wall -c ${project}/src/warn.c -o a.o` },
  { line: `$CC -DNAME='"/usr"' -L/usr/lib -g -c src/a.c -o a.o` },
  { line: '$CC -g -nostdinc -x c -c src/near.h -o a.o' },
  { line: '$CC -fsanitize=undefined -c src/a.c -o a.o' },
];

/** Lines of which a server's result may be another one. */
const STAYS: Readonly<Record<string, RegExp>> = {
  gcc: /-g3|-MT .*-MQ|-flto|-fsanitize/,
  clang: /-g3|-MT .*-MQ|-flto|-fsanitize|-prefix-map/,
};

for (const compiler of ['gcc', 'clang']) {
  for (const { line, outputs = ['a.o'], env = {} } of [...casesFor(project), ...OTHERS]) {
    const called = line.replaceAll('$CC', `$\{CC%gcc}${compiler}`);
    const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), line].join(' ');
    test(`${compiler}: ${words.replaceAll(project, 'PROJECT')}`, needsBox(compiler), async () => {
      const stays = STAYS[compiler]?.test(line) === true;
      const { local } = await site.whereRan(() =>
        site.assertNoDifference(called, { cwd: project, outputs, env }),
      );
      assert.equal(local > 0, stays || line.includes('entry.S'));
    });
  }
}

test('all others were compiled by the server', needsBox('clang'), async () => {
  const { endings, demotions, reasons } = await site.report();
  assert.deepEqual(demotions, { 'records-command': 4, 'odd-targets': 2, 'unmapped-names': 3 });
  // Those that stay on any wire: assembler sources, and clang's where paths are mapped.
  assert.deepEqual(reasons, { unsendable: 9, assembler: 4, 'path-mapping': 2 });
  assert.deepEqual([endings.local, endings.failed], [15, 0]);
});

const [worker] = site.workers;
const server = `grpc://127.0.0.1:${worker?.port}`;
const compile = (line: string, DISTCC_HOSTS: string) =>
  site.assertNoDifference(line, { cwd: project, outputs: ['a.o', 'a.d'], env: { DISTCC_HOSTS } });

test('headers may be those of the server, which may have a name and properties', needsBox(), async () => {
  for (const query of ['headers=image', 'instance=main&OSFamily=linux&image=a%20b']) {
    const hosts = `${server}/2?${query}`;
    await site.assertSends(2, async () => {
      await compile('$CC -g -O2 -MD -c src/a.c -o a.o', hosts);
      await compile(`$CC -g -O2 -MD -c ${project}/src/a.cc -o a.o`, hosts);
    });
  }
});

test('what such a server cannot be sent goes to another host of the list', needsBox(), async () => {
  const hosts = `${server} 127.0.0.1:${worker?.port}`;
  const line = ['gcc', '-flto', '-c', 'src/a.c', '-o', 'a.o'];
  await site.assertSends(1, () => site.distcc(line, { cwd: project, env: { DISTCC_HOSTS: hosts } }));
});

test('a header that is named absolutely might be another one there', needsBox(), async () => {
  writeFileSync(path.join(project, 'absolute.c'), `#include "${project}/inc/far.h"\nchar x[] = FAR;\n`);
  const demoted = await site.demotionsOf(() => compile('$CC -MD -c absolute.c -o a.o', server));
  assert.deepEqual(demoted, { 'absolute-name': 1 });
});

test('its results are kept, and are its own', needsBox(), async () => {
  const cache = { MANYHANDS_CACHE: 'on', MANYHANDS_CACHE_DIR: site.scratch.path('cache') };
  const line = 'gcc -O1 -g -MD -c src/a.c -o a.o';
  const made = new Set<string>();
  const cached = async (DISTCC_HOSTS: string): Promise<number> => {
    const before = (await site.report()).endings.cached;
    const { files } = await site.trace(`${site.client.launcher} ${line}`, {
      cwd: project,
      outputs: ['a.o', 'a.d'],
      env: { ...cache, DISTCC_HOSTS },
    });
    made.add(JSON.stringify(files));
    return (await site.report()).endings.cached - before;
  };
  assert.equal(await cached(server), 0);
  assert.equal(await cached(server), 1);
  assert.equal(await cached(`${server}?instance=other`), 0);
  // Which headers the server has, no key says.
  for (let tries = 0; tries < 2; tries++) assert.equal(await cached(`${server}?headers=image`), 0);
  assert.equal(made.size, 1);
  assert.equal(await cached(`127.0.0.1:${worker?.port}`), 0);
});

test('a server that is not there, or speaks something else, is named', needsBox(), async () => {
  const line = ['gcc', '-c', 'src/a.c', '-o', 'a.o'];
  const missing = await site.distcc(line, {
    cwd: project,
    env: { DISTCC_HOSTS: `grpc://127.0.0.1:${await findFreePort()}` },
  });
  assert.match(missing.stderr, /refused|unreachable/);
  assert.equal(missing.status, 116);
});
