/**
 * Command-line options from a table: one row each, from which parsing and help are derived.
 *
 * The forms are those of popt, which distcc uses: `--name=value`, `--name value`, `-n value`, `-nvalue`,
 * `-n=value`. Options may stand anywhere; the words between them are given back.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';

export interface OptionRow {
  /** The long name, without dashes. */
  readonly name: string;
  /** Other long names for it, not shown in the help. */
  readonly synonyms?: readonly string[];
  /** The short name, without its dash. */
  readonly short?: string;
  /** What its value is, in capitals for the help; without it, the option has none. */
  readonly value?: string;
  /** What it does, for the help. Rows without are accepted and not shown. */
  readonly help?: string;
}

interface ParsedOption {
  readonly name: string;
  /** Undefined for options that have none. */
  readonly value: string | undefined;
}

export interface ParsedCommand {
  readonly options: readonly ParsedOption[];
  readonly words: readonly string[];
}

/** The error is a sentence for the user. */
export function parseOptions(
  rows: readonly OptionRow[],
  argv: readonly string[],
): Result<ParsedCommand, string> {
  const options: ParsedOption[] = [];
  const words: string[] = [];
  const rest = argv[Symbol.iterator]();
  for (const word of rest) {
    if (word === '--') {
      words.push(...rest);
      break;
    }
    const found = findRow(rows, word);
    if (found === 'word') {
      words.push(word);
      continue;
    }
    if (found === undefined) return err(`Unknown option ${word}. Try --help`);
    const { row, spelled, attached } = found;
    if (row.value === undefined) {
      if (attached !== undefined) return err(`${spelled} takes no value, but "${attached}" was given`);
      options.push({ name: row.name, value: undefined });
      continue;
    }
    const value = attached ?? nextValue(rest);
    if (value === undefined || value === '')
      return err(`${spelled} needs ${article(row.value)} ${row.value} after it`);
    options.push({ name: row.name, value });
  }
  return ok({ options, words });
}

/** One line per option, as `--help` shows them. */
export function formatOptions(rows: readonly OptionRow[]): string {
  const left = ({ name, short, value }: OptionRow): string =>
    `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : `=${value}`}`;
  const shown = rows.filter((row) => row.help !== undefined);
  const width = Math.max(...shown.map((row) => left(row).length)) + 2;
  return shown.map((row) => `${left(row).padEnd(width)}${row.help}\n`).join('');
}

interface Found {
  readonly row: OptionRow;
  /** The option as the user wrote it. */
  readonly spelled: string;
  /** The value that came in the same word. */
  readonly attached: string | undefined;
}

function findRow(rows: readonly OptionRow[], word: string): Found | 'word' | undefined {
  if (!word.startsWith('-') || word === '-') return 'word';
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    const spelled = equals < 0 ? word : word.slice(0, equals);
    const name = spelled.slice(2);
    const row = rows.find((candidate) => candidate.name === name || candidate.synonyms?.includes(name));
    return row && { row, spelled, attached: equals < 0 ? undefined : word.slice(equals + 1) };
  }
  const spelled = word.slice(0, 2);
  const row = rows.find((candidate) => candidate.short === spelled[1]);
  const attached = word.length === 2 ? undefined : word.slice(2).replace(/^=/, '');
  return row && { row, spelled, attached };
}

/** The next word as a value. Another option is none; a negative number is one. */
function nextValue(rest: Iterator<string>): string | undefined {
  const next = rest.next();
  if (next.done === true) return undefined;
  return /^-(?!\d)/.test(next.value) ? undefined : next.value;
}

function article(noun: string): string {
  return /^[AEIOU]/.test(noun) ? 'an' : 'a';
}
