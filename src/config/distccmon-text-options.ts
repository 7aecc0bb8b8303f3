/**
 * The options of distccmon-text, and its one word.
 *
 * Source: distcc 3.4, man distccmon-text(1) and its usage text.
 */
import { err, ok, type Result } from '../base/result.ts';
import { formatOptions, parseOptions, type OptionRow } from './option.ts';

export const DISTCCMON_TEXT_OPTIONS: readonly OptionRow[] = [
  { name: 'help', help: 'show this text and end' },
  { name: 'version', help: 'show the version and end' },
];

export type DistccmonTextOptions =
  | { readonly action: 'help' | 'version' }
  /** Without a delay, the jobs are shown once. */
  | { readonly action: 'show'; readonly delayMs: number | undefined };

/** What setTimeout() can wait for. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** The error is a sentence for the user. */
export function parseDistccmonTextOptions(argv: readonly string[]): Result<DistccmonTextOptions, string> {
  const parsed = parseOptions(DISTCCMON_TEXT_OPTIONS, argv);
  if (!parsed.ok) return parsed;
  const [option] = parsed.value.options;
  if (option !== undefined) return ok({ action: option.name === 'help' ? 'help' : 'version' });
  const [delay = '', ...more] = parsed.value.words;
  if (more.length > 0) return err(`One DELAY at most, but there is also ${more.join(' ')}`);
  if (!/^(?:\d+\.?\d*|\.\d+|)$/.test(delay)) return err(`DELAY ${delay} is no number of seconds`);
  const delayMs = Math.min(Number(delay) * 1000, DELAY_MAX_MS);
  return ok({ action: 'show', delayMs: delayMs > 0 ? delayMs : undefined });
}

export function formatDistccmonTextHelp(): string {
  return `Usage: distccmon-text [DELAY]

Shows what the compile jobs of this DISTCC_DIR are doing: process, phase, source, host and slot. With a
DELAY in seconds, which may be a fraction, again and again.

${formatOptions(DISTCCMON_TEXT_OPTIONS)}`;
}
