/**
 * Every environment variable that a compile reads, one row each: the settings are read by these rows, and
 * what documents them is derived from them.
 *
 * Source: distcc(1), "ENVIRONMENT VARIABLES", and how distcc 3.4 reads each of them (tried). Of
 * DISTCC_SOCKS_PROXY: Portage, which sets it, and Gentoo's distcc, which reads it.
 */

/**
 * How a value is read.
 *
 * - switch: 1 and 0; anything else is the default;
 * - presence: set to anything, were it empty;
 * - number: as atoi(3), which takes the digits in front, and 0 for none;
 * - text: as it is.
 */
type VariableKind = 'switch' | 'presence' | 'number' | 'text';

interface VariableRow {
  readonly kind: VariableKind;
  /** What counts where it is not set, as one would write it; without, there is nothing. */
  readonly default?: string;
  readonly help: string;
}

export const CLIENT_VARIABLES = {
  DISTCC_HOSTS: {
    kind: 'text',
    help: 'the host list; without it the list is in the file hosts of DISTCC_DIR, or in that of the site',
  },
  DISTCC_DIR: {
    kind: 'text',
    default: '$HOME/.distcc',
    help: 'directory of the host list and of what monitors read',
  },
  TMPDIR: {
    kind: 'text',
    default: '/tmp',
    help: 'where DISTCC_SAVE_TEMPS keeps files; a job is not sent when it cannot be written to',
  },
  DISTCC_VERBOSE: { kind: 'switch', default: '0', help: '1 logs all that happens' },
  DISTCC_LOG: {
    kind: 'text',
    help: 'file to append the log to, instead of warnings on standard error',
  },
  UNCACHED_ERR_FD: {
    kind: 'number',
    help: 'descriptor for the log where there is no DISTCC_LOG; set by ccache, which keeps standard error',
  },
  DISTCC_FALLBACK: {
    kind: 'switch',
    default: '1',
    help: '0 fails a job that cannot be distributed, instead of compiling it here',
  },
  DISTCC_SKIP_LOCAL_RETRY: {
    kind: 'presence',
    help: 'a compile error of a remote host is believed, not tried again here',
  },
  DISTCC_NO_REWRITE_CROSS: {
    kind: 'presence',
    help: 'compilers are called on remote hosts exactly as typed',
  },
  DISTCC_BACKOFF_PERIOD: {
    kind: 'number',
    default: '60',
    help: 'seconds for which a host that failed is left alone; 0 for not at all',
  },
  DISTCC_IO_TIMEOUT: {
    kind: 'number',
    default: '300',
    help: 'seconds for which a host may be silent, its compile included; above 0',
  },
  DISTCC_PAUSE_TIME_MSEC: {
    kind: 'number',
    default: '1000',
    help: 'without effect: a job that waits for a slot is woken when there is one',
  },
  DISTCC_SAVE_TEMPS: {
    kind: 'switch',
    default: '0',
    help: '1 keeps the preprocessed text and what the remote compiler said as files in TMPDIR',
  },
  DISTCC_TCP_CORK: { kind: 'switch', default: '1', help: 'without effect: a request is one write' },
  DISTCC_SSH: { kind: 'text', default: 'ssh', help: 'command for hosts of the form USER@HOST, with options' },
  DISTCC_SOCKS_PROXY: {
    kind: 'text',
    help: 'SOCKS5 proxy for connections over TCP: HOST, HOST:PORT, or the full path of a Unix socket; Portage sets it',
  },
  MANYHANDS_LOG_FORMAT: {
    kind: 'text',
    default: 'lines',
    help: 'json logs an object in each line, with the job that it is about',
  },
  MANYHANDS_NATIVE: {
    kind: 'text',
    default: 'on',
    help: 'off: hosts are spoken to in distcc’s own protocols only, as with ,nonative for each',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: 'text',
    default: '',
    help: 'where a trace of each job is sent, by OTLP over HTTP in JSON: http://HOST:4318',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    kind: 'text',
    default: '',
    help: 'headers for that: NAME=VALUE with commas between',
  },
  OTEL_SERVICE_NAME: { kind: 'text', default: 'manyhands', help: 'what the traces are of' },
  MANYHANDS_CACHE: {
    kind: 'text',
    default: 'on',
    help: 'off: what was compiled before is not looked up, and results are not kept',
  },
  MANYHANDS_CACHE_DIR: {
    kind: 'text',
    help: 'where results are kept; else in manyhands of XDG_CACHE_HOME, else in cache of DISTCC_DIR',
  },
  MANYHANDS_CACHE_SIZE: {
    kind: 'text',
    default: '5G',
    help: 'how large that may become: a number with K, M, G or T behind it',
  },
  XDG_CACHE_HOME: { kind: 'text', help: 'where programs keep what can be made again' },
  DISTCC_PRINCIPAL: { kind: 'text', help: 'name of the principal of the server, in builds with GSS-API' },
} as const satisfies Readonly<Record<string, VariableRow>>;

type Variables = typeof CLIENT_VARIABLES;
type NameOf<Kind extends VariableKind> = {
  [Name in keyof Variables]: Variables[Name]['kind'] extends Kind ? Name : never;
}[keyof Variables];

export type Environment = ReadonlyMap<string, string>;

/** Each variable, and what it is for, with its default. */
export function variableEntries(): readonly { readonly name: string; readonly help: string }[] {
  const rows: readonly (readonly [string, VariableRow])[] = Object.entries(CLIENT_VARIABLES);
  return rows.map(([name, row]) => ({ name, help: describe(row) }));
}

/** One paragraph per variable, for `--help`; `width` is that of a line. */
export function formatVariables(width: number): string {
  return variableEntries()
    .map(({ name, help }) => `  ${name}\n${wrap(help, width - INDENT.length, INDENT)}`)
    .join('');
}

const INDENT = '      ';

function describe({ help, default: otherwise }: VariableRow): string {
  return otherwise === undefined ? help : `${help} (${otherwise})`;
}

function wrap(text: string, width: number, indent: string): string {
  const lines = text.match(new RegExp(`.{1,${width}}(?:\\s|$)`, 'g')) ?? [];
  return lines.map((line) => `${indent}${line.trimEnd()}\n`).join('');
}

/** As distcc reads a boolean. */
export function readSwitch(environment: Environment, name: NameOf<'switch'>): boolean {
  const value = environment.get(name);
  return (value === '0' || value === '1' ? value : CLIENT_VARIABLES[name].default) === '1';
}

export function readPresence(environment: Environment, name: NameOf<'presence'>): boolean {
  return environment.has(name);
}

/** A whole number, which may be negative; 0 for what is none. */
export function readNumber(
  environment: Environment,
  name: Exclude<NameOf<'number'>, 'UNCACHED_ERR_FD'>,
): number {
  const value = environment.get(name) ?? CLIENT_VARIABLES[name].default;
  return Number(/^\s*([+-]?\d{1,9})/.exec(value)?.[1] ?? 0);
}

/** @returns undefined where it is not set; a variable that is set to nothing is. */
export function readText(environment: Environment, name: NameOf<'text'>): string | undefined {
  return environment.get(name);
}
