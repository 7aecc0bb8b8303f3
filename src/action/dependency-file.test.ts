import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../command/analyze.ts';
import { formatDependencies, readDependencies } from './dependency-file.ts';

const READ: readonly (readonly [text: string, names: readonly string[] | undefined])[] = [
  ['out.o: a.c h.h\n', ['a.c', 'h.h']],
  ['out.o: a.c \\\n h.h\n', ['a.c', 'h.h']],
  ['out.o: a.c \\\r\n h.h\r\n', ['a.c', 'h.h']],
  ['out.o: a.c h.h', ['a.c', 'h.h']],
  [String.raw`out.o: a\ b.c c\#.h $$d.h` + '\n', [String.raw`a\ b.c`, String.raw`c\#.h`, '$$d.h']],
  ['out.o: a.c h.h\nh.h:\n', ['a.c', 'h.h']],
  ['out.o:\n', undefined],
  ['a.o: a.c\n', undefined],
  ['out.o b.o: a.c\n', undefined],
  ['', undefined],
];

for (const [text, names] of READ) {
  test(`readDependencies() of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(readDependencies(text, 'out.o')?.names, names);
  });
}

test('readDependencies() leaves the rules behind the first as they are', () => {
  assert.equal(readDependencies('out.o: a.c \\\n h.h\n\nh.h:\n', 'out.o')?.phonies, '\nh.h:\n');
});

function format(line: string, names: readonly string[]): string | undefined {
  const command = analyze(line.split(' '), { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile', line);
  return formatDependencies(command, { names, phonies: '\nh.h:\n' });
}

const FORMATTED: readonly (readonly [line: string, text: string | undefined])[] = [
  ['gcc -MMD -c a.c', 'a.o: a.c h.h\n'],
  ['gcc -MMD -c a.c -o b/c.o', 'b/c.o: a.c h.h\n'],
  ['gcc -MMD -c d/a.c', 'a.o: a.c h.h\n'],
  ['gcc -MMD -S a.c', 'a.o: a.c h.h\n'],
  ['gcc -MMD -MT x -c a.c', 'x: a.c h.h\n'],
  ['gcc -MMD -MT x -MT y -c a.c', 'x y: a.c h.h\n'],
  ['gcc -MMD -MT $(x) -c a.c', '$(x): a.c h.h\n'],
  ['gcc -MMD -MQ $(x) -c a.c', '$$(x): a.c h.h\n'],
  ['gcc -MMD -MQ x#y -c a.c', String.raw`x\#y: a.c h.h` + '\n'],
  ['gcc -MMD -MQ x -MT y -c a.c', undefined],
  ['gcc -MMD -MP -c a.c', 'a.o: a.c h.h\n\nh.h:\n'],
  ['gcc -MMD -MP -MT x -c a.c', 'x: a.c h.h\n\nh.h:\n'],
  ['clang -MMD -c a.c', 'a.o: a.c h.h\n'],
];

for (const [line, text] of FORMATTED) {
  test(`formatDependencies() for ${line}`, () => assert.equal(format(line, ['a.c', 'h.h']), text));
}

test('formatDependencies() breaks lines as either compiler does', () => {
  const names = ['a.c', ...Array.from({ length: 3 }, (_, index) => `${'h'.repeat(40)}${index}.h`)];
  assert.match(format('gcc -MMD -c a.c', names) ?? '', /^a\.o: a\.c h+0\.h \\\n h+1\.h \\\n h+2\.h\n$/);
  assert.match(
    format('clang -MMD -c a.c', names) ?? '',
    /^a\.o: a\.c h+0\.h \\\n {2}h+1\.h \\\n {2}h+2\.h\n$/,
  );
});
