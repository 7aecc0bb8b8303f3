/**
 * One compile for each header of the kernel's include/linux, with the flags that its own rules give to a
 * module: `-nostdinc`, a chain of relative directories, three headers by `-include`, and some eighty more.
 * The rules are asked once, for one file; what they ran they note down beside it.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PLAIN_ENVIRONMENT, type Scratch } from '../rig/scratch.ts';
import { runWell } from '../rig/run.ts';
import type { Unit } from '../rig/unit.ts';

/** Every how manieth header is taken. */
const EVERY = 12;

/** The directory of Debian's linux-headers, where make is started. */
export function findKernel(): string | undefined {
  return globSync('/usr/src/linux-headers-*/.config').map((file) => path.dirname(file))[0];
}

export async function makeKernelUnits(scratch: Scratch): Promise<readonly Unit[]> {
  const kernel = findKernel();
  assert(kernel !== undefined);
  const directory = scratch.openDirectory('kernel');
  const { compiler, flags, include } = await askRules(kernel, directory);
  return globSync('linux/*.h', { cwd: include })
    .sort()
    .filter((_, index) => index % EVERY === 0)
    .map((name) => {
      const source = path.join(directory, `${path.basename(name, '.h')}.c`);
      writeFileSync(source, `#include <${name}>\n`);
      return { compiler, flags, source, directory: kernel };
    });
}

interface KernelRules {
  readonly compiler: string;
  readonly flags: readonly string[];
  /** The directory that has linux/, of the sources and not of what was generated. */
  readonly include: string;
}

async function askRules(kernel: string, directory: string): Promise<KernelRules> {
  writeFileSync(path.join(directory, 'Kbuild'), 'obj-m := asked.o\n');
  writeFileSync(path.join(directory, 'asked.c'), 'int asked;\n');
  const make = ['make', '-s', '-C', kernel, `M=${directory}`, 'asked.o'];
  await runWell(make, { cwd: directory, env: PLAIN_ENVIRONMENT, timeoutMs: 60_000 });
  const noted = readFileSync(path.join(directory, '.asked.o.cmd'), 'utf8');
  const [, line = ''] = /^\S+ := (.*?) -c -o /.exec(noted) ?? [];
  const [compiler = '', ...flags] = line.replaceAll("'", '').split(/ +/).filter(Boolean);
  const kconfig = flags.find((flag) => flag.endsWith('/linux/kconfig.h'));
  assert(compiler !== '' && kconfig !== undefined, noted.slice(0, 2000));
  return { compiler, flags, include: path.dirname(path.dirname(path.resolve(kernel, kconfig))) };
}
