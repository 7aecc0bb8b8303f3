/**
 * The options of distccd: each once, with what it means. What comes out is valid: a DistccdOptions with a
 * port of 99999 does not exist.
 *
 * Source: distcc 3.4, man distccd(1) and src/dopt.c, for names, forms, defaults and exit codes.
 */
import { EXIT } from '../base/exit-code.ts';
import { LEVELS_BY_NAME } from '../base/log.ts';
import { LOG_FORMATS, type LogFormat, type LogLevel } from '../base/log.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Admits } from '../execute/box.ts';
import { formatDistccdVariables } from './distccd-variables.ts';
import { formatOptions, parseOptions } from './option.ts';
import { parseSize } from './size.ts';
import type { OptionRow } from './option.ts';

export interface DistccdOptions {
  readonly action: 'serve' | 'help' | 'version';
  /** Undefined: what standard input is decides. */
  readonly mode: 'inetd' | 'daemon' | undefined;
  readonly port: number;
  readonly hasStats: boolean;
  readonly statsPort: number;
  /** Addresses or names to listen on; empty: all addresses. */
  readonly listen: readonly string[];
  /** Addresses, networks or names, as typed; empty: the private networks. */
  readonly allow: readonly string[];
  readonly allowPrivate: boolean;
  /** Undefined: as many as fit this machine. */
  readonly jobs: number | undefined;
  readonly niceness: number;
  readonly user: string;
  readonly logTo: { readonly kind: 'default' | 'stderr' } | { readonly kind: 'file'; readonly file: string };
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly pidFile: string | undefined;
  readonly detach: boolean;
  readonly jobLifetimeSeconds: number;
  readonly lifetimeSeconds: number;
  readonly anyCompiler: boolean;
  /** Undefined: as it is. */
  readonly oomScoreAdjustment: number | undefined;
  /** Where the files are that -specs may name; undefined: nowhere. */
  readonly sysroot: string | undefined;
  /** Where blobs and results are kept; undefined: in a temporary directory. */
  readonly cacheDirectory: string | undefined;
  /** How large that may become. */
  readonly cacheBytes: number;
  readonly admits: Admits;
  readonly takesClientResults: boolean;
  readonly keepsHttp: boolean;
}

export interface BadOption {
  readonly exitCode: number;
  /** For the user. */
  readonly sentence: string;
}

type Draft = { -readonly [Key in keyof DistccdOptions]: DistccdOptions[Key] };

/** A row, and what it does to the options. It gives a sentence when the value cannot be. */
interface Row extends OptionRow {
  readonly apply: (draft: Draft, value: string) => string | undefined;
}

