/**
 * What one caller's environment says about how its job is to be distributed. Each job's own `DISTCC_*`
 * count, not those that the agent was started with.
 *
 * Source: distcc man page, "ENVIRONMENT VARIABLES"; src/util.c dcc_getenv_bool takes only 0 and 1.
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ClientSettings, HostListText } from '../command/client-settings.ts';
import { DEFAULT_BACKOFF_MS } from '../hosts/backoff.ts';
import { readSshSettings } from './ssh-settings.ts';

const HOSTS_FILE_MAX_BYTES = 1 << 20;

export interface SettingsOptions {
  /** Where the site's host list is, `/etc/distcc/hosts`. */
  readonly siteHostsFile: string;
}

/** Reads the settings out of a caller's environment; host files are read now, each time. */
export function readClientSettings(
  environment: ReadonlyMap<string, string>,
  { siteHostsFile }: SettingsOptions,
): ClientSettings {
  const distccDir = distccDirOf(environment);
  return {
    hosts: readHostList(environment, distccDir, siteHostsFile),
    fallback: flag(environment, 'DISTCC_FALLBACK', true),
    skipLocalRetry: environment.has('DISTCC_SKIP_LOCAL_RETRY'),
    backoffMs: seconds(environment, 'DISTCC_BACKOFF_PERIOD', DEFAULT_BACKOFF_MS / 1000) * 1000,
    ioTimeoutMs: seconds(environment, 'DISTCC_IO_TIMEOUT', 300) * 1000,
    logFile: environment.get('DISTCC_LOG') ?? '',
    ssh: readSshSettings(environment),
    verbose: flag(environment, 'DISTCC_VERBOSE', false),
  };
}

/** `$DISTCC_DIR`, else `$HOME/.distcc`; undefined when neither is there. */
export function distccDirOf(environment: ReadonlyMap<string, string>): string | undefined {
  const given = environment.get('DISTCC_DIR');
  if (given !== undefined && given !== '') return given;
  const home = environment.get('HOME');
  return home === undefined || home === '' ? undefined : path.join(home, '.distcc');
}

function readHostList(
  environment: ReadonlyMap<string, string>,
  distccDir: string | undefined,
  siteHostsFile: string,
): HostListText | undefined {
  const variable = environment.get('DISTCC_HOSTS');
  if (variable !== undefined) return { text: variable, from: '$DISTCC_HOSTS' };
  const files = distccDir === undefined ? [siteHostsFile] : [path.join(distccDir, 'hosts'), siteHostsFile];
  for (const file of files) {
    const text = readHostsFile(file);
    if (text !== undefined) return { text, from: file };
  }
  return undefined;
}

function readHostsFile(file: string): string | undefined {
  try {
    const { size } = statSync(file);
    return size > HOSTS_FILE_MAX_BYTES ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function flag(environment: ReadonlyMap<string, string>, name: string, otherwise: boolean): boolean {
  const value = environment.get(name);
  if (value === '1') return true;
  if (value === '0') return false;
  return otherwise;
}

/** A whole number of seconds; what is no number, or negative, counts as not set. */
function seconds(environment: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const value = environment.get(name);
  return value !== undefined && /^\d{1,7}$/.test(value) ? Number(value) : otherwise;
}

/** A process's own environment, in the form that a caller's comes in. */
export function environmentOf({ env }: { readonly env: NodeJS.ProcessEnv }): ReadonlyMap<string, string> {
  return new Map(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
