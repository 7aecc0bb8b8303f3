/**
 * Which compiler the caller's word stands for: `gcc` is `x86_64-linux-gnu-gcc` here, `cc` may be gcc or
 * clang. A host of another kind has a `gcc` too, which makes other code; under its full name it has the
 * right one or none.
 *
 * A full name counts only when it is the same file as the compiler that would run here. distcc takes the
 * name TRIPLE-gcc for the triple that it was built with, wherever on PATH that is, and so compiles with
 * Debian's gcc where the caller has put another one in front.
 */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { versionOf } from '../files/file-version.ts';
import { namesIn } from '../files/names-in.ts';

export interface CompilerSearch {
  /** As typed, argv[0]. */
  readonly typed: string;
  /** Absolute path of what runs here for it. */
  readonly compiler: string;
  /** The caller's PATH: the compiler behind a `ccache` of that name is looked for on it. */
  readonly searchPath: string;
}

interface Known {
  readonly name: string;
  readonly directory: string;
  readonly version: string;
}

/** What an implicit or generic name may be a link to, in order. */
const GENERIC: Readonly<Record<string, readonly string[]>> = {
  cc: ['gcc', 'clang'],
  'c++': ['g++', 'clang++'],
};
const GCC = /^g(?:cc|\+\+)(?:-\d[\d.]*)?$/;
/** By its own name: no `ccache`, no script of somebody's. */
const IS_COMPILER = /^(?:.*-)?(?:gcc|g\+\+|clang|clang\+\+)(?:-\d[\d.]*)?$/;
/** CPU-VENDOR-SYSTEM or more; `c99-gcc` has none. */
const TRIPLE = /^\w+(?:-[\w.]+){2,3}$/;
const KNOWN_MAX = 1000;

const known = new Map<string, Known>();

/** The fullest name that surely means the same compiler; `typed` where there is none, or it is a path. */
export function fullCompilerName(search: CompilerSearch): string {
  const { typed, compiler, searchPath } = search;
  if (!GCC.test(typed) && !Object.hasOwn(GENERIC, typed)) return typed;
  const key = [typed, compiler, versionOf(compiler), searchPath].join('\0');
  const before = known.get(key);
  if (before !== undefined && versionOf(before.directory) === before.version) return before.name;
  const directory = findDirectory(search);
  const name = directory === undefined ? typed : nameIn(directory, typed);
  if (known.size >= KNOWN_MAX) known.clear();
  const watched = directory ?? path.dirname(compiler);
  known.set(key, { name, directory: watched, version: versionOf(watched) });
  return name;
}

/** Where the compiler itself stands: not what only calls it. */
function findDirectory({ typed, compiler, searchPath }: CompilerSearch): string | undefined {
  const onPath = searchPath.split(':').filter((directory) => directory.startsWith('/'));
  return [path.dirname(compiler), ...onPath].find((directory) => {
    const real = realName(path.join(directory, typed));
    return real !== undefined && (IS_COMPILER.test(real) || Object.hasOwn(GENERIC, real));
  });
}

function nameIn(directory: string, typed: string): string {
  const own = fileId(path.join(directory, typed));
  const isSame = (name: string): boolean => own !== undefined && fileId(path.join(directory, name)) === own;
  const short = Object.hasOwn(GENERIC, typed) ? GENERIC[typed]?.find(isSame) : typed;
  if (short === undefined || !GCC.test(short)) return short ?? typed;
  const full = namesIn(directory).filter(
    (name) => name.endsWith(`-${short}`) && TRIPLE.test(name.slice(0, -short.length - 1)) && isSame(name),
  );
  // One file for several targets is a wrapper that looks at its name.
  return full.length === 1 ? (full[0] ?? short) : short;
}

function realName(file: string): string | undefined {
  try {
    return path.basename(realpathSync(file));
  } catch {
    return undefined;
  }
}

function fileId(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
