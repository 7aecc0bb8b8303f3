/**
 * Whatever a compile writes besides its object is there afterwards: each of these lines leaves the same
 * files behind, with the same content, with us and without.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { needsPeer } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const FILES = {
  'a.c': '#include "a.h"\nint twice(int x) { return 2 * x; }\n',
  'a.h': 'int twice(int x);\n',
  'main.c': 'int main(void) { return 0; }\n',
  'a.s': '\t.globl a\na:\n\t.long 1\n',
  'a.S': '#define ONE 1\n\t.globl a\na:\n\t.long ONE\n',
  'date.c': 'const char *date = __DATE__ __TIME__;\n',
  'a.m': 'int objective(int x) { return x; }\n',
  'a.cc': 'namespace n { int twice(int x) { return 2 * x; } }\n',
  options: '-O1 -DX="a b" -c\na.c',
};

const LINES: readonly (readonly [stays: boolean, line: string])[] = [
  [true, 'gcc -g -gsplit-dwarf -c a.c'],
  [true, 'gcc --coverage -c a.c -o a.o'],
  [true, 'gcc -ftest-coverage -c a.c'],
  [true, 'gcc -fstack-usage -c a.c'],
  [true, 'gcc -save-temps -c a.c'],
  [true, 'gcc -save-temps=obj -c a.c -o b.o'],
  [true, 'gcc -fdump-tree-optimized -O1 -c a.c'],
  [true, 'gcc -fdump-rtl-final=there -O1 -c a.c'],
  [true, 'gcc -da -c a.c'],
  [true, 'gcc -fcallgraph-info -c a.c'],
  [true, 'gcc -aux-info prototypes -c a.c'],
  [true, 'gcc -O2 -fopt-info-all=infos -c a.c'],
  [true, 'gcc -Wa,-aln=listing -c a.c'],
  [true, 'gcc -Wa,--MD,deps -c a.c'],
  [true, 'gcc -dumpbase other -fstack-usage -c a.c'],
  [true, 'gcc -c a.c main.c'],
  [true, 'gcc -c a.s -o as.o'],
  [true, 'gcc -c a.S -o aS.o'],
  [true, 'gcc -S a.c -o /dev/stdout'],
  [true, 'clang -g -gsplit-dwarf -c a.c'],
  [true, 'clang --serialize-diagnostics diagnostics -c a.c'],
  [true, 'clang -MJ fragment.json -c a.c'],
  [true, 'clang -O2 -fsave-optimization-record -c a.c'],
  [true, 'clang -emit-llvm -S a.c'],
  [true, 'clang -fmodules -fmodules-cache-path=cache -c a.c -o a.o && rm -r cache'],
  [false, 'gcc -MD -MP -c a.c -o b.o'],
  [false, 'gcc -c date.c'],
  [false, 'gcc -S a.c'],
  [false, 'gcc -oc.o -c a.c'],
  [false, 'gcc -pipe -c a.c'],
  [false, 'gcc -flto -frandom-seed=1 -c a.c'],
  [false, 'gcc -x c++ -c a.c'],
  [false, 'gcc -xc++ -c a.c'],
  [false, 'gcc -include a.h -c main.c'],
  [false, 'gcc -include main.c -c a.c'],
  [false, 'gcc @options'],
  [false, 'gcc -Wp,-MMD,deps -Wp,-DX=1 -c a.c'],
  [false, 'g++ -c a.cc'],
  [false, 'c++ -c a.cc'],
  [false, 'cc -c a.c'],
  ...namesLike(/^gcc-\d+$/, /-linux-gnu-gcc$/).map((name) => [false, `${name} -c a.c`] as const),
  [false, '/usr/bin/gcc -c a.c'],
  [false, 'clang -c a.c'],
  [false, 'clang -target x86_64-pc-linux-gnu -c a.c'],
  [false, 'clang --target=i686-pc-linux-gnu -c a.c'],
  [false, 'clang -c a.m'],
];

/** Where a compile does not make the same twice, or not the same of a preprocessed text: stamps, LTO's streams. */
const UNSTABLE = /coverage|--MD|-flto/;

for (const [stays, line] of LINES) {
  const [program = ''] = line.split(' ');
  test(`files of: ${line}`, needsPeer(path.basename(program)), async () => {
    const cwd = site.project(FILES);
    const areCompared = !UNSTABLE.test(line);
    const theirs = await filesOf(line, cwd, { areCompared });
    const ran = await site.whereRan(async () => {
      assert.deepEqual(await filesOf(`"$DISTCC" ${line}`, cwd, { areCompared }), theirs);
    });
    assert.deepEqual(ran, stays ? { remote: 0, local: 1 } : { remote: 1, local: 0 });
  });
}

test('tools that are no compilers pass untouched', needsPeer('as', 'ld', 'ar'), async () => {
  const cwd = site.project(FILES);
  for (const line of ['as a.s -o a.o', 'ld -r a.o -o b.o', 'ar rcsD a.a b.o', 'sort a.h']) {
    const theirs = await filesOf(line, cwd, { isKept: true });
    assert.deepEqual(await filesOf(`"$DISTCC" ${line}`, cwd, { isKept: true }), theirs);
  }
});

/** All that is in `cwd` after the line, by name; what it made is taken away again. */
async function filesOf(
  line: string,
  cwd: string,
  { isKept = false, areCompared = true } = {},
): Promise<object> {
  const env = { DISTCC: site.client.launcher, SOURCE_DATE_EPOCH: '1', DISTCC_FALLBACK: '0' };
  const { status, stdout, stderr } = await site.run(['sh', '-c', line], { cwd, env });
  const files = readdirSync(cwd).sort();
  const contents = files.map((name) => [
    name,
    areCompared ? readFileSync(path.join(cwd, name), 'latin1') : 'is there',
  ]);
  if (!isKept) for (const name of files) if (!Object.hasOwn(FILES, name)) rmSync(path.join(cwd, name));
  return { status, stdout, stderr, files: Object.fromEntries(contents) as object };
}

function namesLike(...patterns: readonly RegExp[]): readonly string[] {
  return readdirSync('/usr/bin').filter((name) => patterns.some((pattern) => pattern.test(name)));
}
