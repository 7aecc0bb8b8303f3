/**
 * What `distcc` says about itself. The launcher comes here only when no compile is asked for:
 * `--help`, `--version`, `--show-hosts`, `-j`, `--scan-includes`, or nothing at all.
 */
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import { environmentOf, readClientSettings } from '../config/client-settings.ts';
import { formatDistccHelp } from '../config/distcc-options.ts';
import { SITE_HOSTS_FILE } from '../config/paths.ts';
import { countSlots, isDistccdHost, type HostList } from '../hosts/host.ts';
import { parseHosts } from '../hosts/parse.ts';
import { run } from './main.ts';
import { scanIncludes } from './scan-includes.ts';

const NO_HOST_LIST = 'no host list is set: set DISTCC_HOSTS or write ~/.distcc/hosts';

/** Each with the words behind it. */
const PROGRAM_OPTIONS: Readonly<Record<string, (words: readonly string[]) => number>> = {
  '--help': () => print(formatDistccHelp()),
  '--version': () =>
    print(
      `distcc ${BUILD.version} ${machine()}\n  (protocols 1, 2 and 3) (default port 3632)\n  (manyhands)\n`,
    ),
  '--show-hosts': () => withHosts((list) => list.hosts.map(({ token }) => `${token}\n`).join('')),
  '-j': () => withHosts((list) => `${countSlots(list)}\n`),
  '--scan-includes': showIncludes,
  '--show-principal': () => cannot('this distcc is built without GSS-API', EXIT.badArguments),
};

function main([option = '', ...words]: readonly string[]): number {
  const action = PROGRAM_OPTIONS[option];
  if (action !== undefined) return action(words);
  process.stderr.write(`distcc: name a compiler and what to compile; 'distcc --help' tells how\n`);
  return EXIT.badArguments;
}

/** As compilers call it; scripts expect it behind the version. */
function machine(): string {
  const cpus: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };
  return `${cpus[process.arch] ?? process.arch}-linux-gnu`;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function cannot(why: string, code: number): number {
  process.stderr.write(`distcc: ${why}\n`);
  return code;
}

/** Only where some host would be sent headers, as distcc does. */
function showIncludes(words: readonly string[]): number {
  const { hosts } = readSettings();
  if (words.length > 0) {
    if (hosts === undefined) return cannot(NO_HOST_LIST, EXIT.noHosts);
    const list = parseHosts(hosts.text);
    if (!list.ok) return cannot(`${hosts.from}: ${list.error.message}`, EXIT.badHostSpec);
    if (!list.value.hosts.some((host) => isDistccdHost(host) && host.preprocessesThere))
      return cannot(`${hosts.from}: no host has ,cpp: write HOST,lzo,cpp`, EXIT.failed);
  }
  const shown = scanIncludes(words, environmentOf(process));
  if (shown.ok) return print(shown.value);
  const [code, why] = shown.error;
  return cannot(why, code);
}

/** Shows something of the host list. Exits with 0 even when there is none, as distcc does. */
function withHosts(show: (list: HostList) => string): number {
  const { hosts } = readSettings();
  if (hosts === undefined) return cannot(NO_HOST_LIST, 0);
  const list = parseHosts(hosts.text);
  if (list.ok) {
    for (const complaint of list.value.complaints)
      process.stderr.write(`distcc: ${hosts.from}: ${complaint}\n`);
    return print(show(list.value));
  }
  process.stderr.write(`distcc: ${hosts.from}: ${list.error.message}\n`);
  return 0;
}

function readSettings(): ClientSettings {
  return readClientSettings(environmentOf(process), {
    siteHostsFile: SITE_HOSTS_FILE,
    directory: process.cwd(),
  });
}

run('distcc', main);
