/**
 * One compile for each file of curl, library and program, as curl's own CMake rules have it: out of Debian's source
 * package, which `.ci/run` fetches. What curl can do without is left out, so that nothing else has to be installed.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PLAIN_ENVIRONMENT, type Scratch } from '../rig/scratch.ts';
import { runWell } from '../rig/run.ts';
import type { Unit } from '../rig/unit.ts';

const WITHOUT = ['CURL_ENABLE_SSL', 'CURL_ZLIB', 'CURL_USE_LIBSSH2', 'USE_LIBIDN2', 'BUILD_TESTING'];

/** The directory of curl's sources, where there is one. */
export function findCurl(): string | undefined {
  const sources = process.env['MANYHANDS_SOURCES'];
  return sources === undefined
    ? undefined
    : globSync(path.join(sources, 'curl-*', 'CMakeLists.txt')).map((file) => path.dirname(file))[0];
}

export async function makeCurlUnits(scratch: Scratch): Promise<readonly Unit[]> {
  const source = findCurl();
  assert(source !== undefined);
  const build = scratch.openDirectory('curl');
  const options = [
    '-DCMAKE_C_COMPILER=gcc',
    '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON',
    '-DCURL_DISABLE_LDAP=ON',
    ...WITHOUT.map((name) => `-D${name}=OFF`),
  ];
  await runWell(['cmake', '-S', source, '-B', build, ...options], {
    env: PLAIN_ENVIRONMENT,
    timeoutMs: 300_000,
  });
  const noted = readFileSync(path.join(build, 'compile_commands.json'), 'utf8');
  return (JSON.parse(noted) as readonly { directory: string; command: string; file: string }[]).map(
    ({ directory, command, file }) => ({ compiler: 'gcc', flags: flagsOf(command), source: file, directory }),
  );
}

/** Without the compiler before them, and output and source behind. */
function flagsOf(command: string): readonly string[] {
  const [, flags = ''] = /^\S+ (.*?) -o \S+ -c \S+$/.exec(command.trim()) ?? [];
  assert(flags !== '', command);
  return flags.split(/ +/).filter(Boolean);
}
