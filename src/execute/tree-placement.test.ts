import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tree, TreeObjection } from './tree.ts';
import { placeInTree } from './tree-placement.ts';

const tree = new Tree([], '/w/build');
const place = (words: string): string => {
  const { argv } = placeInTree(words.split(' '), { tree, root: '/R', home: '/H' });
  return argv.join(' ');
};
/** What is added in front, with an output of the client's. */
const OURS = '-c -o /H/a.o -MF /H/a.d -MMD -MQ a.o';

const PLACED: readonly (readonly [client: string, worker: string])[] = [
  ['gcc -c a.c -o a.o', `gcc ${OURS} -c a.c`],
  ['gcc -c a.c', `gcc ${OURS} -c a.c`],
  ['gcc -c /w/a.c -oa.o', `gcc ${OURS} -c /R/w/a.c`],
  ['gcc -S ../a.c -o x/a.s', 'gcc -S -o /H/a.s -MF /H/a.d -MMD -MQ x/a.s -S ../a.c'],
  ['gcc -c a.c -MD -o a.o', 'gcc -c -o /H/a.o -MF /H/a.d -MQ a.o -c a.c -MD'],
  ['gcc -c a.c -MT t -MF x.d -MP', 'gcc -c -o /H/a.o -MF /H/a.d -MMD -c a.c -MT t -MP'],
  ['gcc -c a.i -MMD -MF x.d', 'gcc -c -o /H/a.o -c a.i -MMD'],
  ['gcc -c a.c -I/x -I y -I /z', `gcc ${OURS} -c a.c -I/R/x -I y -I /R/z`],
  ['gcc -c a.c -include /x.h -imacros/y.h', `gcc ${OURS} -c a.c -include /R/x.h -imacros/R/y.h`],
  [
    'gcc -c a.c -isystem /x -iquote/y -idirafter /z',
    `gcc ${OURS} -c a.c -isystem /R/x -iquote/R/y -idirafter /R/z`,
  ],
  ['gcc -c a.c -iprefix /x/ -iwithprefix y', `gcc ${OURS} -c a.c -iprefix /R/x/ -iwithprefix y`],
  ['gcc -c a.c -iwithprefixbefore /x', `gcc ${OURS} -c a.c -iwithprefixbefore /R/x`],
  ['clang -c a.c -cxx-isystem /x', `clang ${OURS} -c a.c -cxx-isystem /R/x`],
  ['gcc -c a.c -DX=/usr -D Y=/z -U/', `gcc ${OURS} -c a.c -DX=/usr -D Y=/z -U/`],
  ['gcc -c a.c -Wp,-DX -fmacro-prefix-map=./=', `gcc ${OURS} -c a.c -Wp,-DX -fmacro-prefix-map=./=`],
];

for (const [client, worker] of PLACED) {
  test(`placeInTree() runs ${client}`, () => assert.equal(place(client), worker));
}

for (const words of [
  '--sysroot=/x',
  '--sysroot x',
  '-isysroot /x',
  '-iwithsysroot /x',
  '-F/x',
  '-iframework /x',
  '-ivfsoverlay x',
  '-imultilib ..',
  '-imultiarch ..',
  '-I=/x',
  '-I $SYSROOT/x',
  '-isystem =x',
  '-I../../..',
  '-I /..',
  '-include ../../../etc/passwd',
  '-iwithprefix ../../x',
  '-iwithprefixbefore ./x',
  '-Wp,-I/x',
  '-Xpreprocessor -I/x',
  '-Xclang -I/x',
  '-fsanitize-ignorelist=x',
  '-fpch-preprocess',
  '-fdebug-prefix-map=/w=/v',
  '-fsome-file=/x',
  '-fsome-file=x/../../../y',
  '-resource-dir x',
]) {
  test(`placeInTree() refuses ${words}`, () => {
    assert.throws(() => place(`gcc ${words} -c a.c`), TreeObjection);
  });
}

test('placeInTree() refuses a command that becomes too long', () => {
  assert.throws(() => place(`gcc -c a.c${' -I/x'.repeat(500_000)}`), /too long/);
});

test('placeInTree() refuses a source outside of the tree, and none', () => {
  assert.throws(() => place('gcc -c ../../../a.c'), TreeObjection);
  assert.throws(() => place('gcc -c /../a.c'), TreeObjection);
  assert.throws(() => place('gcc -c'), TreeObjection);
});
