/**
 * The options of distcc-config, each a command with its words; one at a time.
 *
 * Source: Gentoo's distcc-config, for names, words and exit code.
 */
import { err, ok, type Result } from '../base/result.ts';
import { formatOptions, type OptionRow } from './option.ts';

/** A row, and how many words follow. */
interface Row extends OptionRow {
  readonly words: readonly [least: number, most: number];
}

const NONE = [0, 0] as const;
const ONE = [1, 1] as const;

export const DISTCC_CONFIG_OPTIONS = [
  { name: 'help', words: NONE, help: 'show this text and end' },
  { name: 'version', words: NONE, help: 'show the version and end' },
  { name: 'get-hosts', words: NONE, help: 'show the host list that counts' },
  {
    name: 'set-hosts',
    value: 'HOSTS',
    words: [1, Infinity],
    help: "write it: root's is for all, in /etc/distcc/hosts",
  },
  { name: 'get-verbose', words: NONE, help: 'show DISTCC_VERBOSE' },
  { name: 'set-verbose', value: '0|1', words: ONE, help: 'set it' },
  { name: 'get-log', words: NONE, help: 'show DISTCC_LOG' },
  { name: 'set-log', value: 'FILE', words: ONE, help: 'set it' },
  {
    name: 'get-env',
    words: [0, 1],
    help: 'show all variables that are set for all, or the one named after it',
  },
  { name: 'set-env', value: 'VARIABLE VALUE', words: [2, 2], help: 'set one of them' },
  { name: 'install', words: NONE, help: 'make the masquerade directory, with its links' },
  { name: 'update-masquerade', words: NONE, help: "bring its links to this machine's compilers up to date" },
  {
    name: 'update-masquerade-with-crossdev',
    words: NONE,
    help: 'the same, with those that compile for other machines',
  },
  { name: 'prefix', value: 'DIR', words: ONE, help: 'before another: work on the system in this directory' },
] as const satisfies readonly Row[];

type Command = Exclude<(typeof DISTCC_CONFIG_OPTIONS)[number]['name'], 'prefix'>;

export interface DistccConfigOptions {
  readonly command: Command;
  readonly words: readonly string[];
  /** Empty, or a directory that has another system in it. */
  readonly prefix: string;
}

/** The error is a sentence for the user. */
export function parseDistccConfigOptions(argv: readonly string[]): Result<DistccConfigOptions, string> {
  let prefix = '';
  let rest = spread(argv);
  if (rest[0] === '--prefix') {
    [, prefix = '', ...rest] = rest;
    if (prefix === '') return err('--prefix needs a DIR after it');
    rest = spread(rest);
  }
  const [name = '', ...words] = rest;
  const row = DISTCC_CONFIG_OPTIONS.find((candidate) => `--${candidate.name}` === name);
  if (name === '') return err('Name what to do. Try --help');
  if (row === undefined || row.name === 'prefix') return err(`Unknown option ${name}. Try --help`);
  const [least, most] = row.words;
  if (words.length < least) return err(`${name} needs ${'value' in row ? row.value : 'a word'} after it`);
  if (words.length > most) return err(`${name} cannot have ${words.slice(most).join(' ')} after it`);
  if (row.name === 'set-verbose' && !/^[01]$/.test(words[0] ?? ''))
    return err(`${name} needs 0 or 1 after it`);
  return ok({ command: row.name, words, prefix });
}

export function formatDistccConfigHelp(): string {
  return `Usage: distcc-config [--prefix=DIR] OPTION

Shows and sets who helps to compile, and how it is done, on systems that keep this as Gentoo does.

${formatOptions(DISTCC_CONFIG_OPTIONS)}
What only root may set is in /etc/env.d/02distcc and counts in new shells.
`;
}

/** `--name=value` as two words. A host list may begin with dashes, so only the first word is an option. */
function spread([first = '', ...rest]: readonly string[]): string[] {
  const [, name, value] = /^(--[a-z-]+)=(.*)$/s.exec(first) ?? [];
  return name === undefined || value === undefined ? [first, ...rest] : [name, value, ...rest];
}
