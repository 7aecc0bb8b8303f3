/** Flags that keep every compile on this machine, where builds have them from. */
import { readFileSync } from 'node:fs';
import { finding, type Finding } from './finding.ts';

/** Files that say what all packages are built with. */
const FILES = ['/etc/makepkg.conf', '/etc/portage/make.conf', '/etc/portage/make.conf/make.conf'] as const;
const VARIABLES = [
  'CFLAGS',
  'CXXFLAGS',
  'COMMON_FLAGS',
  'CC',
  'CXX',
  'DEB_CFLAGS_APPEND',
  'DEB_CXXFLAGS_APPEND',
] as const;
const NATIVE = /(?:^|[\s"'=])(-m(?:arch|cpu|tune)=native)(?=$|[\s"'])/;

export interface FlagsQuestion {
  readonly environment: ReadonlyMap<string, string>;
  readonly files?: readonly string[];
  /** What native stands for; undefined where the compiler does not say. */
  readonly nativeFlags: () => readonly string[] | undefined;
}

export function examineFlags({ environment, files = FILES, nativeFlags }: FlagsQuestion): Finding[] {
  const sources = [
    ...VARIABLES.map((name) => [name, environment.get(name) ?? ''] as const),
    ...files.map((file) => [file, withoutComments(read(file))] as const),
  ];
  const found = sources.flatMap(([name, text]) => {
    const flag = NATIVE.exec(text)?.[1];
    return flag === undefined ? [] : [{ name, flag }];
  });
  if (found.length === 0) return [];
  const flags = nativeFlags();
  return found.map(({ name, flag }) =>
    finding(
      'native-flag',
      `${flag} in ${name} means another processor on each machine: such compiles stay here`,
      flags === undefined || flags.length === 0
        ? 'name the processor that is meant'
        : `write in its place (manyhands native-flags prints it): ${flags.join(' ')}`,
    ),
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*#.*$/gm, '');
}
