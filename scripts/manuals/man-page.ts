/** A manual as a page for man(1), in the macros of man(7): for groff and mandoc without a warning. */
import type { Manual, OptionEntry, Term } from './manual.ts';

export function formatManPage(manual: Manual, version: string): string {
  const { program, summary, synopsis, description, options, commands } = manual;
  const sections: (readonly [title: string, lines: readonly string[]])[] = [
    ['NAME', [`${text(program)} \\- ${text(summary)}`]],
    [
      'SYNOPSIS',
      synopsis.flatMap((line, index) => [...(index > 0 ? ['.br'] : []), bold(program), text(line)]),
    ],
    ['DESCRIPTION', description.flatMap(paragraph)],
    ['OPTIONS', options.flatMap(option)],
    ['COMMANDS', commands.flatMap((command) => [...term(command), ...indented(command.options)])],
    ['ENVIRONMENT', manual.environment.flatMap(term)],
    ['FILES', manual.files.flatMap(term)],
    ['EXIT STATUS', manual.exitStatus.flatMap(term)],
    ['SEE ALSO', [manual.seeAlso.map((name) => `\\fB${text(name)}\\fP(1)`).join(', ')]],
  ];
  const body = sections
    .filter(([, lines]) => lines.some((line) => line !== ''))
    .flatMap(([title, lines]) => [`.SH ${title}`, ...lines]);
  const head = `.TH ${program.toUpperCase()} 1 "" "manyhands ${version}" "manyhands"`;
  return `.\\" Made by \`npm run manuals\` from the option tables: edit those.\n${[head, ...body].join('\n')}\n`;
}

function paragraph(words: string, index: number): string[] {
  if (/^\s/.test(words))
    return ['.PP', '.RS 4', '.nf', ...words.split('\n').map((line) => text(line.trim())), '.fi', '.RE'];
  return [...(index > 0 ? ['.PP'] : []), ...prose(words)];
}

function option({ long, short, value, help }: OptionEntry): string[] {
  const argument = value === undefined ? '' : `\\fI${text(value)}\\fP`;
  const names = [
    ...(short === undefined ? [] : [`\\fB\\-${text(short)}\\fP${argument === '' ? '' : ` ${argument}`}`]),
    ...(long === undefined ? [] : [`\\fB\\-\\-${text(long)}\\fP${argument === '' ? '' : `=${argument}`}`]),
  ];
  return ['.TP', names.join(', '), ...prose(help)];
}

function indented(options: readonly OptionEntry[]): string[] {
  return options.length === 0 ? [] : ['.RS', ...options.flatMap(option), '.RE'];
}

function term({ name, help }: Term): string[] {
  return ['.TP', bold(name), ...prose(help)];
}

function bold(words: string): string {
  return `\\fB${text(words)}\\fP`;
}

/** Nothing in it is a macro: not a backslash, not a dot or quote in front. Dashes are to be copied. */
function text(words: string): string {
  const plain = words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga');
  return plain.replace(/^[.']/, '\\&$&');
}

/** The same in lines of the source that are not too long. */
function prose(words: string): string[] {
  const lines = words.match(/.{1,70}(?= |$)/g) ?? [];
  return lines.map((line) => text(line.trim()));
}
