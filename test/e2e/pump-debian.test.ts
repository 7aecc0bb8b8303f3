/** Debian's own `distcc` sends our distccd trees, and has from it what it would have made itself. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nothingLeft, program, scratch } from '../rig/distccd-world.ts';
import { IncludeServer } from '../rig/include-server.ts';
import { Distccd } from '../rig/our-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { run, runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { headerDirectories, systemTarget } from '../rig/tree-client.ts';

let daemon: Distccd;
before(async () => (daemon = await Distccd.start(program, scratch)));
after(() => daemon[Symbol.asyncDispose]());

const project = scratch.openDirectory('pump');
const FILES: Readonly<Record<string, string>> = {
  'src/a.c': `#include <stdio.h>
#include "r.h"
#include <found.h>
#include <telnet.h>
#include "e/../../inc/r.h"
int main(void) { return printf("%s %s %d", __FILE__, found(), r); }
`,
  'inc/r.h': '#pragma once\n#include "linked/v.h"\nstatic const int r = V;\n',
  'versions/2/v.h': '#define V 2\n',
  'found/found.h': 'static inline const char *found(void) { return __FILE__; }\n',
};
for (const [name, content] of Object.entries(FILES)) {
  mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
  writeFileSync(path.join(project, name), content);
}
mkdirSync(path.join(project, 'src/e'));
mkdirSync(path.join(project, 'build'));
symlinkSync('../versions/2', path.join(project, 'inc/linked'));

const BUILD = path.join(project, 'build');
const at = (name: string): string => path.join(project, name);

for (const compiler of ['gcc', 'clang']) {
  for (const words of [[], ['-g'], ['-g3', '-O2'], ['-S', '-g']]) {
    const title = `Debian's distcc has ${compiler} ${words.join(' ')} make the same of a tree`;
    test(title, needsPeer('distcc', compiler), async () => {
      const directory = scratch.openDirectory(`include-server-${compiler}-${words.join('')}`);
      const systems = await headerDirectories(compiler);
      await using server = new IncludeServer(directory, {
        files: ['src/a.c', 'inc/r.h', 'versions/2/v.h'].map(at),
        absoluteFiles: [at('found/found.h')],
        links: {
          ...Object.fromEntries(systems.map((name) => [name, systemTarget(name)])),
          [at('inc/linked')]: at('versions/2'),
        },
        forcedDirectories: [at('src/e')],
      });
      await server.listen();
      const mode = words.includes('-S') ? [] : ['-c'];
      const argv = [
        compiler,
        ...mode,
        ...words,
        '-MD',
        '../src/a.c',
        '-I../inc',
        `-I${at('found')}`,
        '-I/usr/include/arpa',
      ];
      const env = { ...PLAIN_ENVIRONMENT, PWD: BUILD };
      await runWell([...argv, '-o', 'here.o', '-MF', 'here.d', '-MT', 'there.o'], { cwd: BUILD, env });
      const there = await run(['distcc', ...argv, '-o', 'there.o'], {
        cwd: BUILD,
        env: {
          ...env,
          DISTCC_DIR: directory,
          DISTCC_HOSTS: `127.0.0.1:${daemon.port},cpp,lzo`,
          DISTCC_FALLBACK: '0',
          DISTCC_NO_REWRITE_CROSS: '1',
          INCLUDE_SERVER_PORT: server.socketPath,
        },
      });
      assert.deepEqual([there.status, there.stderr], [0, '']);
      assert.equal(server.commands.length, 1);
      assert.equal(
        readFileSync(path.join(BUILD, 'there.d'), 'utf8'),
        readFileSync(path.join(BUILD, 'here.d'), 'utf8'),
      );
      const [here, made] = ['here.o', 'there.o'].map((name) => readFileSync(path.join(BUILD, name)));
      assert.deepEqual(made, here);
      await nothingLeft(daemon);
    });
  }
}
