/** A manual as completions for bash, zsh and fish. */
import type { Manual, OptionEntry } from './manual.ts';

const NOTE = 'Made by `npm run manuals` from the option tables: edit those.';

/** What a value is by its name in capitals, as far as a shell can help. */
function kindOf(value: string): 'file' | 'directory' | 'other' {
  if (value === 'FILE') return 'file';
  return value === 'DIRECTORY' || value === 'DIR' ? 'directory' : 'other';
}

function wordsOf({ long, short }: OptionEntry): string[] {
  return [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])];
}

/* ---- bash ---- */

export function formatBashCompletion(manual: Manual): string {
  const name = `_manyhands_${manual.program.replaceAll('-', '_')}`;
  const all = [...manual.options, ...manual.commands.flatMap(({ options }) => options)];
  const lines = [
    `# bash completion for ${manual.program}. ${NOTE}`,
    `${name}() {`,
    '  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}',
    '  COMPREPLY=()',
    ...bashValues(all),
    ...bashOperands(manual),
    '}',
    `complete -o filenames -F ${name} ${manual.program}`,
  ];
  return `${lines.join('\n')}\n`;
}

function bashValues(options: readonly OptionEntry[]): string[] {
  const arms = (['file', 'directory', 'other'] as const).flatMap((kind) => {
    const words = options.flatMap((option) =>
      option.value !== undefined && kindOf(option.value) === kind ? wordsOf(option) : [],
    );
    if (words.length === 0) return [];
    const reply = kind === 'other' ? '' : `mapfile -t COMPREPLY < <(compgen -${kind[0]} -- "$current"); `;
    return [`    ${[...new Set(words)].join(' | ')}) ${reply}return ;;`];
  });
  return arms.length === 0 ? [] : ['  case $previous in', ...arms, '  esac'];
}

function bashOperands({ options, commands, operands }: Manual): string[] {
  const reply = (words: readonly string[]): string =>
    `mapfile -t COMPREPLY < <(compgen -W '${words.join(' ')}' -- "$current")`;
  const own = options.flatMap(wordsOf);
  if (operands === 'command line') {
    return [
      '  if [[ $COMP_CWORD -eq 1 && $current == -* ]]; then',
      `    ${reply(own)}`,
      '  elif declare -F _command_offset >/dev/null; then',
      '    _command_offset 1',
      '  elif [[ $COMP_CWORD -eq 1 ]]; then',
      '    mapfile -t COMPREPLY < <(compgen -c -- "$current")',
      '  else',
      '    mapfile -t COMPREPLY < <(compgen -f -- "$current")',
      '  fi',
    ];
  }
  if (commands.length === 0) return [`  ${reply(own)}`];
  return [
    '  case ${COMP_CWORD},${COMP_WORDS[1]} in',
    `    1,*) ${reply([...commands.map(({ name }) => name), ...own])} ;;`,
    ...commands.map((command) => `    *,${command.name}) ${reply(command.options.flatMap(wordsOf))} ;;`),
    '  esac',
  ];
}

/* ---- zsh ---- */

export function formatZshCompletion({ program, options, commands, operands }: Manual): string {
  const lines = [`#compdef ${program}`, `# ${NOTE}`];
  const specs = options.map(zshSpec);
  if (operands === 'command line') {
    lines.push(zshArguments([...specs, `'(-)1:command:_command_names -e'`, `'*::command line:_normal'`]));
  } else if (commands.length === 0) {
    lines.push(zshArguments(specs));
  } else {
    lines.push(
      'if (( CURRENT == 2 )); then',
      `  local -a commands=(${commands.map(({ name, help }) => quoted(`${name}:${help.replaceAll(':', '\\:')}`)).join(' ')})`,
      `  _describe command commands`,
      `  ${zshArguments(specs)}`,
      '  return',
      'fi',
      'local command=$words[2]',
      '(( CURRENT-- ))',
      'shift words',
      'case $command in',
      ...commands.map((command) => `  ${command.name}) ${zshArguments(command.options.map(zshSpec))} ;;`),
      'esac',
    );
  }
  return `${lines.join('\n')}\n`;
}

function zshArguments(specs: readonly string[]): string {
  return `_arguments -s ${specs.join(' ')}`;
}

function zshSpec(option: OptionEntry): string {
  const help = `[${option.help.replaceAll(/[[\]]/g, '')}]`;
  const ACTIONS = { file: '_files', directory: '_files -/', other: ' ' };
  const value =
    option.value === undefined
      ? ''
      : `:${option.value.replaceAll(':', '\\:')}:${ACTIONS[kindOf(option.value)]}`;
  const equals = option.value === undefined ? '' : '=';
  const plus = option.value === undefined ? '' : '+';
  const words = [
    ...(option.short === undefined ? [] : [`-${option.short}${plus}`]),
    ...(option.long === undefined ? [] : [`--${option.long}${equals}`]),
  ];
  return words.map((word) => quoted(`*${word}${help}${value}`)).join(' ');
}

/* ---- fish ---- */

export function formatFishCompletion({ program, options, commands, operands }: Manual): string {
  const line = (condition: string, option: OptionEntry): string => {
    const long = option.long === undefined ? '' : ` -l ${option.long}`;
    const short = option.short === undefined ? '' : ` -s ${option.short}`;
    const kind = option.value === undefined ? undefined : kindOf(option.value);
    const VALUES = { file: ' -r -F', directory: " -x -a '(__fish_complete_directories)'", other: ' -x' };
    const value = kind === undefined ? '' : VALUES[kind];
    return `complete -c ${program}${condition}${long}${short}${value} -d ${fishQuoted(option.help)}`;
  };
  const lines = [`# fish completion for ${program}. ${NOTE}`];
  const first = operands === 'none' && commands.length === 0 ? '' : ' -n __fish_is_first_arg';
  if (operands === 'none') lines.push(`complete -c ${program} -f`);
  else lines.push(`complete -c ${program} -x -a '(__fish_complete_subcommand)'`);
  for (const option of options) lines.push(line(first, option));
  for (const { name, help, options: own } of commands) {
    lines.push(`complete -c ${program}${first} -a ${name} -d ${fishQuoted(help)}`);
    for (const option of own) lines.push(line(` -n '__fish_seen_subcommand_from ${name}'`, option));
  }
  return `${lines.join('\n')}\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function fishQuoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
