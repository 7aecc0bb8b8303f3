/**
 * The compiles that the scanner is compared by: real projects out of npm packages, the headers of Debian's
 * packages one by one, and the kernel's and curl's by their own rules. Part of them for clang as well, which defines
 * other macros and looks in other directories.
 */
import { preparePinned } from '../../bench/corpus/corpus.ts';
import { PINS, type Language, type Pin } from '../../bench/corpus/pins.ts';
import { SCAN_PINS } from '../../bench/corpus/scan-pins.ts';
import type { Scratch } from '../rig/scratch.ts';
import type { Unit } from '../rig/unit.ts';
import { HEADER_SETS, makeHeaderUnits } from './header-units.ts';
import { findCurl, makeCurlUnits } from './curl-units.ts';
import { findKernel, makeKernelUnits } from './kernel-units.ts';

export interface UnitGroup {
  readonly name: string;
  readonly language: Language;
  /** The Debian package that has to be installed. */
  readonly needs?: string;
  readonly open: () => Promise<readonly Unit[]>;
}

const COMPILERS: Readonly<Record<Language, string>> = { c: 'gcc', 'c++': 'g++' };
const CLANGS: Readonly<Record<string, string>> = { gcc: 'clang', 'g++': 'clang++' };

/** Every how manieth unit is asked, of the groups whose units read much the same. */
const SAMPLES: Readonly<Record<string, number>> = {
  re2: 2,
  libgit2: 2,
  'boringssl (C)': 2,
  'grpc (C++)': 2,
  rocksdb: 3,
  'boost, top': 2,
};

/** Every how manieth of those is asked of clang, too, of the groups that it understands the flags of. */
const CLANG_SAMPLES: Readonly<Record<string, number>> = {
  re2: 2,
  rdkafka: 2,
  libgit2: 2,
  libxml2: 1,
  curl: 3,
  'boost, top': 3,
  processors: 1,
  'glibc and linux': 4,
  'libstdc++, C++20': 2,
};

/** One source is asked of in several configurations: `name` is the pin's. */
const VARIANTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  sqlite: [
    [],
    ['-DSQLITE_OMIT_LOAD_EXTENSION', '-DSQLITE_OMIT_WAL'],
    ['-DSQLITE_ENABLE_ICU=0', '-DSQLITE_USE_ALLOCA', '-DSQLITE_OS_OTHER=0'],
    ['-DSQLITE_DEBUG', '-DSQLITE_ENABLE_EXPLAIN_COMMENTS'],
    ['-DSQLITE_OS_OTHER=1'],
    ['-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_AUTHORIZATION'],
    ['-DSQLITE_ENABLE_SESSION', '-DSQLITE_ENABLE_PREUPDATE_HOOK', '-DHAVE_READLINE'],
    [
      '-DSQLITE_AMALGAMATION=1',
      '-DSQLITE_CORE',
      '-D_HAVE_SQLITE_CONFIG_H=0',
      '-DHAVE_MALLOC_H',
      '-DHAVE_MALLOC_USABLE_SIZE',
    ],
  ],
};

export function findUnitGroups(scratch: Scratch): readonly UnitGroup[] {
  const groups = [
    ...[...PINS, ...SCAN_PINS].map(toPinnedGroup),
    ...HEADER_SETS.map((set) => ({ ...set, open: async () => makeHeaderUnits(set, COMPILERS, scratch) })),
    {
      name: 'kernel',
      language: 'c' as const,
      ...(findKernel() === undefined && { needs: 'linux-headers' }),
      open: () => makeKernelUnits(scratch),
    },
    {
      name: 'curl',
      language: 'c' as const,
      ...(findCurl() === undefined && { needs: 'the source package curl' }),
      open: () => makeCurlUnits(scratch),
    },
  ].map(toSample);
  return [...groups, ...groups.flatMap(toClangGroup)];
}

function toPinnedGroup(pin: Pin): UnitGroup {
  const { name, language } = pin;
  const open = async (): Promise<readonly Unit[]> => {
    const { directory, files } = await preparePinned(pin);
    const compiler = COMPILERS[language];
    return (VARIANTS[name] ?? [[]]).flatMap((variant) =>
      files.map(({ source, argv }) => ({ compiler, flags: [...argv, ...variant], source, directory })),
    );
  };
  return { name, language, open };
}

function toClangGroup(group: UnitGroup): readonly UnitGroup[] {
  const every = CLANG_SAMPLES[group.name];
  if (every === undefined) return [];
  const open = async (): Promise<readonly Unit[]> => {
    const units = await group.open();
    return takeEach(every, units).map((unit) => ({
      ...unit,
      compiler: CLANGS[unit.compiler] ?? unit.compiler,
    }));
  };
  return [{ ...group, name: `${group.name}, clang`, open }];
}

function toSample(group: UnitGroup): UnitGroup {
  return { ...group, open: async () => takeEach(SAMPLES[group.name] ?? 1, await group.open()) };
}

function takeEach(every: number, units: readonly Unit[]): readonly Unit[] {
  return units.filter((_, index) => index % every === 0);
}
