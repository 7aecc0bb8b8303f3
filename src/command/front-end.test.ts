import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from './analyze.ts';
import type { CompileCommand } from './compile-command.ts';
import { dependencyTargets, frontEndArgv, learnFrontEnd, questionArgv } from './front-end.ts';

const BEFORE = `Using built-in specs.
COLLECT_GCC=gcc
Target: x86_64-linux-gnu
Configured with: ../configure --with-pkgversion='X 1'
Thread model: posix
Supported LTO compression algorithms: zlib zstd
gcc version 12.2.0 (X 1)
COLLECT_GCC_OPTIONS='-E' '-D' 'A="x y"'
`;
const AFTER = `COMPILER_PATH=/usr/lib/gcc/
LIBRARY_PATH=/usr/lib/
COLLECT_GCC_OPTIONS='-E'
`;
const LINE =
  ' /usr/lib/gcc/12/cc1 -E -quiet -MD -.d -MF manyhands-gap-dependencies -MT manyhands-gap-target-0 ' +
  '-D "A=\\"x\\\\ y\\"" manyhands-gap-directory/manyhands-gap-source.c "-mtune=generic" ' +
  '-dumpbase manyhands-gap-source.c -dumpbase-ext .c';

function understand(line: string): CompileCommand {
  const command = analyze(line.split(' '), { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile');
  return command;
}

test('questionArgv() is the same for jobs that differ in names only', () => {
  const one = questionArgv(understand('gcc -O2 -MMD -MF a.d -MT a.o -c src/a.c -o a.o'), true);
  const other = questionArgv(understand('gcc -O2 -MMD -MF obj/b.d -MTb.o -c b.c -o obj/b.o'), true);
  assert.deepEqual(one, other);
  assert.equal(one[1], '-###');
  const without = questionArgv(understand('gcc -O2 -c src/a.c'), false);
  assert.deepEqual(without, ['gcc', '-###', '-E', '-O2', 'manyhands-gap-directory/manyhands-gap-source.c']);
});

test('questionArgv() is another one for another language, option or target', () => {
  const lines = [
    'gcc -c a.c',
    'gcc -c a.cc',
    'gcc -c -O1 a.c',
    'gcc -c -MD a.c',
    'gcc -c -MD a.c -o obj/a.o',
    'gcc -c -MD -MT x -MT y a.c',
  ];
  const questions = new Set(lines.map((line) => questionArgv(understand(line), true).join('\0')));
  assert.equal(questions.size, lines.length);
});

test('learnFrontEnd() finds the program and the gaps', () => {
  const frontEnd = learnFrontEnd(`${BEFORE}${LINE}\n${AFTER}`);
  assert(frontEnd !== undefined);
  assert.equal(frontEnd.program, '/usr/lib/gcc/12/cc1');
  const names = { source: 'x y/b.c', dependencyFile: '/run/d', targets: ['b.o'] };
  assert.deepEqual(
    frontEndArgv(frontEnd, names),
    `/usr/lib/gcc/12/cc1|-E|-quiet|-MD|-.d|-MF|/run/d|-MT|b.o|-D|A="x\\ y"|x y/b.c|-mtune=generic|-dumpbase|b.c|-dumpbase-ext|.c`.split(
      '|',
    ),
  );
});

test('learnFrontEnd() leaves to the driver what is not plain', () => {
  const odd: Readonly<Record<string, string>> = {
    'nothing at all': '',
    'no command': `${BEFORE}${AFTER}`,
    'two commands': `${BEFORE}${LINE}\n /usr/bin/as x\n${AFTER}`,
    'a warning of the driver': `gcc: warning: '-x c' after last input file has no effect\n${BEFORE}${LINE}\n${AFTER}`,
    'another language of the driver': `Es werden eingebaute Spezifikationen verwendet.\n${LINE}\n`,
    'another program': `${BEFORE}${LINE.replace('/cc1 ', '/clang-14 ')}\n${AFTER}`,
    'a program by a relative name': `${BEFORE}${LINE.replace(' /usr', ' usr')}\n${AFTER}`,
    'the source in another word': `${BEFORE}${LINE} -auxbase manyhands-gap-source\n${AFTER}`,
    'the source in an option': `${BEFORE}${LINE} -fx=manyhands-gap-source.c\n${AFTER}`,
    'a driver that was moved': `${BEFORE}${LINE} -iprefix /x/\n${AFTER}`,
    'a file of specs': `Reading specs from /x/specs\n${LINE}\n${AFTER}`,
    'a quote that stays open': `${BEFORE}${LINE} "x\n${AFTER}`,
  };
  for (const [what, said] of Object.entries(odd)) assert.equal(learnFrontEnd(said), undefined, what);
});

test('a word may be of several lines', () => {
  const said = `${BEFORE}${LINE.replace('-quiet', '-D "B=1\n2"')}\n${AFTER}`;
  assert.ok(learnFrontEnd(said)?.parts.includes('B=1\n2'));
});

test('dependencyTargets() has what was typed, and what is implied', () => {
  const targets = (line: string): readonly string[] => dependencyTargets(understand(line));
  assert.deepEqual(targets('gcc -MD -MT a -MQb -c x.c'), ['a', 'b']);
  assert.deepEqual(targets('gcc -MD -c x.c -o obj/x.o'), ['obj/x.o']);
  assert.deepEqual(targets('gcc -MD -c x.c'), []);
});
