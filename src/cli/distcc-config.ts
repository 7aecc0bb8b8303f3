/** `distcc-config`: shows and sets hosts and variables, and keeps the masquerade directory, as Gentoo's does. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { distccDirOf, environmentOf, readClientSettings } from '../config/client-settings.ts';
import {
  formatDistccConfigHelp,
  parseDistccConfigOptions,
  type DistccConfigOptions,
} from '../config/distcc-config-options.ts';
import { findVariable, isVariableName, setVariable } from '../config/environment-file.ts';
import { SITE_HOSTS_FILE } from '../config/paths.ts';
import { findPrefix } from '../files/prefix.ts';
import { replaceFile } from '../files/replace-file.ts';
import { parseHosts } from '../hosts/parse.ts';
import {
  COMPILER_DIRECTORIES,
  findCompilers,
  findTarget,
  linkTextFor,
  updateMasquerade,
} from '../toolchain/masquerade.ts';
import { findNativeTarget } from '../toolchain/native-target.ts';
import { run } from './main.ts';

/** Gentoo's has no other. */
const EXIT_REFUSED = 1;
const ENVIRONMENT_FILE = '/etc/env.d/02distcc';
const ENV_UPDATE = '/usr/sbin/env-update';

const environment = environmentOf(process);

function main(argv: readonly string[]): number {
  const options = parseDistccConfigOptions(argv);
  if (!options.ok) return complain(EXIT_REFUSED, options.error);
  try {
    return obey(options.value);
  } catch (error) {
    // Of what the user has asked for: a file that cannot be written.
    return complain(EXIT.ioError, (error as Error).message);
  }
}

function obey({ command, words, prefix }: DistccConfigOptions): number {
  const [first = '', second = ''] = words;
  switch (command) {
    case 'help':
      return say(formatDistccConfigHelp());
    case 'version':
      return say(`distcc-config ${BUILD.version} (manyhands)\n`);
    case 'get-hosts':
      return showHosts(prefix);
    case 'set-hosts':
      return writeHosts(prefix, words.join(' '));
    case 'get-verbose':
      return showVariable(prefix, 'DISTCC_VERBOSE');
    case 'set-verbose':
      return writeVariable(prefix, 'DISTCC_VERBOSE', first);
    case 'get-log':
      return showVariable(prefix, 'DISTCC_LOG');
    case 'set-log':
      return writeVariable(prefix, 'DISTCC_LOG', first);
    case 'get-env':
      return first === '' ? showVariables(prefix) : showVariable(prefix, first);
    case 'set-env':
      return writeVariable(prefix, first, second);
    case 'install':
      return update(prefix, { isNew: true, hasForeign: false });
    case 'update-masquerade':
      return update(prefix, { isNew: false, hasForeign: false });
    case 'update-masquerade-with-crossdev':
      return update(prefix, { isNew: false, hasForeign: true });
  }
}

/* ---- Hosts ---- */

function showHosts(prefix: string): number {
  const { hosts } = readClientSettings(environment, {
    siteHostsFile: prefix + SITE_HOSTS_FILE,
    directory: process.cwd(),
  });
  if (hosts !== undefined) return say(`${hosts.text.trimEnd()}\n`);
  process.stderr.write('distcc-config: no host list is set: use --set-hosts\n');
  return 0;
}

function writeHosts(prefix: string, text: string): number {
  const list = parseHosts(text);
  if (!list.ok) return complain(EXIT.badHostSpec, list.error.message);
  const [complaint] = list.value.complaints;
  if (complaint !== undefined) return complain(EXIT.badHostSpec, complaint);
  const file = isRootOf(prefix) ? prefix + SITE_HOSTS_FILE : ownHostsFile();
  if (file === undefined) return complain(EXIT.badArguments, 'neither DISTCC_DIR nor HOME is set');
  replaceFile(file, `${text}\n`);
  return 0;
}

function ownHostsFile(): string | undefined {
  const distccDir = distccDirOf(environment);
  return distccDir === undefined ? undefined : path.join(distccDir, 'hosts');
}

/* ---- Variables ---- */

/** The file as it is, which a shell could read. */
function showVariables(prefix: string): number {
  const text = readVariables(prefix).trimEnd();
  return say(text === '' ? '' : `${text}\n`);
}

function showVariable(prefix: string, name: string): number {
  const value = findVariable(readVariables(prefix), name);
  return say(value === undefined ? `${name} not set.\n` : `${name}=${value}\n`);
}

function writeVariable(prefix: string, name: string, value: string): number {
  if (!isRootOf(prefix)) return refuseOthers();
  if (!isVariableName(name)) return complain(EXIT_REFUSED, `${name} is no variable's name`);
  if (/[\r\n]/.test(value)) return complain(EXIT_REFUSED, 'a value is one line');
  replaceFile(prefix + ENVIRONMENT_FILE, setVariable(readVariables(prefix), name, value));
  const program = prefix + ENV_UPDATE;
  if (!existsSync(program)) return 0;
  const { status } = spawnSync(program, { stdio: 'inherit' });
  if (status !== 0) return complain(EXIT.failed, `${program} failed: ${name} counts when it has been run`);
  return say('New shells have it; in this one: source /etc/profile\n');
}

function readVariables(prefix: string): string {
  const file = prefix + ENVIRONMENT_FILE;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/* ---- Masquerade directory ---- */

interface UpdateOptions {
  /** It gets its second name, `bin`, by which Gentoo's and Arch's scripts know it. */
  readonly isNew: boolean;
  readonly hasForeign: boolean;
}

function update(prefix: string, { isNew, hasForeign }: UpdateOptions): number {
  if (!isRootOf(prefix)) return refuseOthers();
  const home = prefix === '' ? findPrefix(process.argv[1] ?? '') : path.join(prefix, 'usr');
  if (home === undefined) return complain(EXIT.noSuchFile, 'there is no bin/distcc above this program');
  const directory = path.join(home, 'lib', 'distcc');
  const onPath = prefix === '' ? (environment.get('PATH') ?? '').split(path.delimiter) : [];
  const places = COMPILER_DIRECTORIES.map((place) => prefix + place);
  const compilers = findCompilers([...places, ...onPath.filter((word) => path.isAbsolute(word))]);
  const native = hasForeign ? undefined : findNativeTarget(places);
  const names = compilers.filter((name) => native === undefined || (findTarget(name) ?? native) === native);
  const link = linkTextFor(directory, path.join(home, 'bin', 'distcc'));
  const { added, removed } = updateMasquerade({ directory, link, names, kept: compilers });
  const second = path.join(directory, 'bin');
  if (isNew && lstatSync(second, { throwIfNoEntry: false }) === undefined) symlinkSync('.', second);
  return say(
    [...added.map((name) => `added ${name}\n`), ...removed.map((name) => `removed ${name}\n`)].join(''),
  );
}

/* ---- Common ---- */

/** Whoever works on a system of their own may do what they can. */
function isRootOf(prefix: string): boolean {
  return prefix !== '' || process.geteuid?.() === 0;
}

function refuseOthers(): number {
  return complain(EXIT_REFUSED, 'only root may do that');
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(exitCode: number, sentence: string): number {
  process.stderr.write(`distcc-config: ${sentence}\n`);
  return exitCode;
}

run('distcc-config', main);
