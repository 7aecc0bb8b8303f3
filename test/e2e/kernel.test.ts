/**
 * A module with the kernel's own build system, those rules that Debian's linux-headers bring: recursive
 * make, `-Wp,-MMD,deep/.net.o.d`, names defined for each file, assembler beside C, and objtool on each
 * object. Nothing may fall back, and objects and recorded dependencies are those of a local build in the
 * same directory.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { needsPeer } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ workers: 2 });
after(() => site[Symbol.asyncDispose]());

const { launcher } = site.client;
/** Its rules and headers, as configured for Debian's kernel. */
const kernel = globSync('/usr/src/linux-headers-*/.config').map((file) => path.dirname(file))[0];
const JOBS = 4;

test(
  "a module by the kernel's rules: make CC='distcc gcc'",
  needsPeer('make', ...(kernel === undefined ? ['linux-headers'] : [])),
  async () => {
    const directory = path.join(site.newDirectory(), 'module');
    await makeModule(directory, 'gcc');
    renameSync(directory, `${directory}-plain`);
    // Each module's own table of versions is one more file in C.
    await site.assertSends(MODULE_PARTS.length + 2, () => makeModule(directory, `${launcher} gcc`));
    const names = globSync('**/*.o', { cwd: directory });
    assert(names.length > MODULE_PARTS.length, names.join(' '));
    for (const name of names) {
      const [ours, plain] = await Promise.all(
        [directory, `${directory}-plain`].map((tree) => strip(tree, name)),
      );
      assert.equal(ours, plain, name);
    }
    const records = globSync('**/.*.o.cmd', { cwd: directory });
    assert(records.length > MODULE_PARTS.length, records.join(' '));
    for (const name of records) {
      const plain = readFileSync(path.join(`${directory}-plain`, name), 'latin1');
      const ours = readFileSync(path.join(directory, name), 'latin1').replaceAll(`${launcher} `, '');
      assert.equal(ours, plain, name);
    }
  },
);

/** The last one is a module of its own, in a directory that make is called for. */
const MODULE_PARTS = ['main', 'list', 'timer', 'deep/file', 'deep/net', 'deep/er/lock', 'other/main'];
const MODULE: Readonly<Record<string, string>> = {
  Kbuild:
    'obj-m := many.o other/\nmany-y := main.o list.o timer.o asm.o deep/file.o deep/net.o deep/er/lock.o\n',
  'other/Kbuild': 'obj-m := other.o\nother-y := main.o\n',
  'asm.S': '#include <linux/linkage.h>\nSYM_DATA(many_datum, .long 1)\n',
};
const HEADERS: Readonly<Record<string, string>> = {
  main: 'module',
  list: 'list',
  timer: 'timer',
  'deep/file': 'fs',
  'deep/net': 'netdevice',
  'deep/er/lock': 'spinlock',
  'other/main': 'workqueue',
};

/** The sources are new each time, and so are their objects. */
async function makeModule(directory: string, cc: string): Promise<void> {
  const files = {
    ...MODULE,
    ...Object.fromEntries(MODULE_PARTS.map((part) => [`${part}.c`, sourceOf(part)])),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(directory, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  await site.runWell([
    'make',
    '-s',
    `-j${JOBS}`,
    '-C',
    kernel ?? '',
    `M=${directory}`,
    `CC=${cc}`,
    'modules',
  ]);
}

function sourceOf(part: string): string {
  const name = part.replaceAll('/', '_');
  return `#include <linux/${HEADERS[part]}.h>
#include <linux/module.h>
int many_${name}(int x);
int many_${name}(int x)
{
	pr_info("%s of %s: %d\\n", __func__, KBUILD_BASENAME, x);
	return x;
}
${part.endsWith('main') ? 'MODULE_LICENSE("GPL");\nMODULE_DESCRIPTION("many");\n' : ''}`;
}

/** Columns and lines of what comes out of macros are other ones in preprocessed text. */
async function strip(tree: string, name: string): Promise<string> {
  const stripped = path.join(site.newDirectory(), 'stripped.o');
  await site.runWell(['objcopy', '--strip-debug', path.join(tree, name), stripped]);
  return readFileSync(stripped, 'latin1');
}
