/**
 * The options of update-distcc-symlinks. The original has none: it knows its directory.
 *
 * Source: distcc, update-distcc-symlinks.py; Debian's distcc 3.4, update-distcc-symlinks.
 */
import { err, ok, type Result } from '../base/result.ts';
import { formatOptions, parseOptions, type OptionRow } from './option.ts';

export const UPDATE_DISTCC_SYMLINKS_OPTIONS: readonly OptionRow[] = [
  { name: 'help', help: 'show this text and end' },
  { name: 'version', help: 'show the version and end' },
  { name: 'directory', value: 'DIR', help: 'fill this one (PREFIX/lib/distcc)' },
  {
    name: 'link',
    value: 'TEXT',
    help: 'what each link says (the way from a PREFIX/lib/distcc to PREFIX/bin/distcc, else where distcc is)',
  },
];

export interface UpdateDistccSymlinksOptions {
  readonly action: 'help' | 'version' | 'update';
  readonly directory: string | undefined;
  readonly link: string | undefined;
}

/** The error is a sentence for the user. */
export function parseUpdateDistccSymlinksOptions(
  argv: readonly string[],
): Result<UpdateDistccSymlinksOptions, string> {
  const parsed = parseOptions(UPDATE_DISTCC_SYMLINKS_OPTIONS, argv);
  if (!parsed.ok) return parsed;
  const { options, words } = parsed.value;
  if (words.length > 0) return err(`${words.join(' ')} is not understood. Try --help`);
  const valueOf = (name: string): string | undefined =>
    options.findLast((option) => option.name === name)?.value;
  const has = (name: string): boolean => options.some((option) => option.name === name);
  return ok({
    action: has('help') ? 'help' : has('version') ? 'version' : 'update',
    directory: valueOf('directory'),
    link: valueOf('link'),
  });
}

export function formatUpdateDistccSymlinksHelp(): string {
  return `Usage: update-distcc-symlinks [OPTIONS]

Gives each compiler of this machine a link to distcc in the masquerade directory, and takes away the links
of compilers that have gone. Before the compilers on PATH that directory makes builds distribute; and a
distccd runs those compilers only that have a name in it. Call it when compilers came or went.

${formatOptions(UPDATE_DISTCC_SYMLINKS_OPTIONS)}`;
}
