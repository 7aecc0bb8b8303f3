/** What a manual page and a shell's completion say of a program; most of it comes from the option tables. */
import type { OptionRow } from '../../src/config/option.ts';

export interface Manual {
  readonly program: string;
  readonly summary: string;
  /** Lines of the synopsis, without the program's name. */
  readonly synopsis: readonly string[];
  /** Paragraphs. A line that begins with blanks stands as it is, as an example. */
  readonly description: readonly string[];
  readonly options: readonly OptionEntry[];
  /** Options that only one command has: `manyhands setup --prefix`. */
  readonly commands: readonly CommandEntry[];
  readonly environment: readonly Term[];
  readonly files: readonly Term[];
  readonly exitStatus: readonly Term[];
  /** Other pages of section 1. */
  readonly seeAlso: readonly string[];
  /** What stands after the options on the command line. */
  readonly operands: 'none' | 'command line';
}

/** As the table has it, or a word alone. */
export interface OptionEntry {
  /** Without dashes. */
  readonly long?: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

interface CommandEntry {
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionEntry[];
}

export interface Term {
  readonly name: string;
  readonly help: string;
}

/** The rows that `--help` shows. */
export function entriesOf(rows: readonly OptionRow[]): OptionEntry[] {
  return rows.flatMap(({ name, short, value, help }) =>
    help === undefined
      ? []
      : [
          {
            long: name,
            help,
            ...(short === undefined ? {} : { short }),
            ...(value === undefined ? {} : { value }),
          },
        ],
  );
}
