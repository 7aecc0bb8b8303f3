/** The commands of manyhands and their options: each once, for parsing, help and manual. */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { formatOptions, parseOptions } from './option.ts';
import type { OptionRow } from './option.ts';

export interface CommandRow {
  readonly name: 'status' | 'setup';
  readonly help: string;
  readonly options: readonly OptionRow[];
}

export const MANYHANDS_COMMANDS: readonly CommandRow[] = [
  {
    name: 'status',
    help: 'what the agent of this user and DISTCC_DIR has done and is doing',
    options: [{ name: 'json', help: 'the same for programs' }],
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
  /** By name; of an option without a value, the empty text. */
  readonly options: ReadonlyMap<string, string>;
}

/** The error is a sentence for the user. */
export function parseManyhandsCommand(argv: readonly string[]): Result<ManyhandsCommand, string> {
  const [name, ...rest] = argv;
  if (name === '--help' || name === 'help') return ok({ command: 'help', options: new Map() });
  const row = MANYHANDS_COMMANDS.find((candidate) => candidate.name === name);
  if (row === undefined) return err(name === undefined ? 'Name a command' : `There is no command ${name}`);
  const parsed = parseOptions(row.options, rest);
  if (!parsed.ok) return parsed;
  const [stray] = parsed.value.words;
  if (stray !== undefined) return err(`${row.name} takes no word like ${stray}`);
  return ok({
    command: row.name,
    options: new Map(parsed.value.options.map(({ name, value }) => [name, value ?? ''])),
  });
}

export function formatManyhandsHelp(): string {
  const commands = MANYHANDS_COMMANDS.map(
    ({ name, help, options }) => `\nmanyhands ${name}: ${help}\n${formatOptions(options)}`,
  );
  return `Usage: manyhands COMMAND [OPTIONS]\n${commands.join('')}`;
}
