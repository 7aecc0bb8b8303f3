/**
 * What one caller's environment says about how its job is to be distributed. Each job's own `DISTCC_*`
 * count, not those that the agent was started with.
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../base/exit-code.ts';
import type { CachePlace, ClientSettings, HostListText, SettingMistake } from '../command/client-settings.ts';
import {
  CLIENT_VARIABLES,
  readNumber,
  readPresence,
  readSwitch,
  readText,
  type Environment,
} from './client-variables.ts';
import { readTraceTarget } from './trace-settings.ts';
import { parseSize } from './size.ts';
import { readSshSettings } from './ssh-settings.ts';

const HOSTS_FILE_MAX_BYTES = 1 << 20;
/** The longest that a timer of Node's can wait, 24 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface SettingsOptions {
  /** Where the site's host list is, `/etc/distcc/hosts`. */
  readonly siteHostsFile: string;
  /** Where the caller stands: what a relative name is relative to. */
  readonly directory: string;
}

/** Reads the settings out of a caller's environment; host files are read now, each time. */
export function readClientSettings(environment: Environment, options: SettingsOptions): ClientSettings {
  const ioTimeoutS = readNumber(environment, 'DISTCC_IO_TIMEOUT');
  const tmpdir = readText(environment, 'TMPDIR') || CLIENT_VARIABLES.TMPDIR.default;
  const temporaryDirectory = path.resolve(options.directory, tmpdir);
  return {
    hosts: readHostList(environment, options),
    fallback: readSwitch(environment, 'DISTCC_FALLBACK'),
    skipLocalRetry: readPresence(environment, 'DISTCC_SKIP_LOCAL_RETRY'),
    namesCompilerInFull: !readPresence(environment, 'DISTCC_NO_REWRITE_CROSS'),
    backoffMs: Math.max(0, readNumber(environment, 'DISTCC_BACKOFF_PERIOD')) * 1000,
    ioTimeoutMs: Math.min(ioTimeoutS * 1000, TIMER_MAX_MS),
    logFile: readText(environment, 'DISTCC_LOG') ?? '',
    verbose: readSwitch(environment, 'DISTCC_VERBOSE'),
    logFormat: readText(environment, 'MANYHANDS_LOG_FORMAT') === 'json' ? 'json' : 'lines',
    socksProxy: readText(environment, 'DISTCC_SOCKS_PROXY') || undefined,
    saveTempsIn: readSwitch(environment, 'DISTCC_SAVE_TEMPS') ? temporaryDirectory : undefined,
    mayBeNative: !isOff(environment, 'MANYHANDS_NATIVE'),
    cache: cachePlaceOf(environment, options.directory),
    traces: readTraceTarget(environment),
    mistake: findTimeoutMistake(environment, ioTimeoutS) ?? findDirectoryMistake(temporaryDirectory),
    // Few jobs go over ssh.
    get ssh() {
      return readSshSettings(environment);
    },
  };
}

/** `$DISTCC_DIR`, else `$HOME/.distcc`; undefined when neither is there. */
export function distccDirOf(environment: Environment): string | undefined {
  const given = readText(environment, 'DISTCC_DIR');
  if (given !== undefined && given !== '') return given;
  const home = environment.get('HOME');
  return home === undefined || home === '' ? undefined : path.join(home, '.distcc');
}

/** @param directory what a relative name is relative to. Undefined where results are not kept. */
export function cachePlaceOf(environment: Environment, directory: string): CachePlace | undefined {
  const place = isOff(environment, 'MANYHANDS_CACHE') ? undefined : cacheDirectoryOf(environment);
  if (place === undefined) return undefined;
  const maxBytes =
    parseSize(readText(environment, 'MANYHANDS_CACHE_SIZE') ?? '') ??
    parseSize(CLIENT_VARIABLES.MANYHANDS_CACHE_SIZE.default) ??
    0;
  return maxBytes === 0 ? undefined : { directory: path.resolve(directory, place), maxBytes };
}

function isOff(environment: Environment, name: 'MANYHANDS_CACHE' | 'MANYHANDS_NATIVE'): boolean {
  return /^(?:off|0|no|false)$/i.test(readText(environment, name) ?? '');
}

/** Undefined where there is no place for it. */
function cacheDirectoryOf(environment: Environment): string | undefined {
  const given = readText(environment, 'MANYHANDS_CACHE_DIR');
  if (given !== undefined && given !== '') return given;
  const caches = readText(environment, 'XDG_CACHE_HOME') ?? '';
  if (path.isAbsolute(caches)) return path.join(caches, 'manyhands');
  const distccDir = distccDirOf(environment);
  return distccDir && path.join(distccDir, 'cache');
}

function findTimeoutMistake(environment: Environment, seconds: number): SettingMistake | undefined {
  if (seconds > 0) return undefined;
  const value = environment.get('DISTCC_IO_TIMEOUT') ?? '';
  const message = `DISTCC_IO_TIMEOUT=${value} is no number of seconds above 0`;
  return { message, exitCode: EXIT.badArguments, isFatal: true };
}

function findDirectoryMistake(directory: string): SettingMistake | undefined {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    const message = `TMPDIR=${directory} cannot be written to: ${why}`;
    return { message, exitCode: EXIT.ioError, isFatal: false };
  }
}

function readHostList(
  environment: Environment,
  { siteHostsFile, directory }: SettingsOptions,
): HostListText | undefined {
  const variable = readText(environment, 'DISTCC_HOSTS');
  if (variable !== undefined) return { text: variable, from: '$DISTCC_HOSTS' };
  const distccDir = distccDirOf(environment);
  const own = distccDir === undefined ? [] : [path.resolve(directory, distccDir, 'hosts')];
  for (const file of [...own, siteHostsFile]) {
    const text = readHostsFile(file);
    if (text !== undefined) return { text, from: file };
  }
  return undefined;
}

function readHostsFile(file: string): string | undefined {
  try {
    // To read a fifo would be to wait.
    const stats = statSync(file);
    return stats.isFile() && stats.size <= HOSTS_FILE_MAX_BYTES ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** A process's own environment, in the form that a caller's comes in. */
export function environmentOf({ env }: { readonly env: NodeJS.ProcessEnv }): Environment {
  return new Map(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
