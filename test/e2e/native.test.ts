/**
 * The native wire: what comes of a compile is what the compiler here makes of it, to the byte: objects, dependency
 * files, diagnostics and status. Each that may leave is compiled by the worker.
 */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { needsBox } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ isNative: true });
after(() => site[Symbol.asyncDispose]());

const FILES: Readonly<Record<string, string>> = {
  'src/a.c': `#include <stdio.h>
#include <string.h>
#include "near.h"
#include "../inc/../inc/far.h"
int main(int argc, char **argv) { return printf("%zu %d %s %s", strlen(argv[0]), near(argc), FAR, __FILE__); }
`,
  'src/warn.c': '#include "near.h"\nint f(void) { int unused; char *p = 3; return near(p); }\n',
  'src/wrong.c': '#include "near.h"\nint f(void) { return nothing + near(1; }\n',
  'src/a.cc': `#include <string>
#include <vector>
#include <map>
#include "near.h"
std::map<std::string, std::vector<int>> all(int x) { return {{__FILE__, {near(x)}}}; }
`,
  'src/wrong.cc': '#include <vector>\nint f() { std::vector<int> v; return v.push("x"); }\n',
  'src/once.c': '#include "one.h"\n#include "two.h"\nint f(void) { return COUNT; }\n',
  'src/entry.S': '#include "asm.h"\n.globl entry\nentry: NOTHING\n',
  'src/asm.h': '#define NOTHING nop\n',
  'src/with space.c': '#include "near.h"\nint f(void) { return near(1); }\n',
  'src/grün.c': '#include "nah é.h"\nconst char *f(void) { return __FILE__ "ü"; }\n',
  'src/nah é.h': 'int g(void);\n',
  'src/near.h': 'static inline int near(int x) { return x + 1; }\n',
  'inc/far.h': '#define FAR __FILE__\n',
  'inc/pre.h': '#define PRE 1\n',
};

const project = site.newDirectory();
for (const directory of ['src', 'inc', 'obj', 'twins']) mkdirSync(path.join(project, directory));
for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(project, name), text);
symlinkSync('src', path.join(project, 'link'));
symlinkSync('../inc/far.h', path.join(project, 'src', 'linked.h'));
writeFileSync(
  path.join(project, 'src', 'through.c'),
  '#include "linked.h"\nconst char *f(void) { return FAR; }\n',
);

interface Case {
  readonly line: string;
  readonly outputs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const UTF8 = { LC_ALL: 'C.UTF-8' };

const CASES: readonly Case[] = [
  { line: '$CC -c src/a.c -o a.o' },
  { line: '$CC -g -O2 -Wall -c src/a.c -o a.o' },
  { line: '$CC -g3 -c src/a.c -o obj/a.o', outputs: ['obj/a.o'] },
  { line: `$CC -g -c ${project}/src/a.c -o a.o` },
  { line: 'cd src && $CC -g -c a.c', outputs: ['src/a.o'] },
  { line: 'cd link && $CC -g -c a.c', outputs: ['src/a.o'] },
  { line: '$CC -g -c link/a.c -o a.o' },
  { line: '$CC -g -c src/through.c -o a.o' },
  { line: '$CC -O2 -S src/a.c -o a.s', outputs: ['a.s'] },
  { line: '$CC -S src/a.c', outputs: ['a.s'] },
  { line: '$CC -MMD -c src/a.c', outputs: ['a.o', 'a.d'] },
  { line: '$CC -MD -c src/a.c -o obj/a.o', outputs: ['obj/a.o', 'obj/a.d'] },
  { line: '$CC -MMD -MP -MF obj/x.d -c src/a.c -o a.o', outputs: ['a.o', 'obj/x.d'] },
  { line: "$CC -MD -MT 'a b' -MQ 'c$d' -c src/a.c -o a.o", outputs: ['a.o', 'a.d'] },
  { line: '$CC -Wp,-MMD,obj/.a.d -c src/a.c -o a.o', outputs: ['a.o', 'obj/.a.d'] },
  { line: "$CC -MMD -c 'src/with space.c' -o 'a b.o'", outputs: ['a b.o', 'a b.d'] },
  { line: '$CC -g -MMD -c src/grün.c -o a.o', outputs: ['a.o', 'a.d'], env: UTF8 },
  { line: '$CC -include inc/pre.h -Iinc -g -fPIC -pg -c src/a.c -o a.o' },
  { line: '$CC -ffile-prefix-map=src=here -g -c src/a.c -o a.o' },
  { line: '$CC -fdebug-prefix-map=$PWD=/there -g -c src/a.c -o a.o' },
  { line: '$CC -x c++ -g -c src/near.h -o a.o' },
  { line: '$CC -c src/entry.S -o a.o' },
  { line: '$CC -g -c src/entry.S -o a.o' },
  { line: '$CC -Wall -c src/warn.c -o a.o' },
  { line: '$CC -Wall -c src/warn.c -o a.o', env: UTF8 },
  { line: '$CC -Wall -fdiagnostics-color=always -c src/warn.c -o a.o', env: { GCC_COLORS: 'warning=01;32' } },
  { line: '$CC -Wall -Werror -c src/warn.c -o a.o' },
  { line: '$CC -c src/wrong.c -o a.o' },
  { line: '$CC -c src/wrong.c -o a.o', env: UTF8 },
  { line: '$CC -c src/wrong.cc -o a.o', env: UTF8 },
  { line: '$CC -O2 -g -std=c++17 -c src/a.cc -o a.o' },
  { line: '$CC -O1 -flto -frandom-seed=1 -c src/a.c -o a.o' },
];

for (const compiler of ['gcc', 'clang']) {
  for (const { line, outputs = ['a.o'], env = {} } of CASES) {
    // gcc alone knows the word; the shell puts the other compiler in its place.
    const called = line.replaceAll('$CC', `$\{CC%gcc}${compiler}`);
    const words = [...Object.entries(env).map(([name, value]) => `${name}=${value}`), line].join(' ');
    test(`${compiler}: ${words}`, needsBox(compiler), async () => {
      const demoted = await site.demotionsOf(() =>
        site.assertNoDifference(called, { cwd: project, outputs, env }),
      );
      assert.deepEqual(demoted, {});
    });
  }
}

for (const isSameAge of [true, false]) {
  const age = isSameAge ? 'of one age' : 'of two ages';
  test(`equal headers under two names, ${age}`, needsBox(), async () => {
    const cwd = site.project(FILES_OF_TWINS);
    for (const [index, name] of ['one.h', 'two.h'].entries())
      utimesSync(path.join(cwd, name), 1_000_000, isSameAge ? 1_000_000 : 1_000_000 + index);
    const { local } = await site.whereRan(() =>
      site.assertNoDifference('$CC -c once.c -o a.o', { cwd, outputs: ['a.o'] }),
    );
    assert.equal(local, 0);
  });
}

const FILES_OF_TWINS = {
  'once.c': '#include "one.h"\n#include "two.h"\nint f(void) { return COUNT; }\n',
  'one.h': '#pragma once\n#ifdef COUNT\n#undef COUNT\n#define COUNT 2\n#else\n#define COUNT 1\n#endif\n',
  'two.h': '#pragma once\n#ifdef COUNT\n#undef COUNT\n#define COUNT 2\n#else\n#define COUNT 1\n#endif\n',
};

test('all that may leave were compiled by the worker', needsBox('clang'), async () => {
  const { endings, reasons } = await site.report();
  // Those that stay on any wire: assembler sources, and clang's where paths are mapped.
  assert.deepEqual(reasons, { assembler: 4, 'path-mapping': 1 });
  assert.equal(endings.local, 5);
});
