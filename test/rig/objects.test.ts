/** The judge of the interop tests, judged: what it must let pass and what it must not. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Corpus } from '../../bench/corpus/corpus.ts';
import { Scratch } from './scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
process.env['MANYHANDS_CORPUS'] = scratch.path('cache');
// Only now, because they look at the variable when they are loaded.
const { Build } = await import('../../bench/corpus/build.ts');
const { compareBuild, prepareReference } = await import('./objects.ts');
const { runWell } = await import('./run.ts');

const FLAGS = ['-O1', '-g'];
const corpus: Corpus = {
  name: 'rdkafka',
  version: '0',
  language: 'c',
  directory: scratch.path('project'),
  files: ['one.c', 'two.c'].map((source) => ({ source, argv: ['-DLIMIT=3'] })),
};
mkdirSync(corpus.directory);
writeFileSync(path.join(corpus.directory, 'all.h'), '#define ADD(a) ((a) +\\\n LIMIT)\n');
for (const { source } of corpus.files) {
  writeFileSync(path.join(corpus.directory, source), '#include "all.h"\nint f(int a) { return ADD(a); }\n');
}
const reference = await prepareReference(corpus, FLAGS);

/** Builds as distcc does: preprocess here, compile the text. */
function openBuild() {
  return new Build(corpus, {
    cc: 'gcc',
    cxx: 'g++',
    flags: FLAGS,
    outOfTree: true,
    dependencies: ['-MMD'],
    recipe: ({ compiler, file, object }) => [
      `${compiler} ${file.argv.join(' ')} -g -MMD -MF ${object.replace(/o$/, 'd')} -MT ${object} -E -o ${object}.i ${file.source}`,
      `${compiler} -O1 -g -c -o ${object} ${object}.i`,
    ],
  });
}

const CASES: readonly (readonly [
  what: string,
  spoil: (object: string) => void,
  objection: RegExp | undefined,
])[] = [
  ['nothing', () => {}, undefined],
  ['a byte more', (object) => appendFileSync(object, '\0'), /is not the local object/],
  ['an object missing', (object) => rmSync(object), /no object was written/],
  [
    'another dependency',
    (object) => appendFileSync(object.replace(/o$/, 'd'), 'x'),
    /is not what gcc writes/,
  ],
  ['no dependencies', (object) => rmSync(object.replace(/o$/, 'd')), /no dependency file/],
];

for (const [what, spoil, objection] of CASES) {
  test(`compareBuild() with ${what}`, async () => {
    using build = openBuild();
    await runWell(build.makeCommand(2));
    spoil(path.join(corpus.directory, build.name, 'two.c.o'));
    const { objections } = compareBuild(build, reference);
    assert.equal(objections.length, objection === undefined ? 0 : 1);
    if (objection !== undefined) assert.match(objections[0] ?? '', objection);
  });
}

test('compareBuild() tells a direct compile with debug information from a split one', async () => {
  using build = new Build(corpus, {
    cc: 'gcc',
    cxx: 'g++',
    flags: FLAGS,
    outOfTree: true,
    dependencies: ['-MMD'],
  });
  await runWell(build.makeCommand(2));
  assert.equal(compareBuild(build, reference).objections.length, 2);
});
