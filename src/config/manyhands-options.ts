/** The commands of manyhands and their options: each once, for parsing, help and manual. */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { formatOptions, parseOptions } from './option.ts';
import type { OptionRow } from './option.ts';

export interface CommandRow {
  readonly name:
    | 'status'
    | 'explain'
    | 'doctor'
    | 'native-flags'
    | 'top'
    | 'web'
    | 'report'
    | 'cache'
    | 'setup';
  readonly help: string;
  /** One of these has to follow; none where there are none. */
  readonly words?: readonly string[];
  /** What may follow in their place: a name for help. */
  readonly operand?: string;
  readonly options: readonly OptionRow[];
}

export const CACHE_ACTIONS = ['stats', 'clear', 'verify'] as const;

export const MANYHANDS_COMMANDS: readonly CommandRow[] = [
  {
    name: 'status',
    help: 'what the agent of this user and DISTCC_DIR has done and is doing',
    options: [{ name: 'json', help: 'the same for programs' }],
  },
  {
    name: 'explain',
    help: 'why a compile was done here, was tried again or took so long: the last one of FILE',
    operand: 'FILE',
    options: [
      { name: 'last', help: 'of the job that ended last' },
      { name: 'local', help: 'of all that were compiled here, by why' },
      { name: 'trouble', help: 'of all that a host failed with, or that were sent in a lesser form' },
      { name: 'all', help: 'of all jobs that the agent remembers (20,000)' },
      { name: 'json', help: 'their stories for programs' },
    ],
  },
  {
    name: 'doctor',
    help: 'what keeps builds from being distributed, and what to do: host list, PATH, flags, directories, and a real compile on each host',
    options: [
      { name: 'compiler', value: 'NAME', help: 'the compiler that is tried (gcc)' },
      { name: 'json', help: 'the findings for programs' },
    ],
  },
  {
    name: 'native-flags',
    help: 'what -march=native stands for on this machine: flags to write in its place, with which compiles are distributed',
    operand: 'COMPILER',
    options: [{ name: 'json', help: 'the flags for programs' }],
  },
  {
    name: 'top',
    help: 'the build in a terminal, live; a line for each file that has ended where the output is none',
    options: [{ name: 'json', help: 'such lines for programs' }],
  },
  {
    name: 'web',
    help: 'the build as a page in a browser, live: prints its address, and opens it where there is a display',
    options: [
      { name: 'port', value: 'N', help: 'serve it there (any that is free)' },
      { name: 'no-open', help: 'only print the address' },
      { name: 'wait', help: 'until an agent is there' },
    ],
  },
  {
    name: 'report',
    help: 'what the agent remembers of builds (20,000 jobs), as one file of HTML that needs nothing else',
    options: [
      { name: 'output', value: 'FILE', help: 'write it there (manyhands-report.html)' },
      { name: 'trace', help: 'as a trace for Perfetto or Chrome in place of it (manyhands-trace.json)' },
    ],
  },
  {
    name: 'cache',
    help: 'the results that are kept of your compiles: stats, clear, or verify, which removes what is damaged',
    words: CACHE_ACTIONS,
    options: [{ name: 'json', help: 'the answer for programs' }],
  },
  {
    name: 'setup',
    help: 'build the programs for this machine and install them',
    options: [
      {
        name: 'prefix',
        value: 'DIRECTORY',
        help: 'install here, as `make install` does (a directory of its own for each build)',
      },
      {
        name: 'destdir',
        value: 'DIRECTORY',
        help: 'write below this directory what is to stand at the prefix',
      },
      {
        name: 'node',
        value: 'FILE',
        help: "the Node that will be there (the machine's; a copy of the one that runs, if it is not)",
      },
      { name: 'carry-node', help: 'copy the Node that runs, even where it is the machine’s' },
      { name: 'remove', help: 'take away what was installed under the prefix' },
    ],
  },
];

export interface ManyhandsCommand {
  readonly command: CommandRow['name'] | 'help';
  /** Where the command has one. */
  readonly word: string;
  /** By name; of an option without a value, the empty text. */
  readonly options: ReadonlyMap<string, string>;
}

/** The error is a sentence for the user. */
export function parseManyhandsCommand(argv: readonly string[]): Result<ManyhandsCommand, string> {
  const [name, ...rest] = argv;
  if (name === '--help' || name === 'help') return ok({ command: 'help', word: '', options: new Map() });
  const row = MANYHANDS_COMMANDS.find((candidate) => candidate.name === name);
  if (row === undefined) return err(name === undefined ? 'Name a command' : `There is no command ${name}`);
  const parsed = parseOptions(row.options, rest);
  if (!parsed.ok) return parsed;
  const { words = [], operand } = row;
  const given = parsed.value.words;
  const [word = '', ...strays] = words.length === 0 && operand === undefined ? ['', ...given] : given;
  if (words.length > 0 && !words.includes(word)) return err(`${row.name} wants ${words.join(', ')}`);
  if (strays[0] !== undefined) return err(`${row.name} takes no word like ${strays[0]}`);
  return ok({
    command: row.name,
    word,
    options: new Map(parsed.value.options.map(({ name, value }) => [name, value ?? ''])),
  });
}

export function formatManyhandsHelp(): string {
  const commands = MANYHANDS_COMMANDS.map(
    ({ name, help, words = [], operand = '', options }) =>
      `\nmanyhands ${[name, words.join('|'), operand && `[${operand}]`].filter(Boolean).join(' ')}: ${help}\n${formatOptions(options)}`,
  );
  return `Usage: manyhands COMMAND [OPTIONS]\n${commands.join('')}`;
}
