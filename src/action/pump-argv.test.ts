import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../base/result.ts';
import { analyze } from '../command/analyze.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { pumpArgv, type PumpRefusal } from './pump-argv.ts';

const CLOSURE = { builtinDirectories: ['/lib/gcc/include', '/usr/include'], preincluded: ['stdc-predef.h'] };

function read(line: string): CompileCommand {
  const command = analyze(line.split(' '), { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile', line);
  return command;
}

function send(line: string, target?: string): Result<readonly string[], PumpRefusal> {
  const command = read(line);
  return pumpArgv(command, { name: command.compiler, ...(target !== undefined && { target }) }, CLOSURE);
}

const BUILTIN = '-nostdinc -isystem /lib/gcc/include -isystem /usr/include';
const HEAD = 'gcc a.c -c -o out.o -include stdc-predef.h';

/** What is sent of each, between the head and the compiler's own directories. */
const SENT: readonly (readonly [line: string, words: string])[] = [
  ['gcc -c a.c', ''],
  ['gcc -c -o b/a.o a.c', ''],
  ['gcc -Wall -O2 -c a.c -g', '-Wall -O2 -g'],
  [
    'gcc -DX=1 -UY -Iinc -I inc -isystem /s -include h.h -c a.c',
    '-DX=1 -UY -Iinc -I inc -isystem /s -include h.h',
  ],
  ['gcc -MMD -MF a.d -MT x -MQ y -MP -c a.c', '-MMD -MP'],
  ['gcc -MD -c a.c', '-MD'],
  ['gcc -Wp,-MMD,a.d -c a.c', '-MMD'],
  ['gcc -Wp,-MD,a.d -c a.c', '-MD'],
  ['gcc -c a.c -lm -L/x', ''],
];

for (const [line, words] of SENT) {
  test(`pumpArgv() sends of ${line}: ${words}`, () => {
    const argv = send(line);
    assert(argv.ok, JSON.stringify(argv));
    assert.equal(argv.value.join(' '), [HEAD, words, BUILTIN].filter(Boolean).join(' '));
  });
}

test('pumpArgv() names what is made, and the target', () => {
  const assembly = send('gcc -S a.c');
  assert(assembly.ok);
  assert.deepEqual(assembly.value.slice(0, 5), ['gcc', 'a.c', '-S', '-o', 'out.s']);
  const cross = send('clang -c a.c', 'x86_64-pc-linux-gnu');
  assert(cross.ok);
  assert.deepEqual(cross.value.slice(-2), ['-target', 'x86_64-pc-linux-gnu']);
});

const REFUSED: readonly (readonly [line: string, reason: string, detail: string])[] = [
  ['gcc -c -x c++ a.c', 'sent-name', '-x c++'],
  ['gcc -c -xc++ a.c', 'sent-name', '-xc++'],
  ['gcc -c -x c a', 'sent-name', '-x c'],
  ['g++ -c a.c', 'sent-name', 'a.c'],
  ['gcc -ffile-prefix-map=/a=/b -c a.c', 'maps-paths', '-ffile-prefix-map=/a=/b'],
  ['gcc -fmacro-prefix-map=/a=/b -c a.c', 'maps-paths', '-fmacro-prefix-map=/a=/b'],
  ['gcc -g -fdebug-prefix-map=/a=/b -c a.c', 'maps-paths', '-fdebug-prefix-map=/a=/b'],
  ['clang -g -fdebug-compilation-dir=/x -c a.c', 'maps-paths', '-fdebug-compilation-dir=/x'],
  // A stock distccd would put its own names in their place.
  ['gcc -include b.c -c a.c', 'odd-operand', '-include b.c'],
  ['gcc -D b.o -c a.c', 'odd-operand', '-D b.o'],
];

for (const [line, reason, detail] of REFUSED) {
  test(`pumpArgv() refuses ${line}: ${reason}`, () => {
    assert.deepEqual(send(line), { ok: false, error: { reason, detail } });
  });
}
