/** The options of distccmon-gui and distccmon-gnome. */
import { err, ok, type Result } from '../base/result.ts';
import { formatOptions, parseOptions, type OptionRow } from './option.ts';

export const DISTCCMON_GUI_OPTIONS: readonly OptionRow[] = [
  { name: 'help', help: 'show this text and end' },
  { name: 'version', help: 'show the version and end' },
];

/** The error is a sentence for the user. */
export function parseDistccmonGuiOptions(
  argv: readonly string[],
): Result<'help' | 'version' | 'show', string> {
  const parsed = parseOptions(DISTCCMON_GUI_OPTIONS, argv);
  if (!parsed.ok) return parsed;
  const [stray] = parsed.value.words;
  if (stray !== undefined) return err(`It takes no word like ${stray}`);
  const [option] = parsed.value.options;
  if (option === undefined) return ok('show');
  return ok(option.name === 'help' ? 'help' : 'version');
}

export function formatDistccmonGuiHelp(program: string): string {
  return `Usage: ${program}

Opens a page that shows what the compile jobs of this DISTCC_DIR are doing, and prints its address. Where no job has
run yet, it waits for the first. As root, with another user's DISTCC_DIR, it shows that one's.

${formatOptions(DISTCCMON_GUI_OPTIONS)}`;
}
