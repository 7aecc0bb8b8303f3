/**
 * The options of pump, and the variables that it reads.
 *
 * Source: distcc 3.4, man pump(1) and its help. The original has no --version. Any other word is the command, there
 * and here; one that looks like an option is none that could be run.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Environment } from './client-variables.ts';
import { formatOptions, parseOptions, type OptionRow } from './option.ts';

type Action = 'help' | 'version' | 'startup' | 'shutdown';

export const PUMP_OPTIONS: readonly (OptionRow & { readonly name: Action })[] = [
  { name: 'help', short: 'h', help: 'show this text and end' },
  { name: 'version', help: 'show the version and end' },
  { name: 'startup', help: 'print what a shell has to set, as lines for its eval' },
  { name: 'shutdown', help: 'take away what --startup made; by the variables that it had set' },
];

/** `run`: a command follows, which our starter runs with what we print. */
export type PumpAction = Action | 'run';

export const PUMP_VARIABLES = {
  DISTCC_POTENTIAL_HOSTS: {
    help: 'hosts to ask, or a FORMAT of lsdistcc; those that answer become DISTCC_HOSTS, with ,lzo,cpp each, in random order',
  },
  LSDISTCC_ARGS: {
    help: 'options of lsdistcc for that; a host has 150 ms to answer unless -c is among them',
  },
  DISTCC_HOSTS: {
    help: 'the host list, where DISTCC_POTENTIAL_HOSTS is not set; without both it is in the files that distcc reads',
  },
  DISTCC_LOCATION: { default: 'where pump is', help: 'the directory of the distcc to use' },
  TMPDIR: { default: '/tmp', help: 'where --startup makes a directory' },
  INCLUDE_SERVER_ARGS: { help: 'without effect: no include server is needed' },
} as const;

export interface PumpSettings {
  /** Undefined: that of this program. */
  readonly location: string | undefined;
  /** None: the host list counts. */
  readonly potentialHosts: readonly string[];
  readonly lsdistccWords: readonly string[];
  readonly temporaryDirectory: string;
  /** Somebody hopes that they do something. */
  readonly hasServerArguments: boolean;
}

/** The error is a sentence for the user. */
export function parsePumpOptions(argv: readonly string[]): Result<PumpAction, string> {
  const [first = ''] = argv;
  if (first === '') return ok('help');
  if (!first.startsWith('-')) return ok('run');
  const parsed = parseOptions(PUMP_OPTIONS, argv);
  if (!parsed.ok) return parsed;
  const { options, words } = parsed.value;
  const row = PUMP_OPTIONS.find(({ name }) => name === options[0]?.name);
  if (row === undefined || options.length > 1 || words.length > 0)
    return err(`${argv.join(' ')} is not understood. Try --help`);
  return ok(row.name);
}

/** As a shell parts what is not quoted. */
export function readPumpSettings(environment: Environment): PumpSettings {
  const textOf = (name: keyof typeof PUMP_VARIABLES): string => environment.get(name) ?? '';
  const wordsOf = (name: keyof typeof PUMP_VARIABLES): string[] => textOf(name).match(/\S+/g) ?? [];
  return {
    location: textOf('DISTCC_LOCATION') || undefined,
    potentialHosts: wordsOf('DISTCC_POTENTIAL_HOSTS'),
    lsdistccWords: wordsOf('LSDISTCC_ARGS'),
    temporaryDirectory: textOf('TMPDIR') || PUMP_VARIABLES.TMPDIR.default,
    hasServerArguments: textOf('INCLUDE_SERVER_ARGS') !== '',
  };
}

export function formatPumpHelp(): string {
  const variables = Object.entries(PUMP_VARIABLES).map(([name, { help }]) => `  ${name}\n      ${help}\n`);
  return `Usage: pump COMMAND [ARG...]
       eval "$(pump --startup)"; COMMAND [ARG...]; pump --shutdown

Runs a build with this distcc first on PATH, when its host list has a host with ,cpp. Such hosts are sent
sources and headers as they are, and preprocess themselves. There is no include server to start: the agent
of distcc does its work, with pump or without.

${formatOptions(PUMP_OPTIONS)}
Variables:
${variables.join('')}`;
}
