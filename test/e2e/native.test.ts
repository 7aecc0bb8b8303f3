/**
 * The native wire: what comes of a compile is what the compiler here makes of it, to the byte: objects, dependency
 * files, diagnostics and status. Each that may leave is compiled by the worker.
 */
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { casesFor, layOutProject } from '../rig/native-cases.ts';
import { needsBox } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ isNative: true });
after(() => site[Symbol.asyncDispose]());

const project = site.newDirectory();
layOutProject(project);

for (const compiler of ['gcc', 'clang']) {
  for (const { line, outputs = ['a.o'], env = {} } of casesFor(project)) {
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
