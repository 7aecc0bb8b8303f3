/**
 * Odd names of sources and objects, masks, and targets that are no plain files: what comes out is what
 * the compiler makes when it is called alone.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Site } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const SOURCE = 'int twice(int x) { return 2 * x; }\n';
const REMOTE = { remote: 1, local: 0 };
const LOCAL = { remote: 0, local: 1 };

/** As `printf %b` of a shell takes them. */
const NAMES: readonly (readonly [title: string, name: string, where?: typeof REMOTE])[] = [
  ['spaces', ' a  b '],
  ['quotes', 'it"s \\0047quoted\\0047'],
  ['a newline', 'new\\nline'],
  ['a newline at the end of the stem', 'line\\n'],
  ['UTF-8', 'zwölf-文'],
  ['bytes that are not UTF-8', 'latin-\\0377\\0351', LOCAL],
  ['a leading dash', './-dash'],
  ['percent', '100%s%n%'],
  ['shell characters', '$HOME;`id`&|*?(x)'],
  ['a backslash', 'back\\\\slash'],
  ['control characters', 'bell\\0007tab\\tescape\\0033'],
  ['equals and commas', 'a=b,c'],
  ['a leading @ behind ./', './@file'],
  ['a colon', 'host:file'],
  ['250 bytes', 'x'.repeat(248)],
  ['255 bytes', 'x'.repeat(253)],
];

for (const [title, name, where = REMOTE] of NAMES) {
  test(`a source and an object with an odd name: ${title}`, async () => {
    const cwd = site.project({ 'plain.c': SOURCE });
    // The extension is inside of $(...), which takes newlines off the end.
    const line = [
      's=$(printf %b "$NAME.c"); o=${s%.c}.o; cp plain.c "$s"',
      '$CC -c "$s" -o "$o" && cp "$o" object; echo $?; find . -type f -printf x | wc -c; rm -f -- "$o"',
    ].join('\n');
    const ran = await site.whereRan(async () => {
      const { stdout } = await site.assertNoDifference(line, {
        cwd,
        outputs: ['object'],
        env: { NAME: name },
      });
      assert.equal(stdout, '0\n4\n');
    });
    assert.deepEqual(ran, where);
  });
}

test('an object with an odd name and its dependency file', async () => {
  const cwd = site.project({ 'a b$c#d.c': '#include "x y.h"\n', 'x y.h': SOURCE });
  const outputs = ['a b$c#d.o', 'a b$c#d.d'];
  const line = `$CC -MMD -c 'a b$c#d.c' -o 'a b$c#d.o'`;
  const ran = await site.whereRan(() => site.assertNoDifference(line, { cwd, outputs }));
  assert.deepEqual(ran, REMOTE);
});

test('a directory with an odd name', async () => {
  const cwd = site.project({ 'a.c': SOURCE });
  const line =
    'mkdir -p "$NAME/sub"; cp a.c "$NAME/sub"; cd "$NAME" && $CC -c sub/a.c -o sub/a.o && mv sub/a.o ..';
  const ran = await site.whereRan(async () => {
    for (const NAME of ['new\nline', '%s', ' ']) {
      await site.assertNoDifference(line, { cwd, outputs: ['a.o'], env: { NAME } });
    }
  });
  assert.deepEqual(ran, { remote: 3, local: 0 });
});

test("warnings and errors are the compiler's own words, once", async () => {
  const files = { 'w.c': 'int f(void) { }\n', 'e.c': '#include "none.h"\n', 's.c': 'int f(\n' };
  const cwd = site.project(files);
  for (const name of ['w', 'e', 's', 'none']) {
    // Without the lines of the source, which a worker has not got.
    const line = `$CC -Wall -fno-diagnostics-show-caret -c ${name}.c`;
    await site.assertNoDifference(line, { cwd, outputs: [`${name}.o`] });
  }
});

test('an error is repeated here, for the lines of the source to be shown', async () => {
  const cwd = site.project({ 's.c': 'int f(\n' });
  const env = { DISTCC_FALLBACK: '1' };
  const line = '$CC -c s.c 2>errors; echo $?; grep -v ^distcc errors';
  const ran = await site.whereRan(() => site.assertNoDifference(line, { cwd, outputs: ['s.o'], env }));
  assert.deepEqual(ran, LOCAL);
});

for (const mask of ['077', '002', '022', '777']) {
  test(`umask ${mask} is the caller's`, async () => {
    const cwd = site.project({ 'a.c': SOURCE });
    const line = `umask ${mask}; $CC -MD -c a.c -o a.o`;
    const { files } = await site.assertNoDifference(line, { cwd, outputs: ['a.o', 'a.d'] });
    assert.equal((files['a.o']?.mode ?? 0) & 0o777, 0o666 & ~Number.parseInt(mask, 8));
  });
}

const TARGETS: readonly (readonly [title: string, prepare: string, where: typeof REMOTE])[] = [
  ['an older object', 'echo old > a.o', REMOTE],
  ['an older object of another mode', 'echo old > a.o; chmod 600 a.o', REMOTE],
  ['an older object that cannot be written', 'echo old > a.o; chmod 444 a.o', REMOTE],
  ['a symbolic link', 'echo old > other; ln -s other a.o', LOCAL],
  ['a symbolic link to nothing', 'ln -s other a.o', LOCAL],
  ['a hard link', 'echo old > other; ln other a.o', LOCAL],
  ['/dev/null behind a link', 'ln -s /dev/null a.o', LOCAL],
  ['/dev/null', 'OUT=/dev/null', LOCAL],
  ['a directory', 'mkdir a.o', LOCAL],
  ['in a directory that is not there', 'OUT=none/a.o', LOCAL],
  ['in a directory that is a file', 'OUT=a.c/a.o', LOCAL],
];

for (const [title, prepare, where] of TARGETS) {
  test(`a target that is ${title}`, async () => {
    const cwd = site.project({ 'a.c': SOURCE });
    const line = [
      `OUT=a.o; ${prepare}; $CC -c a.c -o $OUT; echo $?; find . /dev/null -printf '%p %M %n %l\\n' | sort`,
      'cat other a.o 2>/dev/null | cksum; rm -rf a.o other',
    ].join('\n');
    const ran = await site.whereRan(() => site.assertNoDifference(line, { cwd }));
    assert.deepEqual(ran, where);
  });
}

test('a target that is a fifo gets its bytes through the fifo', async () => {
  const cwd = site.project({ 'a.c': SOURCE });
  const line = 'mkfifo a.s; cat a.s > copy & $CC -S a.c -o a.s; wait; test -p a.s; echo $?; rm a.s';
  const { stdout } = await site.assertNoDifference(line, { cwd, outputs: ['copy'] });
  assert.equal(stdout, '0\n');
});
