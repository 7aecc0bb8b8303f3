/**
 * Our distccd compiles trees of files (protocol 3, "pump"): the object, the dependency file and what the
 * compiler says are, byte for byte, those of a compile at the client.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { TreeEntry } from '../../src/wire/distcc/tree.ts';
import { nothingLeft, program, scratch } from '../rig/distccd-world.ts';
import { Distccd } from '../rig/our-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { run } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { compileTree, filesFrom, headerDirectories, link, systemTarget } from '../rig/tree-client.ts';

let daemon: Distccd;
before(async () => (daemon = await Distccd.start(program, scratch)));
after(() => daemon[Symbol.asyncDispose]());

const project = scratch.openDirectory('project');
const work = path.join(project, 'build');
const FILES: Readonly<Record<string, string>> = {
  'src/a.c': `#include <stdio.h>
#include "rel.h"
#include <once.h>
#include <again.h>
#include <outer.h>
#define WITH_LINE(x) ((x) + __LINE__)
static const char *name = __FILE__;
int main(int argc, char **argv) { return printf("%s %s %s %d", name, where(), argv[0], WITH_LINE(argc)); }
`,
  'src/bad.c': '#include <outer.h>\n#include "rel.h"\nint f(void) { int unused; return outer(missing); }\n',
  'inc/rel.h': 'static inline const char *where(void) { return __FILE__; }\n',
  'inc/once.h': '#pragma once\n#include "part.h"\n',
  'inc/again.h': '#pragma once\n#include "part.h"\n',
  'inc/part.h': 'extern int COUNT;\n',
  'out/outer.h':
    '#include <assert.h>\n#include "a/../deep name/$x#.h"\nstatic int outer(int x) { assert(x); return x; }\n',
  'out/deep name/$x#.h': 'struct deep { char c[4]; };\n',
  'out/a/empty.h': '',
};
for (const [index, [name, content]] of Object.entries(FILES).entries()) {
  const whole = path.join(project, name);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  // once.h and again.h are equal: of one time they would be one file to gcc.
  utimesSync(whole, 1_700_000_000 + index, 1_700_000_000 + index);
}
mkdirSync(path.join(work, 'objects'), { recursive: true });

/** As a stock include server has it: all files, and links at the compiler's own directories. */
async function treeFor(compiler: string): Promise<TreeEntry[]> {
  const systems = await headerDirectories(compiler);
  return [
    ...filesFrom(project, Object.keys(FILES)),
    ...systems.map((name) => link(name, systemTarget(name))),
  ];
}

interface Local {
  readonly status: number | null;
  readonly stderr: string;
  readonly object: Buffer;
  readonly dependencies: string;
}

async function compileHere(argv: readonly string[], output: string): Promise<Local> {
  const words = [...argv, '-o', output, '-MF', 'here.d'];
  const { status, stderr } = await run(words, { cwd: work, env: { ...PLAIN_ENVIRONMENT, PWD: work } });
  const object = status === 0 ? readFileSync(path.join(work, output)) : Buffer.alloc(0);
  return {
    status,
    stderr,
    object,
    dependencies: status === 0 ? readFileSync(path.join(work, 'here.d'), 'utf8') : '',
  };
}

const RELATIVE = ['../src/a.c', '-I../inc', '-isystem', '../out'];
const ABSOLUTE = [`${project}/src/a.c`, '-I', `${project}/inc`, `-isystem${project}/out`];
const MIXED = [
  `${project}/src/../src/a.c`,
  `-iquote${project}/inc`,
  '-I../inc',
  `-idirafter`,
  `${project}/out`,
];

for (const compiler of ['gcc', 'g++', 'clang', 'clang++']) {
  const language = compiler.endsWith('++') ? ['-x', 'c++', '-Wno-write-strings'] : [];
  for (const flags of [[], ['-g'], ['-g3', '-O2'], ['-g', '-gdwarf-4'], ['-S', '-g']]) {
    const title = `${compiler} ${flags.join(' ')}`;
    test(`${title} makes of a tree what it makes at the client`, needsPeer(compiler), async () => {
      // gcc lists the source twice in a line table before DWARF 5, where its name is absolute and mapped.
      const isListedTwice = flags.includes('-gdwarf-4') && compiler.startsWith('g');
      for (const [names, paths] of Object.entries({ RELATIVE, ...(!isListedTwice && { ABSOLUTE, MIXED }) })) {
        const mode = flags.includes('-S') ? [] : ['-c'];
        const argv = [compiler, ...mode, ...flags, ...language, '-MMD', '-MP', ...paths];
        const here = await compileHere(argv, 'objects/a.o');
        assert.equal(here.status, 0, here.stderr);
        const entries = await treeFor(compiler);
        const there = await compileTree(daemon.port, {
          argv: [...argv, '-o', 'objects/a.o', '-MF', 'there.d'],
          directory: work,
          entries,
        });
        assert.equal(Buffer.from(there.stderr).toString(), here.stderr, names);
        assert.equal(there.waitStatus, 0);
        assert.equal(Buffer.from(there.dependencies ?? []).toString(), here.dependencies, names);
        assert.ok(here.object.equals(there.object), `${title} ${names}`);
      }
    });
  }

  test(
    `${compiler} lists dependencies as at the client, for targets of all sorts`,
    needsPeer(compiler),
    async () => {
      const long = 'long/'.repeat(8);
      for (const targets of [
        ['-MT', 'one.o two.o', '-MQ', '$(odd) #three.o'],
        ['-MT', `${long}one.o`, '-MT', `${long}two.o`, '-MT', `${long}three.o`],
        ['-MQ', `${'x'.repeat(71)}.o`, '-MT', 'y.o'],
      ]) {
        const argv = [compiler, '-c', ...language, '-MD', ...targets, ...ABSOLUTE];
        const here = await compileHere(argv, 'objects/b.o');
        const there = await compileTree(daemon.port, {
          argv: [...argv, '-o', 'objects/b.o'],
          directory: work,
          entries: await treeFor(compiler),
        });
        assert.equal(Buffer.from(there.dependencies ?? []).toString(), here.dependencies);
      }
    },
  );

  test(`${compiler} complains of a tree as it does at the client`, needsPeer(compiler), async () => {
    for (const paths of [
      ['../src/bad.c', '-I../inc', `-I${project}/out`],
      [`${project}/src/bad.c`, `-I${project}/inc`, '-I../out'],
    ]) {
      const argv = [compiler, '-c', '-Wall', ...language, '-MD', ...paths];
      const here = await compileHere(argv, 'bad.o');
      const there = await compileTree(daemon.port, {
        argv: [...argv, '-o', 'bad.o'],
        directory: work,
        entries: await treeFor(compiler),
      });
      assert.equal(there.waitStatus, 1 << 8);
      assert.equal(here.status, 1);
      assert.equal(Buffer.from(there.stderr).toString(), here.stderr);
    }
    await nothingLeft(daemon);
  });
}
