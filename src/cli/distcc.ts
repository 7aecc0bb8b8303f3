/**
 * What `distcc` says about itself. The launcher comes here only when no compile is asked for:
 * `--help`, `--version`, `--show-hosts`, `-j`, or nothing at all.
 */
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { environmentOf, readClientSettings } from '../config/client-settings.ts';
import { SITE_HOSTS_FILE } from '../config/paths.ts';
import { countSlots, type HostList } from '../hosts/host.ts';
import { parseHosts } from '../hosts/parse.ts';
import { run } from './main.ts';

const HELP = `Usage: distcc [COMPILER] [COMPILER OPTIONS] -o OBJECT -c SOURCE
       distcc --help | --version | --show-hosts | -j

Compiles on the hosts of your list and delivers what the compiler here would have made. What cannot be
sent is compiled here.

  COMPILER      gcc, g++, clang ...; cc when none is named
  --help        this text
  --version     version and protocols
  --show-hosts  the hosts of the list that counts, one per line
  -j            how many jobs they take at once, for make -j

Hosts come from $DISTCC_HOSTS, else $DISTCC_DIR/hosts (~/.distcc/hosts), else ${SITE_HOSTS_FILE}:
  HOST[:PORT][/LIMIT][,lzo]  [2001:db8::1]:PORT  [USER]@HOST[/LIMIT][:DISTCCD][,lzo]  localhost[/LIMIT]
  --randomize  --localslots=N  --localslots_cpp=N  # comment
`;

const PROGRAM_OPTIONS: Readonly<Record<string, () => number>> = {
  '--help': () => print(HELP),
  '--version': () =>
    print(`distcc ${BUILD.version} (manyhands)\n  (protocols 1 and 2) (default port 3632)\n`),
  '--show-hosts': () => withHosts((list) => list.hosts.map(({ token }) => `${token}\n`).join('')),
  '-j': () => withHosts((list) => `${countSlots(list)}\n`),
  '--scan-includes': () => cannot('--scan-includes comes with pump mode, which is still to come'),
  '--show-principal': () => cannot('this distcc is built without GSS-API'),
};

function main([option = '']: readonly string[]): number {
  const action = PROGRAM_OPTIONS[option];
  if (action !== undefined) return action();
  process.stderr.write(`distcc: name a compiler and what to compile; 'distcc --help' tells how\n`);
  return EXIT.badArguments;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function cannot(why: string): number {
  process.stderr.write(`distcc: ${why}\n`);
  return EXIT.badArguments;
}

/** Shows something of the host list. Exits with 0 even when there is none, as distcc does. */
function withHosts(show: (list: HostList) => string): number {
  const { hosts } = readClientSettings(environmentOf(process), { siteHostsFile: SITE_HOSTS_FILE });
  if (hosts === undefined) {
    process.stderr.write('distcc: no host list is set: set DISTCC_HOSTS or write ~/.distcc/hosts\n');
    return 0;
  }
  const list = parseHosts(hosts.text);
  if (list.ok) return print(show(list.value));
  process.stderr.write(`distcc: ${hosts.from}: ${list.error.message}\n`);
  return 0;
}

run('distcc', main);