export const DISTCCD_OPTIONS: readonly Row[] = [
  {
    name: 'help',
    help: 'show this text and end',
    apply: set((draft) => (draft.action = 'help')),
  },
  {
    name: 'version',
    help: 'show the version and end',
    apply: set((draft) => (draft.action = 'version')),
  },
  {
    name: 'port',
    short: 'p',
    value: 'PORT',
    help: 'listen on this TCP port (3632)',
    apply: number('port', 1, 65_535, (draft, value) => (draft.port = value)),
  },
  {
    name: 'listen',
    value: 'ADDRESS',
    help: 'listen on this address only; may be repeated',
    apply: (draft, value) => void (draft.listen = [...draft.listen, value]),
  },
  {
    name: 'stats',
    help: 'tell whom --allow lets in how busy it is, by HTTP',
    apply: set((draft) => (draft.hasStats = true)),
  },
  {
    name: 'stats-port',
    value: 'PORT',
    help: 'the port for --stats (3633)',
    apply: number('stats-port', 1, 65_535, (draft, value) => (draft.statsPort = value)),
  },
  {
    name: 'allow',
    short: 'a',
    value: 'ADDRESS[/BITS]',
    help: 'let these clients in: an address, a network or a name; may be repeated',
    apply: (draft, value) => void (draft.allow = [...draft.allow, value]),
  },
  {
    name: 'allow-private',
    help: 'let in clients of private networks and of this machine (the default without --allow)',
    apply: set((draft) => (draft.allowPrivate = true)),
  },
  {
    name: 'jobs',
    short: 'j',
    value: 'N',
    help: 'run at most N compilers at the same time (processors + 2)',
    apply: number('jobs', 1, 2 ** 31 - 1, (draft, value) => (draft.jobs = value)),
  },
  {
    name: 'nice',
    short: 'N',
    value: 'LEVEL',
    help: 'add this to the niceness of compilers (5)',
    apply: number('nice', -20, 20, (draft, value) => (draft.niceness = value)),
  },
  {
    name: 'oom-score-adj',
    value: 'N',
    help: 'set how soon Linux kills it when memory is short: -1000 (never) to 1000 (first)',
    apply: number('oom-score-adj', -1000, 1000, (draft, value) => (draft.oomScoreAdjustment = value)),
  },
  {
    name: 'sysroot',
    value: 'DIR',
    help: 'let clients name the files of this directory with -specs',
    apply: (draft, value) => void (draft.sysroot = value),
  },
  {
    name: 'cache-dir',
    value: 'DIR',
    help: 'keep headers and results here, beyond the end of the daemon, and then those of stock clients, too (a temporary directory)',
    apply: (draft, value) => void (draft.cacheDirectory = value),
  },
  {
    name: 'cache-size',
    value: 'SIZE',
    help: 'how large that may become: a number with K, M, G or T behind it (5G)',
    apply: (draft, value) => {
      const bytes = parseSize(value);
      if (bytes === undefined) return `--cache-size ${value} is no size like 500M or 5G`;
      draft.cacheBytes = bytes;
      return undefined;
    },
  },
  {
    name: 'reapi-any-command',
    help: 'run any command for clients of the Remote Execution API, not only compilers; in a box without a network',
    apply: set((draft) => (draft.admits = 'any-command')),
  },
  {
    name: 'plain-reapi',
    help: 'the same, and be like any other server of that API: compiles, too, run where their inputs are laid out',
    apply: set((draft) => (draft.admits = 'plain')),
  },
  {
    name: 'reapi-client-results',
    help: 'keep results that clients of the Remote Execution API say they have; compiles do not read them',
    apply: set((draft) => (draft.takesClientResults = true)),
  },
  {
    name: 'http-cache',
    help: 'keep what clients put here by HTTP (ccache, sccache, bazel --remote_cache); compiles do not read it',
    apply: set((draft) => (draft.keepsHttp = true)),
  },
  {
    name: 'user',
    value: 'NAME',
    help: 'when started by root, become this user (distcc, else nobody)',
    apply: (draft, value) => void (draft.user = value),
  },
  {
    name: 'log-file',
    value: 'FILE',
    help: 'append the log to this file; HUP opens it again',
    apply: (draft, value) => void (draft.logTo = { kind: 'file', file: value }),
  },
  {
    name: 'log-level',
    value: 'LEVEL',
    help: 'log this and worse: debug, info, notice (the default), warning, error, crit, alert, emerg',
    apply: (draft, value) => {
      const level = LEVELS_BY_NAME[value];
      if (level === undefined)
        return `--log-level ${value} is no level. Use one of ${Object.keys(LEVELS_BY_NAME).join(', ')}`;
      draft.logLevel = level;
      return undefined;
    },
  },
  {
    name: 'log-format',
    value: 'FORMAT',
    help: 'lines (the default), or json: an object in each line',
    apply: (draft, value) => {
      const format = LOG_FORMATS.find((name) => name === value);
      if (format === undefined) return `--log-format ${value} is none. Use one of ${LOG_FORMATS.join(', ')}`;
      draft.logFormat = format;
      return undefined;
    },
  },
  {
    name: 'log-stderr',
    help: 'write the log to the standard error',
    apply: set((draft) => (draft.logTo = { kind: 'stderr' })),
  },
  {
    name: 'verbose',
    help: 'the same as --log-level=debug',
    apply: set((draft) => (draft.logLevel = 'debug')),
  },
  {
    name: 'pid-file',
    short: 'P',
    value: 'FILE',
    help: "keep the daemon's process id in this file while it runs",
    apply: (draft, value) => void (draft.pidFile = value),
  },
  {
    name: 'daemon',
    help: 'serve a TCP port (the default, unless standard input is a socket)',
    apply: set((draft) => (draft.mode = 'daemon')),
  },
  {
    name: 'inetd',
    help: 'serve the one client on standard input and output: under ssh, inetd or xinetd',
    apply: set((draft) => (draft.mode = 'inetd')),
  },
  {
    name: 'no-detach',
    help: 'stay in the foreground',
    apply: set((draft) => (draft.detach = false)),
  },
  {
    name: 'job-lifetime',
    value: 'SECONDS',
    help: 'stop a compile that takes longer (0: never)',
    apply: number('job-lifetime', 0, 2 ** 31 - 1, (draft, value) => (draft.jobLifetimeSeconds = value)),
  },
  {
    name: 'lifetime',
    value: 'SECONDS',
    help: 'end after this time (0: never)',
    apply: number('lifetime', 0, 2 ** 31 - 1, (draft, value) => (draft.lifetimeSeconds = value)),
  },
  {
    name: 'enable-tcp-insecure',
    synonyms: ['make-me-a-botnet'],
    help: 'let clients run any program as a compiler; for closed networks only',
    apply: set((draft) => (draft.anyCompiler = true)),
  },
  {
    name: 'wizard',
    short: 'W',
    apply: set((draft) => {
      draft.mode = 'daemon';
      draft.logTo = { kind: 'stderr' };
      draft.logLevel = 'debug';
      draft.detach = false;
    }),
  },
  // How a stock distccd arranges its processes and files. Ours need no such choice.
  { name: 'no-fork', apply: set(() => {}) },
  { name: 'no-fifo', apply: set(() => {}) },
  // What only some builds of a stock distccd have. Users of theirs must not believe that it is on.
  ...['zeroconf', 'auth', 'show-principal'].map((name) => absent({ name })),
  ...['blacklist', 'whitelist'].map((name) => absent({ name, value: 'FILE' })),
];

