/**
 * What cannot be sent with its headers is preprocessed here, that job and no other; and whoever preprocesses,
 * the caller sees what the compiler here would have said, once.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { FakeDistccd, type Conversation } from '../rig/fake-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const WITH_HEADERS = { compression: ',cpp,lzo' } as const;
const ours = await Site.open(WITH_HEADERS);
after(() => ours[Symbol.asyncDispose]());

const PLAIN_FILES = 12;
const ROUNDS = 2;

/** Each for a reason of its own. */
const ODD_FILES: Readonly<Record<string, string>> = {
  'counted.c': `#define TEXT(x) #x
#define NAME(x) TEXT(n##x.h)
#define HEADER(x) NAME(x)
#include HEADER(__COUNTER__)
`,
  'compiled.c': '#include "pre/compiled.h"\nint f(void) { return COMPILED; }\n',
  'dated.c': 'const char *made = __DATE__;\n',
};
const ODD_REASONS = { 'odd-macro': 1, 'precompiled-header': 1, clock: 1 };

function manyFiles(): string {
  const cwd = ours.project({ ...ODD_FILES, 'n0.h': 'int counted;\n', 'base.h': '#define BASE 1000\n' });
  mkdirSync(path.join(cwd, 'pre'));
  writeFileSync(path.join(cwd, 'pre/compiled.h'), '#define COMPILED 1\n');
  const names = Array.from({ length: PLAIN_FILES }, (_, index) => `f${index}`);
  for (const name of names)
    writeFileSync(path.join(cwd, `${name}.c`), `#include "base.h"\nint ${name}(void) { return BASE; }\n`);
  const objects = [...names, 'counted', 'compiled', 'dated'].map((name) => `${name}.o`).join(' ');
  writeFileSync(path.join(cwd, 'Makefile'), `all: ${objects}\n`);
  return cwd;
}

test('files of which nobody can say what they read are preprocessed here, and no others', async () => {
  const cwd = manyFiles();
  await ours.runWell(['gcc', '-x', 'c-header', 'pre/compiled.h', '-o', 'pre/compiled.h.gch'], { cwd });
  await ours.runWell(['make', '-s', 'CC=gcc'], { cwd });
  const names = [...Object.keys(ODD_FILES).map((name) => name.replace('.c', '.o')), 'f0.o', 'f11.o'];
  const read = () => names.map((name) => readFileSync(path.join(cwd, name), 'latin1'));
  const theirs = read();
  for (let round = 0; round < ROUNDS; round++) {
    let ran = {};
    const demotions = await ours.demotionsOf(async () => {
      ran = await ours.whereRan(() =>
        ours.runWell(['make', '-s', '-B', '-j4', `CC=${ours.client.launcher} gcc`], { cwd }),
      );
    });
    assert.deepEqual(ran, { remote: PLAIN_FILES + 3, local: 0 });
    assert.deepEqual(demotions, ODD_REASONS);
    assert.deepEqual(read(), theirs);
  }
});

interface Unwilling {
  readonly title: string;
  readonly onTree: (conversation: Conversation) => void;
}

const NO = Buffer.from('a.c:1:1: error: that is not for the caller to see\n');
const UNWILLING: readonly Unwilling[] = [
  { title: 'breaks off', onTree: ({ socket }) => socket.destroy() },
  { title: 'resets', onTree: ({ socket }) => socket.resetAndDestroy() },
  { title: 'ends without a word', onTree: ({ socket }) => socket.end() },
  {
    title: 'speaks of something else',
    onTree: ({ socket }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  },
  { title: 'does not know the protocol', onTree: ({ answer }) => answer({ waitStatus: 109 << 8 }) },
  { title: 'fails to compile it', onTree: ({ answer }) => answer({ waitStatus: 1 << 8, stderr: NO }) },
];

for (const { title, onTree } of UNWILLING) {
  test(`a host that ${title} where headers come is sent a text in the same job`, async () => {
    const versions: number[] = [];
    await using host = new FakeDistccd((conversation) => {
      versions.push(conversation.request.version);
      if (conversation.request.version === 3) onTree(conversation);
      else conversation.answer({ object: Buffer.from('made of a text') });
    });
    const env = { DISTCC_HOSTS: `${await host.listen()},cpp,lzo` };
    const cwd = ours.project({ 'a.c': '#include "a.h"\nint a = A;\n', 'a.h': '#define A 1\n' });
    const demotions = await ours.demotionsOf(async () => {
      const { status, stdout, stderr } = await ours.distcc(['gcc', '-c', 'a.c'], { cwd, env });
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });
    assert.equal(readFileSync(path.join(cwd, 'a.o'), 'utf8'), 'made of a text');
    assert.deepEqual(versions, [3, 2]);
    assert.deepEqual(demotions, { 'failed-with-headers': 1 });
  });
}

const SAYING: Readonly<Record<string, string>> = {
  'warned.c': `#include "near.h"
#include <far.h>
static int unused;
int warned(void) { near(); far(); return 1.5f; }
`,
  'near.h': 'static int near(void) { int never; return 1; }\n',
  'failing.c': '#include "near.h"\n#include <far.h>\nint failing(void) { return missing; }\n',
  'lost.c': '#include "near.h"\n#include "lost.h"\n',
  'told.c': '#include <far.h>\n#warning "told"\n#ifdef ASKED\n#error "asked"\n#endif\n',
};

/** Each is said to the caller as the compiler says it here. */
const CALLS: readonly (readonly [line: string, status: number])[] = [
  ['warned.c -Wall -Wextra -Wconversion', 0],
  ['warned.c -Wall -g -O2', 0],
  ['told.c', 0],
  ['told.c -DASKED', 1],
  ['warned.c -Wall -Werror', 1],
  ['failing.c -Wall', 1],
  ['failing.c -Wall -fdiagnostics-color=always', 1],
  ['lost.c', 1],
];

async function assertSaysTheSame(site: Site): Promise<void> {
  const cwd = site.project(SAYING);
  const far = path.join(cwd, 'elsewhere');
  mkdirSync(far);
  writeFileSync(path.join(far, 'far.h'), 'static int far(void) { int ever; return 2; }\n');
  for (const include of ['-Ielsewhere', `-I${far}`]) {
    for (const [words, status] of CALLS) {
      const theirs = await site.run(['sh', '-c', `gcc -c -o x.o ${include} ${words}`], { cwd });
      assert.equal(theirs.status, status);
      const line = `${site.client.launcher} gcc -c -o x.o ${include} ${words}`;
      const { stdout, stderr } = await site.run(['sh', '-c', line], { cwd, env: { DISTCC_FALLBACK: '1' } });
      const warning = stderr.replace(theirs.stderr, '');
      assert.deepEqual([stdout, stderr], ['', warning + theirs.stderr]);
      assert.match(warning, status === 0 ? /^$/ : /^(?:distcc\[\d+\] Warning: [^\n]*retrying locally\n)?$/);
    }
  }
  const sent = await site.demotionsOf(() =>
    site.distcc(['gcc', '-c', `-I${far}`, '-Wall', 'warned.c'], { cwd }),
  );
  assert.deepEqual(sent, {}, 'warnings come from the host');
}

test('errors and warnings are those of the compiler here, with our distccd', () => assertSaysTheSame(ours));

test("the same with Debian's distccd", needsPeer('distccd'), async () => {
  await using site = await Site.open({ ...WITH_HEADERS, daemon: 'debian' });
  await assertSaysTheSame(site);
});
