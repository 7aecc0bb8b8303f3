/**
 * The libraries of a program, found as the dynamic loader finds them.
 *
 * Only in directories that every loader of this system looks at without being told by /etc/ld.so.cache: that
 * file is another one on each machine.
 *
 * Source: ld.so(8).
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import path from 'node:path';
import { readDynamicNeeds, type DynamicNeeds } from './elf.ts';
import type { PartList } from './part-list.ts';

/** Adds all libraries of a program, and its loader. @throws with a sentence where one is not found. */
export function addLibraries(parts: PartList, program: string): void {
  const done = new Set<string>();
  const visit = (file: string, inherited: readonly string[]): void => {
    const real = parts.add(file);
    if (done.has(real)) return;
    done.add(real);
    const needs = needsOf(real);
    if (needs === undefined) throw new Error(`${real} is no program of this machine`);
    if (needs.interpreter !== undefined) parts.add(needs.interpreter);
    const own = needs.searchPath.map((directory) => expand(directory, path.dirname(real)));
    const passedOn = needs.isInherited ? [...own, ...inherited] : inherited;
    for (const name of needs.needed)
      visit(findLibrary(parts, name, { own, inherited, user: real }), passedOn);
  };
  visit(program, []);
}

/** undefined for scripts and the like. */
export function needsOf(file: string): DynamicNeeds | undefined {
  const descriptor = openSync(file, 'r');
  try {
    return readDynamicNeeds((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    });
  } finally {
    closeSync(descriptor);
  }
}

interface Search {
  readonly own: readonly string[];
  readonly inherited: readonly string[];
  readonly user: string;
}

function findLibrary(parts: PartList, name: string, { own, inherited, user }: Search): string {
  if (name.includes('/')) return name;
  for (const directory of [...own, ...inherited, ...systemDirectories()]) {
    const file = path.join(directory, name);
    if (parts.addIfThere(file) !== undefined) return file;
  }
  throw new Error(`${user} needs ${name}, which is in no directory of the system's own`);
}

function expand(directory: string, origin: string): string {
  return path.resolve(directory.replaceAll(/\$(?:ORIGIN|\{ORIGIN\})/g, origin));
}

let known: readonly string[] | undefined;

/** What loaders look at by themselves: Debian's in directories per architecture, others' in lib64. */
function systemDirectories(): readonly string[] {
  known ??= [...tripletsIn('/lib'), ...tripletsIn('/usr/lib'), '/lib64', '/usr/lib64', '/lib', '/usr/lib'];
  return known;
}

function tripletsIn(directory: string): string[] {
  const machine = MACHINES[process.arch] ?? process.arch;
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith(`${machine}-linux-`))
      .map((name) => path.join(directory, name));
  } catch {
    return [];
  }
}

const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i386',
  arm: 'arm',
  ppc64: 'powerpc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};
