/**
 * The options of lsdistcc: each once. The original has short names alone; the long ones are ours.
 *
 * Source: distcc 3.4, lsdistcc's usage text and man lsdistcc(1), for letters, units and defaults.
 */
import { err, ok, type Result } from '../base/result.ts';
import { DEFAULT_PORT } from '../hosts/host.ts';
import { formatOptions, parseOptions, type OptionRow } from './option.ts';

export interface LsdistccOptions {
  readonly action: 'help' | 'version' | 'list';
  readonly showsLatency: boolean;
  readonly showsAddress: boolean;
  readonly showsDown: boolean;
  readonly timeoutSeconds: number;
  readonly lookupRetryMs: number;
  /** 0: not connected to, and taken as up. */
  readonly connectTimeoutMs: number;
  /** 0: no test compile. */
  readonly compileTimeoutMs: number;
  readonly matchingBits: number;
  /** Names looked up beside the first one. */
  readonly overlap: number;
  /** Missing names in a row that do not end the search. */
  readonly gap: number;
  readonly port: number;
  /** 1, 2 or 3. */
  readonly protocol: number;
  /** Undefined: no test compile. */
  readonly compiler: string | undefined;
  readonly appendsDomain: boolean;
  readonly isVerbose: boolean;
  /** A format with `%d`, or names. */
  readonly words: readonly string[];
}

type FlagKey = 'showsLatency' | 'showsAddress' | 'showsDown' | 'appendsDomain' | 'isVerbose';
type NumberKey = Exclude<keyof LsdistccOptions, FlagKey | 'action' | 'compiler' | 'words'>;

/** A row, and what it sets. */
type Row = OptionRow &
  (
    | { readonly sets: 'action'; readonly to: 'help' | 'version' }
    | { readonly sets: FlagKey }
    | { readonly sets: NumberKey; readonly range: readonly [least: number, most: number] }
    | { readonly sets: 'compiler' }
  );

const MILLISECONDS_MAX = 3_600_000;

export const LSDISTCC_OPTIONS: readonly Row[] = [
  { name: 'help', help: 'show this text and end', sets: 'action', to: 'help' },
  { name: 'version', help: 'show the version and end', sets: 'action', to: 'version' },
  { name: 'latency', short: 'l', help: 'show how many ms each took, without DNS', sets: 'showsLatency' },
  { name: 'numeric', short: 'n', help: 'show addresses instead of names', sets: 'showsAddress' },
  { name: 'down', short: 'x', help: 'show those too that do not answer, with ,down', sets: 'showsDown' },
  {
    name: 'timeout',
    short: 't',
    value: 'SECONDS',
    help: 'search no longer than this (7)',
    sets: 'timeoutSeconds',
    range: [1, 3600],
  },
  {
    name: 'dns-retry',
    short: 'h',
    value: 'MS',
    help: 'ask DNS once more after this (500)',
    sets: 'lookupRetryMs',
    range: [1, MILLISECONDS_MAX],
  },
  {
    name: 'connect-timeout',
    short: 'c',
    value: 'MS',
    help: 'wait this long for a connection (900); 0 makes none',
    sets: 'connectTimeoutMs',
    range: [0, MILLISECONDS_MAX],
  },
  {
    name: 'compile-timeout',
    short: 'k',
    value: 'MS',
    help: 'wait this long for a test compile (1500); 0 makes none',
    sets: 'compileTimeoutMs',
    range: [0, MILLISECONDS_MAX],
  },
  {
    name: 'match',
    short: 'm',
    value: 'BITS',
    help: "only addresses with as many bits of the first host's (0)",
    sets: 'matchingBits',
    range: [0, 128],
  },
  {
    name: 'overlap',
    short: 'o',
    value: 'N',
    help: 'look up this many more names at the same time (1)',
    sets: 'overlap',
    range: [0, 100],
  },
  {
    name: 'gap',
    short: 'g',
    value: 'N',
    help: 'go on after this many names in a row that DNS does not know (0)',
    sets: 'gap',
    range: [0, 500],
  },
  {
    name: 'port',
    short: 'r',
    value: 'PORT',
    help: `connect to this port (${DEFAULT_PORT})`,
    sets: 'port',
    range: [1, 65_535],
  },
  {
    name: 'protocol',
    short: 'P',
    value: 'N',
    help: 'protocol 1, 2 (shown as ,lzo) or 3 (shown as ,lzo,cpp) (1)',
    sets: 'protocol',
    range: [1, 3],
  },
  {
    name: 'compiler',
    short: 'p',
    value: 'COMPILER',
    help: 'have each host compile a line with this compiler',
    sets: 'compiler',
  },
  {
    name: 'domain',
    short: 'd',
    help: "append this machine's DNS domain to each name",
    sets: 'appendsDomain',
  },
  { name: 'verbose', short: 'v', help: 'tell on the standard error what is done', sets: 'isVerbose' },
];

const DEFAULTS: LsdistccOptions = {
  action: 'list',
  showsLatency: false,
  showsAddress: false,
  showsDown: false,
  timeoutSeconds: 7,
  lookupRetryMs: 500,
  connectTimeoutMs: 900,
  compileTimeoutMs: 1500,
  matchingBits: 0,
  overlap: 1,
  gap: 0,
  port: DEFAULT_PORT,
  protocol: 1,
  compiler: undefined,
  appendsDomain: false,
  isVerbose: false,
  words: ['distcc%d'],
};

/** The error is a sentence for the user. */
export function parseLsdistccOptions(argv: readonly string[]): Result<LsdistccOptions, string> {
  const parsed = parseOptions(LSDISTCC_OPTIONS, argv);
  if (!parsed.ok) return parsed;
  const { options, words } = parsed.value;
  let settings: LsdistccOptions = words.length === 0 ? DEFAULTS : { ...DEFAULTS, words };
  for (const { name, value = '' } of options) {
    const row = LSDISTCC_OPTIONS.find((candidate) => candidate.name === name);
    if (row === undefined) continue;
    const setting = readSetting(row, value);
    if (setting === undefined) return err(`--${name} ${value} is out of range. Try --help`);
    settings = { ...settings, [row.sets]: setting };
  }
  return ok(settings);
}

/** Undefined when the value cannot be. */
function readSetting(row: Row, value: string): string | number | boolean | undefined {
  if ('to' in row) return row.to;
  if (!('range' in row)) return row.value === undefined ? true : value;
  const [least, most] = row.range;
  const number = Number(value);
  return /^\d+$/.test(value) && number >= least && number <= most ? number : undefined;
}

export function formatLsdistccHelp(): string {
  return `Usage: lsdistcc [OPTIONS] [FORMAT]
       lsdistcc [OPTIONS] HOST...

Lists the hosts on which a distccd answers, as they stand in a host list. Names are made from FORMAT
(distcc%d) by counting from 1, until one is not known to DNS; or they are given.

${formatOptions(LSDISTCC_OPTIONS)}
  DISTCC_HOSTS=$(lsdistcc -p gcc-12 buildbox%d)
`;
}