const DEFAULTS: DistccdOptions = {
  action: 'serve',
  mode: undefined,
  port: 3632,
  hasStats: false,
  statsPort: 3633,
  listen: [],
  allow: [],
  allowPrivate: false,
  jobs: undefined,
  niceness: 5,
  user: 'distcc',
  logTo: { kind: 'default' },
  logLevel: 'notice',
  logFormat: 'lines',
  pidFile: undefined,
  detach: true,
  jobLifetimeSeconds: 0,
  lifetimeSeconds: 0,
  anyCompiler: false,
  oomScoreAdjustment: undefined,
  sysroot: undefined,
  cacheDirectory: undefined,
  cacheBytes: 5 * 2 ** 30,
  admits: 'compiles',
  takesClientResults: false,
  keepsHttp: false,
};

export function parseDistccdOptions(argv: readonly string[]): Result<DistccdOptions, BadOption> {
  const parsed = parseOptions(DISTCCD_OPTIONS, argv);
  if (!parsed.ok) return err({ exitCode: EXIT.badArguments, sentence: parsed.error });
  const draft: Draft = { ...DEFAULTS };
  for (const { name, value } of parsed.value.options) {
    const sentence = DISTCCD_OPTIONS.find((row) => row.name === name)?.apply(draft, value ?? '');
    if (sentence !== undefined) return err({ exitCode: EXIT.badArguments, sentence });
  }
  return ok(draft);
}

export function formatDistccdHelp(): string {
  return `Usage: distccd [OPTIONS]

Compiles for distcc clients elsewhere.

${formatOptions(DISTCCD_OPTIONS)}
Only compilers that are linked in PREFIX/lib/distcc or /usr/lib/distcc are run (see
update-distcc-symlinks), or those in the file that $DISTCC_CMDLIST names.

Environment:

${formatDistccdVariables()}`;
}

function absent(row: OptionRow): Row {
  return { ...row, apply: () => `--${row.name} is not built into this distccd` };
}

/** A flag cannot be wrong. */
function set(change: (draft: Draft) => void): Row['apply'] {
  return (draft) => {
    change(draft);
    return undefined;
  };
}

function number(
  name: string,
  least: number,
  most: number,
  change: (draft: Draft, value: number) => void,
): Row['apply'] {
  return (draft, text) => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || value < least || value > most) {
      return `--${name} ${text} is no number from ${least} to ${most}`;
    }
    change(draft, value);
    return undefined;
  };
}
