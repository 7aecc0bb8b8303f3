/** `lsdistcc`: lists the hosts on which a distccd answers, to be used as a host list. */
import { BUILD } from '../base/build.ts';
import {
  formatLsdistccHelp,
  parseLsdistccOptions,
  type LsdistccOptions,
} from '../config/lsdistcc-options.ts';
import { findHosts, formatFoundHost } from '../monitor/host-finder.ts';
import type { FoundHost } from '../monitor/host-search.ts';
import { run } from './main.ts';

/** The original has no other: for a wrong call, for no host, and for its help. */
const EXIT_NOTHING = 1;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseLsdistccOptions(argv);
  if (!options.ok) return complain(options.error);
  switch (options.value.action) {
    case 'help':
      process.stdout.write(formatLsdistccHelp());
      return EXIT_NOTHING;
    case 'version':
      process.stdout.write(`lsdistcc ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'list':
      return list(options.value);
  }
}

async function list(options: LsdistccOptions): Promise<number> {
  const hosts = await findHosts(options, (text) => {
    if (options.isVerbose) process.stderr.write(`lsdistcc: ${text}\n`);
  });
  if (!hosts.ok) return complain(hosts.error);
  const { found, shown, isCutShort } = hosts.value;
  process.stdout.write(shown.map((host) => formatLine(host, options)).join(''));
  const exitCode = found.length === 0 ? EXIT_NOTHING : 0;
  if (isCutShort) process.exit(exitCode);
  return exitCode;
}

function formatLine(host: FoundHost, options: LsdistccOptions): string {
  const latency = options.showsLatency ? ` ${Math.round(host.elapsedMs)}` : '';
  return `${formatFoundHost(host, options)}${latency}\n`;
}

function complain(sentence: string): number {
  process.stderr.write(`lsdistcc: ${sentence}\n`);
  return EXIT_NOTHING;
}

run('lsdistcc', main);
