import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { formatLayout, scanHere } from './scan-here.ts';

const PROJECT = {
  'a.c': '#include <limits.h>\n#if LIMIT > 2\n#include "linked/v.h"\n#else\n#include "none.h"\n#endif\n',
  'real/v.h': 'int v;\n',
  'time.c': 'char *t = __TIME__;\n',
};

function scan(t: TestContext, ...argv: string[]): { lines: readonly string[]; why: string } {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'scan-here-test-')));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const name of ['real', 'empty', 'tmp']) mkdirSync(path.join(directory, name));
  for (const [name, text] of Object.entries(PROJECT)) writeFileSync(path.join(directory, name), text);
  symlinkSync('real', path.join(directory, 'linked'));
  const temporaryDirectory = path.join(directory, 'tmp');
  const laidOut = scanHere({
    argv,
    compiler: '/usr/bin/gcc',
    directory,
    environment: new Map([['PATH', '/usr/bin:/bin']]),
    temporaryDirectory,
    clock: SYSTEM_CLOCK,
  });
  assert.deepEqual(readdirSync(temporaryDirectory), [], 'questions leave nothing');
  const lines = laidOut.ok ? formatLayout(laidOut.value).split('\n') : [];
  return {
    lines: lines.map((line) => line.replaceAll(directory, '@')),
    why: laidOut.ok ? '' : laidOut.error,
  };
}

test('scanHere() lists files by their real names, links, and directories without a file', (t) => {
  const { lines, why } = scan(t, 'gcc', '-c', '-DLIMIT=3', '-Iempty', 'a.c');
  assert.equal(why, '');
  assert.deepEqual(
    lines.filter((line) => line.includes('@')),
    ['FILE      @/a.c', 'FILE      @/real/v.h', 'SYMLINK   @/linked', 'DIRECTORY @/empty'],
  );
  assert(
    lines.some((line) => /^FILE {6}\/usr\/.*\/limits\.h$/.test(line)),
    "the compiler's own headers are sent too",
  );
});

test('scanHere() says why nothing is sent with its headers', (t) => {
  const cases: readonly [words: string, why: RegExp][] = [
    ['-c a.c', /^A header is not found: "none\.h"/],
    ['-c time.c', /^A file has the date, the time, or its own age in it: time\.c$/],
    ['-c -ffile-prefix-map=/a=/b -DLIMIT=3 a.c', /^An option maps paths/],
    ['-E a.c', /./],
  ];
  for (const [words, why] of cases) assert.match(scan(t, 'gcc', ...words.split(' ')).why, why, words);
});
