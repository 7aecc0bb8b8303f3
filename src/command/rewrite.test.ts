import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CompileCommand } from './compile-command.ts';
import { analyze } from './analyze.ts';
import { localArgv, preprocessArgv, remoteArgv } from './rewrite.ts';

function understand(argv: readonly string[]): CompileCommand | undefined {
  const command = analyze(argv, { environment: new Map(), readText: () => undefined });
  return command.kind === 'compile' ? command : undefined;
}

function rewritten(line: string, rewrite: (command: CompileCommand) => readonly string[]): string {
  const command = understand(line.split(' '));
  assert.ok(command, line);
  return rewrite(command).join(' ');
}

test('preprocessArgv() asks for text and has the dependencies written where it is told', () => {
  const cases: readonly [string, string][] = [
    ['gcc -c a.c', 'gcc -E a.c'],
    ['gcc -O2 -S a.c -o x.s -DX', 'gcc -E -O2 a.c -DX'],
    ['gcc -c -ox.o -x c++ a', 'gcc -E -x c++ a'],
    ['gcc -c -MD a.c', 'gcc -E -MD a.c -MF /t,d'],
    ['gcc -c -MMD -MP a.c -o o/a.o', 'gcc -E -MMD -MP a.c -MF /t,d -MQ o/a.o'],
    ['gcc -c -MD -MF x.d -MT t a.c -o o/a.o', 'gcc -E -MD -MT t a.c -MF /t,d'],
    ['gcc -c -Wp,-MMD,x.d a.c -o o/a.o', 'gcc -E -MMD a.c -MF /t,d'],
    ['clang -c -Wp,-MMD,x.d a.c -o o/a.o', 'clang -E -MMD a.c -MF /t,d -MQ o/a.o'],
    ['gcc -Wp,-DX=1 -UX -c a.c', 'gcc -E -Wp,-DX=1 -UX a.c'],
    ['gcc -Xpreprocessor -DX -c a.c', 'gcc -E -Xpreprocessor -DX a.c'],
  ];
  for (const [line, expected] of cases) {
    assert.equal(
      rewritten(line, (command) => preprocessArgv(command, { dependencyFile: '/t,d' })),
      expected,
    );
  }
});

test('preprocessArgv() without a dependency file writes none', () => {
  const cases: readonly [string, string][] = [
    ['gcc -c -MD -MP -MF x.d -MT t a.c -o o/a.o', 'gcc -E a.c'],
    ['gcc -c -Wp,-MD,x.d -Wp,-DX a.c', 'gcc -E -Wp,-DX a.c'],
    ['gcc -c -MD -D -MD a.c', 'gcc -E -D -MD a.c'],
  ];
  for (const [line, expected] of cases)
    assert.equal(
      rewritten(line, (c) => preprocessArgv(c)),
      expected,
    );
});

test('remoteArgv() leaves out what was the preprocessor’s, and says the language by the suffix', () => {
  const cases: readonly [string, string][] = [
    ['gcc -c a.c', 'gcc a.c -c -o a.o'],
    ['gcc -O2 -S d/a.c', 'gcc d/a.c -S -o a.s -O2'],
    [
      'gcc -DX -D Y -UZ -Iinc -I inc -isystem s -isystems -iquote q -idirafter a -include f.h -includef.h -c a.c',
      'gcc a.c -c -o a.o',
    ],
    ['gcc -MD -MP -MF x -MT t -Wp,-DX -nostdinc -undef -H -Ll -lm -Wl,-x -c a.c', 'gcc a.c -c -o a.o'],
    [
      'gcc -g -O2 -Wall -std=c11 -fPIC -pthread -m64 -c a.c',
      'gcc a.c -c -o a.o -g -O2 -Wall -std=c11 -fPIC -pthread -m64',
    ],
    ['gcc --param x=1 -Wa,-x -c a.c -o b.o', 'gcc a.c -c -o b.o --param x=1 -Wa,-x'],
    ['gcc -x c++ -c a', 'gcc a.ii -c -o a.o'],
    ['gcc -x c -c a.cc', 'gcc a.cc.i -c -o a.o'],
    ['gcc -c a.CPP', 'gcc a.CPP.ii -c -o a.o'],
    ['g++ -c a.c', 'g++ a.c.ii -c -o a.o'],
    ['g++ -c a.cc', 'g++ a.cc -c -o a.o'],
    ['gcc -c a.mm', 'gcc a.mm -c -o a.o'],
    ['gcc -x cpp-output -c a.x', 'gcc a.x.i -c -o a.o'],
    ['clang -Xclang -fno-builtin -mllvm x -c a.c', 'clang a.c -c -o a.o -Xclang -fno-builtin -mllvm x'],
  ];
  for (const [line, expected] of cases) assert.equal(rewritten(line, remoteArgv), expected, line);
});

