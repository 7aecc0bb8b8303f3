/**
 * What `distcc` understands besides a compiler's command line: each once, for help and manual. The launcher
 * (native/launcher.c) has the words too: it knows by them that no compile is asked for.
 */
import { formatVariables } from './client-variables.ts';
import { SITE_HOSTS_FILE } from './paths.ts';

export interface WordRow {
  readonly word: string;
  readonly help: string;
}

export const DISTCC_OPTIONS: readonly WordRow[] = [
  { word: '--help', help: 'show this text and end' },
  { word: '--version', help: 'show version and protocols and end' },
  { word: '--show-hosts', help: 'show the hosts of the list that counts, one per line' },
  { word: '-j', help: 'show how many jobs they take at once, for make -j' },
  { word: '--scan-includes', help: 'before a compile: show which of its files a host with ,cpp is sent' },
];

export const HOSTS_GRAMMAR: readonly string[] = [
  'HOST[:PORT][/LIMIT][,lzo[,cpp]]  [2001:db8::1]:PORT  [USER]@HOST[/LIMIT][:DISTCCD][,lzo[,cpp]]  localhost[/LIMIT]',
  '--randomize  --localslots=N  --localslots_cpp=N  # comment',
];

const HELP_WIDTH = 100;

export function formatDistccHelp(): string {
  const options = DISTCC_OPTIONS.map(({ word, help }) => `  ${word.padEnd(17)}${help}\n`);
  const grammar = HOSTS_GRAMMAR.map((line) => `  ${line}\n`);
  return `Usage: distcc [COMPILER] [COMPILER OPTIONS] -o OBJECT -c SOURCE
       distcc OPTION

Compiles on the hosts of your list and delivers what the compiler here would have made. What cannot be
sent is compiled here. COMPILER is gcc, g++, clang and the like; cc when none is named.

${options.join('')}
Hosts come from $DISTCC_HOSTS, else $DISTCC_DIR/hosts (~/.distcc/hosts), else ${SITE_HOSTS_FILE}:
${grammar.join('')}
Environment, with what counts where a variable is not set:
${formatVariables(HELP_WIDTH)}`;
}
