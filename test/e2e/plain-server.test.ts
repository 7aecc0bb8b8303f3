/** Our client with a server of the Remote Execution API that has nothing in common with ours (reapi-raw/plain_server.py). */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { needsPython, PlainServer } from '../rig/python-grpc.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ workers: 0, isNative: true });
after(() => site[Symbol.asyncDispose]());

const SOURCES = 8;
const FLAGS = '-g -O1 -Wall -MD';

function newProject(): string {
  const project = site.newDirectory();
  for (const name of ['inc', 'out', 'local']) mkdirSync(path.join(project, name));
  // Equal files, which that server makes one; and something that compresses badly, so that it is large.
  for (const name of ['one.h', 'two.h'])
    writeFileSync(
      path.join(project, 'inc', name),
      '#ifdef N\n#undef N\n#define N 2\n#else\n#define N 1\n#endif\n',
    );
  const numbers = Array.from({ length: 20_000 }, (_, index) => (index * 2_654_435_761) % 4_294_967_296);
  writeFileSync(
    path.join(project, 'inc', 'large.h'),
    `static const unsigned large[] = {${numbers.join()}};\n`,
  );
  for (let index = 0; index < SOURCES; index++) {
    writeFileSync(
      path.join(project, `${index}.c`),
      `#include <stdio.h>\n#include "one.h"\n#include "two.h"\n#include "large.h"\n` +
        `const char *f${index}(void) { int unused; printf("%u %d", large[${index}], N); return __FILE__; }\n`,
    );
    writeFileSync(
      path.join(project, `${index}.cc`),
      `#include <string>\n#include "one.h"\nstd::string g${index}(int x) { return std::to_string(x + N) + __FILE__; }\n`,
    );
  }
  return project;
}

const make = (compilers: string, out: string) =>
  `all: ${Array.from({ length: SOURCES }, (_, index) => `${out}/${index}.o ${out}/${index}.cc.o`).join(' ')}\n` +
  `${out}/%.o: %.c\n\t${compilers}gcc ${FLAGS} -Iinc -c $< -o $@ 2> $@.err\n` +
  `${out}/%.cc.o: %.cc\n\t${compilers}g++ ${FLAGS} -I$(CURDIR)/inc -c $(CURDIR)/$< -o $@ 2> $@.err\n`;

test('all files of a build are compiled by it, to the byte', needsPython(), async () => {
  const project = newProject();
  await using server = await PlainServer.start(site.scratch);
  const env = { DISTCC_HOSTS: `grpc://127.0.0.1:${server.port}/8?instance=main` };
  writeFileSync(path.join(project, 'there.mk'), make(`${site.client.launcher} `, 'out'));
  writeFileSync(path.join(project, 'here.mk'), make('', 'local'));
  const { local } = await site.whereRan(() =>
    site.runWell(['make', '-s', '-j8', '-f', 'there.mk'], { cwd: project, env }),
  );
  assert.deepEqual([local, (await site.report()).reasons, (await site.report()).demotions], [0, {}, {}]);
  await site.runWell(['make', '-s', '-j2', '-f', 'here.mk'], { cwd: project });
  for (let index = 0; index < SOURCES; index++) {
    for (const stem of [`${index}`, `${index}.cc`]) {
      for (const end of ['o', 'o.err', 'd']) {
        const name = `${stem}.${end}`;
        const [there, here] = ['out', 'local'].map((from) =>
          readFileSync(path.join(project, from, name), 'latin1'),
        );
        assert.equal(there?.replaceAll('out/', 'local/'), here, name);
      }
    }
  }
});

test('a name that it does not know as one of its own is its refusal', needsPython(), async () => {
  const project = newProject();
  await using server = await PlainServer.start(site.scratch);
  const { status, stderr } = await site.distcc(['gcc', '-c', '0.c', '-Iinc'], {
    cwd: project,
    env: { DISTCC_HOSTS: `grpc://127.0.0.1:${server.port}?instance=other` },
  });
  assert.equal(status, 116);
  assert.match(stderr, /no instance 'other'/);
});
