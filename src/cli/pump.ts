/**
 * `pump`: what scripts and people call to have headers sent. With us the agent does what distcc's include server does,
 * so that there is nothing to start; a host list is looked at, or found, and told to the command, as is PATH.
 *
 * Lines for a shell are what comes out, also of `pump COMMAND`: the starter in bin/ is a shell, which evaluates them
 * and becomes the command (setup/layout.ts). So the command has its descriptors, the bytes of its environment, its
 * signals and its exit status as if nobody had stood before it; nothing of ours waits for it, or has to be taken away.
 *
 * What is meant for people goes to standard error, as the output of the command may be read by a program.
 *
 * Source: distcc 3.4, man pump(1) and its help; Portage, for what is done with INCLUDE_SERVER_PORT.
 */
import { mkdtempSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from '../base/build.ts';
import { err, ok, type Result } from '../base/result.ts';
import { environmentOf, readClientSettings } from '../config/client-settings.ts';
import { parseLsdistccOptions } from '../config/lsdistcc-options.ts';
import { SITE_HOSTS_FILE } from '../config/paths.ts';
import {
  formatPumpHelp,
  parsePumpOptions,
  readPumpSettings,
  type PumpSettings,
} from '../config/pump-options.ts';
import { quoteForShell } from '../base/shell.ts';
import { findPrefix } from '../files/prefix.ts';
import { isDistccdHost } from '../hosts/host.ts';
import { parseHosts } from '../hosts/parse.ts';
import { findHosts, formatFoundHost } from '../monitor/host-finder.ts';
import { makeDeafSocket } from '../net/deaf-socket.ts';
import { run } from './main.ts';
import { isExecutableFile } from '../files/executable.ts';

/** The original has no other for what it cannot do. */
const EXIT_REFUSED = 1;
/** It takes any other option for a command, which the shell does not find. */
const EXIT_NO_COMMAND = 127;

/**
 * Scripts ask whether the variable is set. There is nothing to connect to, and nothing to write beside it, where a
 * stock distcc counts what went wrong; such a one preprocesses by itself.
 */
const NO_SERVER = '/dev/null/distcc-pump/socket';
/** More than Linux ever gives: who ends, or looks for, the include server finds nobody, instead of somebody else. */
const NO_PID = 2 ** 22 + 1;
const DIRECTORY_PREFIX = 'distcc-pump.';

const environment = environmentOf(process);

async function main(argv: readonly string[]): Promise<number> {
  const action = parsePumpOptions(argv);
  if (!action.ok) return complain(action.error, EXIT_NO_COMMAND);
  switch (action.value) {
    case 'help':
      process.stdout.write(formatPumpHelp());
      return 0;
    case 'version':
      process.stdout.write(`pump ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'shutdown':
      return shutDown(environment.get('INCLUDE_SERVER_DIR') ?? '');
    case 'startup':
    case 'run':
      return startUp(action.value);
  }
}

type Variables = Readonly<Record<string, string>>;

async function startUp(action: 'startup' | 'run'): Promise<number> {
  const settings = readPumpSettings(environment);
  const directory = findLocation(settings);
  if (!directory.ok) return complain(directory.error);
  const tell = action === 'run' ? say : () => {};
  const hosts =
    settings.potentialHosts.length > 0 ? await searchHostList(settings, tell) : checkHostList(tell);
  if (!hosts.ok) return complain(hosts.error);
  if (settings.hasServerArguments) say('INCLUDE_SERVER_ARGS is without effect: no include server is needed');
  const server = action === 'run' ? ok({ INCLUDE_SERVER_PORT: NO_SERVER }) : await makePretence(settings);
  if (!server.ok) return complain(server.error);
  process.stdout.write(formatExports({ ...server.value, ...hosts.value, PATH: pathWith(directory.value) }));
  // A question to a silent DNS server would keep us.
  process.exit(0);
}

/* ---- Where distcc is ---- */

function findLocation({ location }: PumpSettings): Result<string, string> {
  const prefix = findPrefix(process.argv[1] ?? '');
  const directory = location ?? (prefix === undefined ? '' : path.join(prefix, 'bin'));
  const absolute = path.resolve(directory);
  return isExecutableFile(path.join(absolute, 'distcc'))
    ? ok(absolute)
    : err(`there is no distcc in ${absolute}`);
}

/** PATH stays as it is where it leads to this distcc: the links in lib/distcc, which may stand first, would be hidden. */
function pathWith(directory: string): string {
  const words = environment.get('PATH') ?? '';
  const found = words
    .split(path.delimiter)
    .map((word) => path.resolve(word, 'distcc'))
    .find(isExecutableFile);
  const isFound = found !== undefined && realpathSync(found) === realpathSync(path.join(directory, 'distcc'));
  return isFound ? words : [directory, ...(words === '' ? [] : [words])].join(path.delimiter);
}

/* ---- Hosts ---- */

/** The list that distcc will read has to have a host with ,cpp. */
function checkHostList(tell: (sentence: string) => void): Result<Variables, string> {
  const { hosts } = readClientSettings(environment, {
    siteHostsFile: SITE_HOSTS_FILE,
    directory: process.cwd(),
  });
  if (hosts === undefined)
    return err(
      'no host list is set: set DISTCC_HOSTS or DISTCC_POTENTIAL_HOSTS, or write ~/.distcc/hosts; each host with ,lzo,cpp',
    );
  const list = parseHosts(hosts.text);
  if (!list.ok) return err(`${hosts.from}: ${list.error.message}`);
  const all = list.value.hosts.length;
  const pumped = list.value.hosts.filter((host) => isDistccdHost(host) && host.preprocessesThere).length;
  if (pumped === 0)
    return err(`${hosts.from}: ${all === 0 ? 'there is no host' : 'no host has ,cpp: write HOST,lzo,cpp'}`);
  tell(`${pumped} of ${all} hosts ${pumped === 1 ? 'is' : 'are'} sent headers (,cpp)`);
  const own = environment.get('DISTCC_HOSTS');
  return ok(own === undefined ? {} : { DISTCC_HOSTS: onOneLine(own) });
}

/** A shell that evaluates without quotes has but one line, which a comment would end. */
function onOneLine(hosts: string): string {
  return hosts
    .replaceAll(/#[^\r\n]*/g, ' ')
    .trim()
    .split(/\s+/)
    .join(' ');
}

async function searchHostList(
  settings: PumpSettings,
  tell: (sentence: string) => void,
): Promise<Result<Variables, string>> {
  const words = ['-c150', ...settings.lsdistccWords, ...settings.potentialHosts];
  const options = parseLsdistccOptions(words);
  if (!options.ok) return err(`LSDISTCC_ARGS: ${options.error}`);
  const hosts = await findHosts(options.value, (text) => {
    if (options.value.isVerbose) say(text);
  });
  if (!hosts.ok) return err(`LSDISTCC_ARGS: ${hosts.error}`);
  const entries = hosts.value.shown.map((host) => formatFoundHost(host, { ...options.value, protocol: 3 }));
  if (entries.length === 0) say('no host of DISTCC_POTENTIAL_HOSTS answers: compiles stay here');
  else tell(`hosts that answer: ${entries.length}`);
  return ok({ DISTCC_HOSTS: ['--randomize', ...entries].join(' ') });
}

/* ---- What scripts look for ---- */

/** Portage starts pump again in each phase while the socket cannot be written to; others test for a socket. */
async function makePretence({ temporaryDirectory }: PumpSettings): Promise<Result<Variables, string>> {
  try {
    const directory = mkdtempSync(path.resolve(temporaryDirectory, DIRECTORY_PREFIX));
    const socket = path.join(directory, 'socket');
    const variables = {
      INCLUDE_SERVER_PID: String(NO_PID),
      INCLUDE_SERVER_DIR: directory,
      INCLUDE_SERVER_PORT: socket,
    };
    await makeDeafSocket(socket);
    return ok(variables);
  } catch (error) {
    return err(`cannot make a directory in TMPDIR: ${(error as Error).message}`);
  }
}

/** Whoever has set the variable to something else loses nothing: only what was made here goes. */
function shutDown(directory: string): number {
  if (!path.basename(directory).startsWith(DIRECTORY_PREFIX)) return 0;
  try {
    // The second is of a stock distcc, which counts there what went wrong.
    for (const name of ['socket', 'discrepancy_counter']) rmSync(path.join(directory, name), { force: true });
    rmdirSync(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') say(`${directory} stays: ${message}`);
  }
  return 0;
}

function formatExports(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoteForShell(value)}\n`)
    .join('');
}

function say(sentence: string): void {
  process.stderr.write(`pump: ${sentence}\n`);
}

function complain(sentence: string, exitCode = EXIT_REFUSED): number {
  say(sentence);
  return exitCode;
}

run('pump', main);
