/**
 * One compile for each header of a set that is installed: a source of one line, `#include <the/header>`.
 * Headers that do not stand alone are refused by the compiler, and so not asked for.
 */
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Language } from '../../bench/corpus/pins.ts';
import type { Scratch } from '../rig/scratch.ts';
import type { Unit } from '../rig/unit.ts';

export interface HeaderSet {
  readonly name: string;
  readonly language: Language;
  /** Set where it is not installed. */
  readonly needs?: string;
  /** What the headers' names are relative to. */
  readonly root: string;
  readonly patterns: readonly string[];
  /** Every how manieth header is taken. */
  readonly every: number;
  readonly flags: readonly string[];
}

const INCLUDE = '/usr/include';
/** gcc's own. */
const LIBGCC = globSync('/usr/lib/gcc/*/*/include').sort().at(-1) ?? '/usr/lib/gcc';
const LIBSTDCXX = globSync('/usr/include/c++/*').sort().at(-1) ?? '/usr/include/c++';

/** Boost counts with files that include themselves, unless it is told to take what that came to. */
const ITERATED = [
  '-std=c++03',
  '-DBOOST_MPL_CFG_NO_PREPROCESSED_HEADERS',
  '-DBOOST_MPL_LIMIT_LIST_SIZE=30',
  '-DBOOST_MPL_LIMIT_VECTOR_SIZE=30',
  '-DBOOST_FUSION_DONT_USE_PREPROCESSED_FILES',
  '-DBOOST_PROTO_DONT_USE_PREPROCESSED_FILES',
  '-DBOOST_PHOENIX_DONT_USE_PREPROCESSED_FILES',
  '-DFUSION_MAX_VECTOR_SIZE=30',
];

export const HEADER_SETS: readonly HeaderSet[] = [
  {
    name: 'boost, top',
    language: 'c++',
    ...needs('boost', 'libboost-dev'),
    root: INCLUDE,
    patterns: ['boost/*.hpp'],
    every: 1,
    flags: ['-std=c++17'],
  },
  {
    name: 'boost, deep',
    language: 'c++',
    ...needs('boost', 'libboost-dev'),
    root: INCLUDE,
    patterns: ['boost/*/*.hpp', 'boost/spirit/include/*.hpp', 'boost/fusion/include/*.hpp'],
    every: 43,
    flags: ['-std=c++14'],
  },
  {
    name: 'boost, iterated',
    language: 'c++',
    ...needs('boost', 'libboost-dev'),
    root: INCLUDE,
    patterns: [
      'boost/mpl/{vector,list,set,map,bind,apply,lambda,quote}*.hpp',
      'boost/{fusion/container,proto,phoenix/core,typeof,function,signals2}/*.hpp',
      'boost/{fusion,phoenix,proto}/include/*.hpp',
    ],
    every: 19,
    flags: ITERATED,
  },
  {
    name: 'range-v3',
    language: 'c++',
    ...needs('range/v3', 'librange-v3-dev'),
    root: INCLUDE,
    patterns: ['range/v3/**/*.hpp'],
    every: 9,
    flags: ['-std=c++20'],
  },
  {
    name: 'eigen, fmt, json',
    language: 'c++',
    ...needs('eigen3', 'libeigen3-dev libfmt-dev nlohmann-json3-dev'),
    root: INCLUDE,
    patterns: ['eigen3/Eigen/[A-Z]*', 'eigen3/unsupported/Eigen/[A-Z]*', 'fmt/*.h', 'nlohmann/*.hpp'],
    every: 1,
    flags: ['-std=c++17', '-I/usr/include/eigen3', '-march=x86-64-v3'],
  },
  {
    name: 'libstdc++, C++20',
    language: 'c++',
    root: LIBSTDCXX,
    patterns: ['*', 'ext/*.h', 'experimental/*', 'tr1/*'],
    every: 2,
    flags: ['-std=gnu++20'],
  },
  {
    name: 'libstdc++, C++11',
    language: 'c++',
    root: LIBSTDCXX,
    patterns: ['*', 'bits/*.h', 'parallel/*.h', 'debug/*'],
    every: 3,
    flags: ['-std=c++11', '-D_GLIBCXX_PARALLEL', '-fopenmp'],
  },
  {
    name: 'processors',
    language: 'c',
    root: LIBGCC,
    patterns: ['*intrin.h', 'cpuid.h', 'arm_*.h'],
    every: 1,
    flags: ['-O2', '-mavx2'],
  },
  {
    name: 'glibc and linux',
    language: 'c',
    root: INCLUDE,
    patterns: ['*.h', 'arpa/*.h', 'net/*.h', 'rpc/*.h', 'linux/*.h', 'linux/*/*.h', 'asm-generic/*.h'],
    every: 5,
    flags: ['-D_GNU_SOURCE', '-fopenmp'],
  },
];

/** Sources of one line, below `scratch`. */
export function makeHeaderUnits(
  set: HeaderSet,
  compilers: Readonly<Record<Language, string>>,
  scratch: Scratch,
): readonly Unit[] {
  const directory = scratch.path(set.name.replaceAll(/\W+/g, '-'));
  const names = globSync([...set.patterns], { cwd: set.root, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(set.root, path.join(entry.parentPath, entry.name)))
    .sort()
    .filter((_, index) => index % set.every === 0);
  mkdirSync(directory, { recursive: true });
  const suffix = set.language === 'c' ? '.c' : '.cc';
  return names.map((name) => {
    const source = `${name.replaceAll('/', '-')}${suffix}`;
    writeFileSync(path.join(directory, source), `#include <${name}>\n`);
    return { compiler: compilers[set.language], flags: set.flags, source, directory };
  });
}

function needs(header: string, packages: string): { readonly needs?: string } {
  return existsSync(path.join(INCLUDE, header)) ? {} : { needs: packages };
}
