import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../base/result.ts';
import { analyze } from '../command/analyze.ts';
import { plainArgv, type PlainRefusal } from './plain-argv.ts';

const CLOSURE = { builtinDirectories: ['/lib/gcc/include', '/usr/include'], preincluded: ['stdc-predef.h'] };
const OUTPUTS = { output: 'out/out.o', dependencyFile: 'out/out.d', target: 'T' };

function send(line: string, { hasHeaders = false } = {}): Result<readonly string[], PlainRefusal> {
  const command = analyze(line.split(' '), { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile', line);
  return plainArgv(command, CLOSURE, { hasHeaders, outputs: OUTPUTS, directory: '/home/u' });
}

const OWN = '-nostdinc -isystem @ROOT@/lib/gcc/include -isystem @ROOT@/usr/include';

/** What is sent of each, between what is included by itself and the compiler's own directories. */
const SENT: readonly (readonly [line: string, words: string])[] = [
  ['gcc -O2 -c a.c -o a.o', '-O2 -c a.c'],
  ['gcc -S /w/a.c', '-S @ROOT@/w/a.c'],
  ['gcc -I/i -I /i -Ii -I i -c a.c', '-I@ROOT@/i -I @ROOT@/i -Ii -I i -c a.c'],
  [
    'gcc -isystem/s -isystem s -iquote /q -idirafter /d -include /f.h -imacros m.h -c a.c',
    '-isystem@ROOT@/s -isystem s -iquote @ROOT@/q -idirafter @ROOT@/d -include @ROOT@/f.h -imacros m.h -c a.c',
  ],
  ['gcc -DX=/x -U /y -frandom-seed=/z -c a.c', '-DX=/x -U /y -frandom-seed=/z -c a.c'],
  ['gcc -L/l -Wl,-rpath,/r -lm -c a.c', '-L/l -Wl,-rpath,/r -lm -c a.c'],
  ['gcc -ffile-prefix-map=/w=. -c a.c', '-ffile-prefix-map=@ROOT@/w=. -c a.c'],
  ['gcc -fdebug-prefix-map=w=/x -c a.c', '-fdebug-prefix-map=w=/x -c a.c'],
  ['gcc -g -gdwarf-3 -fno-lto -c a.c', '-g -gdwarf-3 -fno-lto -c a.c'],
];

for (const [line, words] of SENT) {
  test(`plainArgv() sends of ${line}: ${words}`, () => {
    const argv = send(line);
    assert(argv.ok, JSON.stringify(argv));
    assert.equal(argv.value.join(' '), `-include stdc-predef.h ${words} ${OWN} -o out/out.o`);
  });
}

test('plainArgv() has the dependencies written under names of its own', () => {
  const argv = send('gcc -MD -MF x.d -MT y -MP -c a.c');
  assert(argv.ok);
  assert.match(argv.value.join(' '), /^\S+ \S+ -MD -MP -c a\.c .* -o out\/out\.o -MF out\/out\.d -MQ T$/);
});

test('plainArgv() leaves headers to a server that has them', () => {
  const argv = send('gcc -I/usr/include -c a.c', { hasHeaders: true });
  assert.deepEqual(argv.ok && argv.value.join(' '), '-I@ROOT@/usr/include -c a.c -o out/out.o');
});

const REFUSED: readonly (readonly [line: string, reason: string])[] = [
  ['gcc -g3 -c a.c', 'records-command'],
  ['gcc -ggdb3 -c a.c', 'records-command'],
  ['clang -fdebug-macro -c a.c', 'records-command'],
  ['gcc -flto=4 -c a.c', 'records-command'],
  ['gcc -fsanitize=address -c a.c', 'unmapped-names'],
  ['gcc -finstrument-functions-exclude-file-list=inc -c a.c', 'unmapped-names'],
  ['clang -fdebug-prefix-map=/w=. -c a.c', 'unmapped-names'],
  ['gcc -Wa,--defsym,x=/y -c a.c', 'absolute-name'],
  ['gcc -isystem ../../home/u/inc -c a.c', 'absolute-name'],
  ['gcc -DX=@ROOT@ -c a.c', 'absolute-name'],
];

for (const [line, reason] of REFUSED) {
  test(`plainArgv() refuses ${line}: ${reason}`, () => {
    const argv = send(line);
    assert.equal(!argv.ok && argv.error.reason, reason);
  });
}
