/**
 * Compilers of all sorts, called in all ways, send their headers and have the object that they would have
 * made here: to the byte from our distccd, and from Debian's but for debug information.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BIN } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { Site } from '../rig/site.ts';

const WITH_HEADERS = { compression: ',cpp,lzo' } as const;
const ours = await Site.open(WITH_HEADERS);
after(() => ours[Symbol.asyncDispose]());

const FILES: Readonly<Record<string, string>> = {
  'src/a.c': `#include <stdio.h>
#include <string.h>
#include "near.h"
#include <inner.h>
int main(int argc, char **argv) { return printf("%zu %d %s", strlen(argv[0]), near(argc), INNER); }
`,
  'src/a.cc': `#include <string>
#include <vector>
#include "near.h"
#include <inner.h>
std::vector<std::string> names() { return {INNER, std::to_string(near(1))}; }
`,
  // There need be no C library for other processors.
  'src/bare.c':
    '#include <stddef.h>\n#include <stdarg.h>\n#include "near.h"\nsize_t f(int x) { return near(x); }\n',
  'src/near.h': 'static inline int near(int x) { return x + 1; }\n',
  'inc/inner.h': '#include_next <inner.h>\n',
  'sys/inner.h': '#define INNER __FILE__\n',
};

interface Call {
  readonly compiler: string;
  readonly source: string;
  readonly flags?: readonly string[];
}

const CALLS: readonly Call[] = [
  { compiler: 'gcc', source: 'src/a.c' },
  { compiler: 'g++', source: 'src/a.cc' },
  { compiler: 'clang', source: 'src/a.c' },
  { compiler: 'clang++', source: 'src/a.cc' },
  { compiler: 'aarch64-linux-gnu-gcc', source: 'src/a.c' },
  { compiler: 'gcc', source: 'src/bare.c', flags: ['-m32'] },
  { compiler: 'clang', source: 'src/bare.c', flags: ['-m32'] },
];

const OPTIONS: readonly (readonly string[])[] = [['-O2'], ['-g', '-O0', '-Wall']];

function newProject(site: Site): string {
  const cwd = site.newDirectory();
  for (const directory of ['src', 'inc', 'sys', 'obj']) mkdirSync(path.join(cwd, directory));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(cwd, name), text);
  return cwd;
}

function read(cwd: string, name: string): string {
  return readFileSync(path.join(cwd, name), 'latin1');
}

/** @param strip takes out of an object what may differ. */
async function assertSameObjects(
  site: Site,
  { compiler, source, flags = [] }: Call,
  strip?: string,
): Promise<void> {
  const cwd = newProject(site);
  for (const options of OPTIONS) {
    const argv = [compiler, ...options, ...flags, '-Iinc', '-isystem', `${cwd}/sys`, '-MMD', '-MT', 'x'];
    const compile = (name: string): readonly string[] => [
      ...argv,
      '-MF',
      `${name}.d`,
      '-c',
      source,
      '-o',
      name,
    ];
    await site.runWell(compile('here.o'), { cwd });
    await assertGoesWithHeaders(site, () =>
      site.runWell([site.client.launcher, ...compile('there.o')], { cwd }),
    );
    if (strip !== undefined) await site.runWell([strip, '--strip-debug', 'here.o'], { cwd });
    if (strip !== undefined) await site.runWell([strip, '--strip-debug', 'there.o'], { cwd });
    assert(read(cwd, 'here.o') === read(cwd, 'there.o'), `objects of ${options.join(' ')} differ`);
    assert.equal(read(cwd, 'there.o.d'), read(cwd, 'here.o.d'));
  }
}

async function assertGoesWithHeaders(site: Site, work: () => Promise<unknown>): Promise<void> {
  const demotions = await site.demotionsOf(() => site.assertSends(1, work));
  assert.deepEqual(demotions, {});
}

for (const call of CALLS) {
  const title = [call.compiler, ...(call.flags ?? []), call.source].join(' ');
  test(`${title}: our distccd makes the same of it`, needsPeer(call.compiler), () =>
    assertSameObjects(ours, call),
  );
}

test("Debian's distccd makes the same but for debug information", needsPeer('distccd'), async (t) => {
  await using debian = await Site.open({ ...WITH_HEADERS, daemon: 'debian' });
  for (const call of CALLS) {
    const { compiler, flags = [], source } = call;
    const strip = compiler.startsWith('aarch64') ? 'aarch64-linux-gnu-objcopy' : 'objcopy';
    await t.test([compiler, ...flags, source].join(' '), needsPeer(compiler, strip), () =>
      assertSameObjects(debian, call, strip),
    );
  }
});

test('gcc calls system headers by shorter names than it found them by', async () => {
  const cwd = ours.newDirectory();
  const deep = path.join(cwd, 'in/'.repeat(50));
  mkdirSync(deep, { recursive: true });
  mkdirSync(path.join(cwd, 'sys'));
  writeFileSync(path.join(cwd, 'sys/x.h'), 'static const char *own(void) { return __FILE__; }\n');
  writeFileSync(path.join(deep, 'a.c'), '#include <x.h>\nconst char *f(void) { return own(); }\n');
  const compile = ['gcc', '-g', '-isystem', `${'../'.repeat(50)}sys`, '-c', 'a.c', '-o'];
  await ours.runWell([...compile, 'here.o'], { cwd: deep });
  await assertGoesWithHeaders(ours, () =>
    ours.runWell([ours.client.launcher, ...compile, 'there.o'], { cwd: deep }),
  );
  assert(read(deep, 'there.o') === read(deep, 'here.o'));
});

const PLAIN_PATH = PLAIN_ENVIRONMENT['PATH'] ?? '';
const MASQUERADE = path.join(BIN, '..', 'lib', 'distcc');
const COMPILE = 'gcc -O2 -Iinc -Isys -c src/a.c -o a.o';

/** The object of a shell line. */
async function objectOf(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  await ours.runWell(['sh', '-c', line], { cwd, env });
  return read(cwd, 'a.o');
}

test('called as the compiler, headers are sent', async () => {
  const cwd = newProject(ours);
  const here = await objectOf(COMPILE, cwd, { PATH: PLAIN_PATH });
  await assertGoesWithHeaders(ours, async () => {
    assert((await objectOf(COMPILE, cwd, { PATH: `${MASQUERADE}:${PLAIN_PATH}` })) === here);
  });
});

for (const [title, settings] of [
  ['sources, with their headers', {}],
  ['texts, as they are', { CCACHE_NOCPP2: '1' }],
] as const) {
  test(`ccache hands over ${title}`, needsPeer('ccache'), async () => {
    const cwd = newProject(ours);
    const CCACHE_DIR = path.join(cwd, 'cache');
    const env = { CCACHE_PREFIX: ours.client.launcher, CCACHE_DIR, ...settings };
    const here = await objectOf(COMPILE, cwd, { PATH: PLAIN_PATH });
    const sent = await ours.demotionsOf(() =>
      ours.assertSends(1, async () => {
        assert((await objectOf(`ccache ${COMPILE}`, cwd, env)) === here);
        // From its cache.
        assert((await objectOf(`ccache ${COMPILE}`, cwd, env)) === here);
      }),
    );
    assert.deepEqual(sent, {});
  });
}