test('localArgv() is what was typed', () => {
  assert.equal(rewritten('gcc -c -MD a.c -o x.o', localArgv), 'gcc -c -MD a.c -o x.o');
});

const STOCK_SOURCE = /.\.(?:c|i|cc|cpp|cxx|cp|c\+\+|C|ii|m|mi|mm|M|mii)$/;

/**
 * What a stock distccd makes of an argv, by distcc src/arg.c: the words that it takes for source and
 * output, or undefined where it drops the connection.
 */
function stockScan(
  argv: readonly string[],
): { readonly source: string; readonly output: string } | undefined {
  const sources: string[] = [];
  const outputs: string[] = [];
  let isCompile = false;
  for (let index = 1; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const next = argv[index + 1];
    if (!word.startsWith('-')) {
      if (STOCK_SOURCE.test(word)) sources.push(word);
      else if (word.endsWith('.o')) outputs.push(word);
    } else if (word === '-E' || /^-M(?!M?D$|[GP]$|[FTQ])/.test(word)) return undefined;
    else if (/^-M[FTQ]$/.test(word)) index++;
    else if (/^-m(?:arch|tune)=native$/.test(word)) return undefined;
    else if (word.startsWith('-Wa,') && /,-a|--MD/.test(word)) return undefined;
    else if (
      /^-(?:fprofile-(?:arcs|correction|generate|use)|ftest-coverage|-coverage|fauto-profile|frepo|dr|fplugin=|specs=)/.test(
        word,
      )
    )
      return undefined;
    else if (word.startsWith('-x') && next !== undefined && !/^(?:c|objective-c|go)/.test(next))
      return undefined;
    else if (word === '-c' || word === '-S') isCompile = true;
    else if (word === '-o') outputs.push(argv[++index] ?? '');
    else if (word.startsWith('-o')) outputs.push(word.slice(2));
  }
  const [source, output] = [sources[0], outputs[0]];
  if (!isCompile || source === undefined || output === undefined) return undefined;
  return sources.length === 1 && outputs.length === 1 ? { source, output } : undefined;
}

const option = fc.oneof(
  fc.constantFrom(
    '-O2',
    '-g',
    '-DX',
    '-I inc',
    '-include f.c',
    '-MD',
    '-MMD -MF x.d',
    '-MT t.c',
    '-frandom-seed=b.c',
    '-flto',
    '-Wp,-MD,y.d',
    '-x c',
    '-xc++',
    '-x c++',
    '--param b.c',
    '-mllvm b.c',
    '-target x.o',
    '-G b.c',
    '-Wl,b.c',
    '-o out/x.o',
    '-oy.o',
    '-u b.o',
    '-Xclang -fb.c',
    '-Wa,--noexecstack',
    '-unheard-of.c',
    '-l b.c',
    '-D a.c',
  ),
  fc.string({ maxLength: 8 }).map((text) => `-${text.replaceAll(' ', '')}`),
);

test('remoteArgv() passes a stock distccd, which takes our source and our output for its own', () => {
  let compiles = 0;
  fc.assert(
    fc.property(
      fc.array(option, { maxLength: 6 }),
      fc.constantFrom('a.c', 'b.cc', 'sub/x.CPP', 'y.i', 'z.mm', 'no'),
      (options, source) => {
        const command = understand(['gcc', '-c', ...options.flatMap((text) => text.split(' ')), source]);
        if (command === undefined) return;
        compiles++;
        const argv = remoteArgv(command);
        assert.deepEqual(stockScan(argv), { source: argv[1], output: command.output }, JSON.stringify(argv));
      },
    ),
    { numRuns: 20_000, seed: 1 },
  );
  assert.ok(compiles > 1000, `${compiles} of the random commands were compiles`);
});
