import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closureOf, file } from '../../test/rig/closure.ts';
import { EMPTY_DIGEST, digestOf } from '../base/digest.ts';
import { analyze } from '../command/analyze.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { BlobAction } from './action.ts';
import { InputTrees } from './input-tree.ts';
import { NativeForms, type NativeJob } from './native-form.ts';

function commandOf(line: string): CompileCommand {
  const analysis = analyze(line.split(' '), { environment: new Map(), readText: () => '' });
  assert.ok(analysis.kind === 'compile', line);
  return analysis;
}

const FILES = [file('a.c'), file('a.h'), file('/usr/include/b.h')];
const JOB: NativeJob = {
  command: commandOf('gcc -O2 -Iinc -c a.c -o a.o'),
  closure: closureOf(FILES),
  toolchain: {
    root: EMPTY_DIGEST,
    version: 'gcc 12',
    compiler: '/usr/bin/gcc',
    searchPath: '/usr/bin',
  },
  environment: new Map([['LANG', 'C.UTF-8']]),
  directory: '/w',
  logicalDirectory: '/w',
  epoch: 1,
};

function form(job: NativeJob, links: Readonly<Record<string, string>> = {}): BlobAction {
  const formed = new NativeForms(new InputTrees((name) => links[name])).form(job);
  assert.ok(formed.ok, 'it is not formed');
  return formed.value;
}

const key = (job: NativeJob, links?: Readonly<Record<string, string>>): string =>
  form(job, links).action.digest.hash;

/** All that may change what a compile gives. */
const CHANGES: Readonly<Record<string, Partial<NativeJob>>> = {
  'an option': { command: commandOf('gcc -O1 -Iinc -c a.c -o a.o') },
  'the order of options': { command: commandOf('gcc -Iinc -O2 -c a.c -o a.o') },
  'a macro': { command: commandOf('gcc -O2 -DX -Iinc -c a.c -o a.o') },
  'assembler text instead of an object': { command: commandOf('gcc -O2 -Iinc -S a.c -o a.o') },
  'a dependency file': { command: commandOf('gcc -O2 -Iinc -MMD -c a.c -o a.o') },
  'the target in the dependency file': { command: commandOf('gcc -O2 -Iinc -MMD -MT x -c a.c -o a.o') },
  'the name of the source': { command: commandOf('gcc -O2 -Iinc -c ./a.c -o a.o') },
  'the compiler’s name': { toolchain: { ...JOB.toolchain, compiler: '/usr/bin/cc' } },
  'the compiler’s parts': { toolchain: { ...JOB.toolchain, root: digestOf(Buffer.from('other')) } },
  'the directory': { directory: '/v', logicalDirectory: '/v' },
  'the name of the directory': { logicalDirectory: '/link' },
  'the content of the source': { closure: closureOf([file('a.c', { text: 'other' }), ...FILES.slice(1)]) },
  'the content of a header': {
    closure: closureOf([...FILES.slice(0, 2), file('/usr/include/b.h', { text: 'other' })]),
  },
  'the name of a header': {
    closure: closureOf([...FILES.slice(0, 2), file('/usr/include/c.h', { text: '/usr/include/b.h\n' })]),
  },
  'a header more': { closure: closureOf([...FILES, file('c.h')]) },
  'a header less': { closure: closureOf(FILES.slice(0, 2)) },
  'a directory that is searched': { closure: closureOf(FILES, { directories: ['/w/inc'] }) },
  'the characters of messages': { environment: new Map([['LANG', 'C']]) },
  SOURCE_DATE_EPOCH: { environment: new Map([...JOB.environment, ['SOURCE_DATE_EPOCH', '1']]) },
};

for (const [what, change] of Object.entries(CHANGES)) {
  test(`another action has ${what}`, () => assert.notEqual(key({ ...JOB, ...change }), key(JOB)));
}

/** And what does not. */
const SAME: Readonly<Record<string, Partial<NativeJob>>> = {
  'the name of the object': { command: commandOf('gcc -O2 -Iinc -c a.c -o obj/b.o') },
  'variables of other programs': {
    environment: new Map([...JOB.environment, ['HOME', '/h'], ['MAKEFLAGS', '-j'], ['DISTCC_HOSTS', 'h']]),
  },
  'when files were modified': {
    closure: closureOf([file('a.c', { mtimeMs: 5000 }), ...FILES.slice(1)]),
  },
  'the order in which files are read': { closure: closureOf(FILES.toReversed()) },
};

for (const [what, change] of Object.entries(SAME)) {
  test(`the same action whatever ${what}`, () => assert.equal(key({ ...JOB, ...change }), key(JOB)));
}

test('of equal headers it counts whether they are of one age', () => {
  const twins = (mtimeMs: number): Closure =>
    closureOf([file('a.h', { text: 'x', mtimeMs: 1000 }), file('b.h', { text: 'x', mtimeMs })]);
  assert.notEqual(key({ ...JOB, closure: twins(1000) }), key({ ...JOB, closure: twins(2000) }));
});

test('a link is a link, and counts by where it leads', () => {
  const closure = closureOf([file('a.c'), file('inc/a.h')]);
  const at = (target: string): string => key({ ...JOB, closure }, { '/w/inc': target });
  assert.notEqual(at('one'), at('two'));
  assert.notEqual(at('one'), key({ ...JOB, closure }));
});

test('files of one inode are not for a compiler that looks at inodes', () => {
  const closure = closureOf([file('a.h', { ino: 7 }), file('b.h', { ino: 7 })]);
  const forms = new NativeForms(new InputTrees(() => undefined));
  const clang = forms.form({ ...JOB, command: commandOf('clang -c a.c'), closure });
  assert.equal(!clang.ok && clang.error.reason, 'hard-links');
  assert.ok(forms.form({ ...JOB, closure }).ok);
});

test('a job with the same files has the same Directories, and one with another file those on its way anew', () => {
  const forms = new NativeForms(new InputTrees(() => undefined));
  const shape = (job: NativeJob): readonly string[] => {
    const formed = forms.form(job);
    assert.ok(formed.ok);
    return formed.value.directories.map(({ digest }) => digest.hash);
  };
  const before = shape(JOB);
  assert.deepEqual(shape({ ...JOB, command: commandOf('gcc -O1 -c a.c') }), before);
  const after = shape({ ...JOB, closure: closureOf([file('a.c', { text: 'new' }), ...FILES.slice(1)]) });
  // The root and /w are other ones, /usr and /usr/include are not.
  assert.equal(after.filter((hash) => !before.includes(hash)).length, 2);
});
