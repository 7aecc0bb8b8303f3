/**
 * The half of distccd that is no C. The parent (native/distccd.c) starts it in two ways:
 *
 *   distccd.ts --plan PROGRAM NAME OPTIONS…   says on descriptor 3 what the options ask for, and ends
 *   distccd.ts --work                         serves: control socket on descriptor 3, listening ones from 4
 *
 * PROGRAM is the parent's own file: the whitelist is beside it. NAME is what it was called. Each ends with distcc's exit codes.
 */
import { realpathSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';

import { BUILD } from '../base/build.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { EXIT } from '../base/exit-code.ts';
import { createLog, LOG_LEVELS } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { formatDistccdHelp, parseDistccdOptions } from '../config/distccd-options.ts';
import type { DistccdOptions } from '../config/distccd-options.ts';
import { formatPlan } from '../config/distccd-plan.ts';
import { inheritedEnvironment, readDistccdEnvironment, settingsFor } from '../config/distccd-settings.ts';
import type { WorkerSettings } from '../config/distccd-settings.ts';
import { TempDirectories } from '../files/temp-directories.ts';
import { parseNetwork, PRIVATE_NETWORKS } from '../net/network.ts';
import type { Network } from '../net/network.ts';
import { resolveAddresses } from '../net/resolve.ts';
import { RunnerClient } from '../process/runner.ts';
import { findWhitelistProblem } from '../worker/whitelist.ts';
import type { WhitelistSettings } from '../worker/whitelist.ts';
import { compilerEnvironment, Worker } from '../worker/worker.ts';
import { prepareNative } from '../worker/native-side.ts';

const CONTROL_FD = 3;
const FIRST_LISTENER_FD = 4;
const PLAN_FD = 3;
const TEMP_PREFIX = 'distccd';

function main([mode, program = '', name = '', ...argv]: readonly string[]): void {
  if (mode === '--plan') void plan(program, name, argv);
  else if (mode === '--work') work();
  else fail(EXIT.badArguments, 'This is a part of distccd and not started by hand. Start distccd');
}

function fail(exitCode: number, sentence: string): never {
  process.stderr.write(`distccd: ${sentence}\n`);
  process.exit(exitCode);
}

/* ---- Planning ---- */

async function plan(program: string, name: string, argv: readonly string[]): Promise<void> {
  const parsed = parseDistccdOptions(argv);
  if (!parsed.ok) fail(parsed.error.exitCode, parsed.error.sentence);
  const options = parsed.value;
  if (options.action === 'help') return void process.stdout.write(formatDistccdHelp());
  if (options.action === 'version') return void process.stdout.write(versionText());
  const environment = readDistccdEnvironment();
  if (typeof environment === 'string') fail(EXIT.badArguments, environment);

  const networks = await networksOf(options);
  const addresses = await addressesOf(options);
  const masqueradeDirectories = [
    path.join(path.dirname(path.dirname(program)), 'lib', 'distcc'),
    '/usr/lib/distcc',
  ];
  const settings = settingsFor({
    name,
    options,
    environment,
    networks,
    masqueradeDirectories: [...new Set(masqueradeDirectories)],
  });
  const text = formatPlan({
    options,
    addresses,
    drainSeconds: environment.drainSeconds,
    defersAccept: environment.defersAccept,
    settings,
  });
  writeAll(PLAN_FD, Buffer.from(text));
}

async function networksOf(options: DistccdOptions): Promise<Network[]> {
  const networks: Network[] = [];
  for (const text of options.allow) {
    const network = parseNetwork(text);
    if (network !== undefined) {
      networks.push(network);
      continue;
    }
    // What has a slash or only digits and dots was meant as numbers.
    const addresses = /[/:]|^[\d.]+$/.test(text) ? [] : await resolveAddresses(text);
    if (addresses.length === 0)
      fail(EXIT.badArguments, `--allow ${text} is no address, network or name that is known`);
    networks.push(...addresses.flatMap((address) => parseNetwork(address) ?? []));
  }
  const isPrivate = options.allowPrivate || networks.length === 0;
  return isPrivate ? [...networks, ...PRIVATE_NETWORKS] : networks;
}

async function addressesOf(options: DistccdOptions): Promise<string[]> {
  const addresses: string[] = [];
  for (const name of options.listen) {
    const found = await resolveAddresses(name);
    if (found.length === 0) fail(EXIT.badArguments, `--listen ${name} is no address or name that is known`);
    addresses.push(...found);
  }
  return [...new Set(addresses)];
}

function versionText(): string {
  return `distccd ${BUILD.version} (manyhands) ${process.arch}-${process.platform}\n  (protocols 1, 2 and 3) (default port 3632)\n`;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/* ---- Working ---- */

function work(): void {
  const socket = new Socket({ fd: CONTROL_FD, readable: true, writable: true });
  let worker: Promise<Worker> | undefined;
  let directories: TempDirectories | undefined;
  const end = (exitCode: number): never => {
    directories?.[Symbol.dispose]();
    process.exit(exitCode);
  };
  const drain = async (seconds: number): Promise<void> => {
    await (await worker)?.drain(seconds);
    end(0);
  };
  const runner = new RunnerClient(socket, {
    settings: (listeners, statsListeners, text) => {
      const settings = JSON.parse(text) as WorkerSettings;
      const log = logFor(settings);
      try {
        directories = new TempDirectories(settings.tempParent, TEMP_PREFIX, { areKept: settings.savesTemps });
      } catch (error) {
        log('crit', `Cannot write temporary files: ${(error as Error).message}. Is TMPDIR right?`);
        return end(EXIT.ioError);
      }
      const whitelist = whitelistOf(settings);
      const problem = findWhitelistProblem(whitelist);
      if (problem !== undefined) log('crit', problem);
      if (problem !== undefined && whitelist.kind === 'directories') end(EXIT.compilerMissing);
      const onIdle = (): void => {
        log('info', 'no client for some time: leaving');
        end(0);
      };
      worker = startWorker({
        settings,
        listeners,
        statsListeners,
        whitelist,
        directories,
        runner,
        log,
        onIdle,
      });
    },
    drain: (seconds) => void drain(seconds),
    gone: () => end(0),
  });
  process.on('SIGTERM', () => void drain(0));
  process.on('SIGINT', () => {}); // Ctrl-C is the parent's to hear
  process.on('SIGHUP', () => {});
  process.stderr.on('error', () => {}); // nobody reads the log any more: the parent's end comes next
}

interface WorkerParts {
  readonly settings: WorkerSettings;
  readonly listeners: number;
  readonly statsListeners: number;
  readonly whitelist: WhitelistSettings;
  readonly directories: TempDirectories;
  readonly runner: RunnerClient;
  readonly log: Log;
  readonly onIdle: () => void;
}

async function startWorker(parts: WorkerParts): Promise<Worker> {
  const { settings, listeners, statsListeners, whitelist, directories, runner, log, onIdle } = parts;
  const descriptors = Array.from(
    { length: listeners + statsListeners },
    (_, index) => FIRST_LISTENER_FD + index,
  );
  const environment = inheritedEnvironment();
  const native = await prepareNative({
    settings,
    runner,
    whitelist,
    environment: compilerEnvironment({ environment, compilerPath: settings.compilerPath }),
    log,
  });
  const worker = new Worker({
    ...settings,
    native,
    pageFile: path.join(path.dirname(realpathSync(process.argv[1] ?? '')), 'worker.html'),
    runner,
    listeners: descriptors.slice(0, listeners),
    statsListeners: descriptors.slice(listeners),
    whitelist,
    directories,
    environment,
    clock: SYSTEM_CLOCK,
    log,
    onIdle,
  });
  await worker.listen();
  runner.ready();
  log(
    'info',
    `ready: at most ${settings.jobs} jobs at the same time, temporary files in ${settings.tempParent}`,
  );
  return worker;
}

function whitelistOf(settings: WorkerSettings): WhitelistSettings {
  if (settings.anyCompiler) return { kind: 'anything' };
  if (settings.compilerList !== undefined) return { kind: 'list', ...settings.compilerList };
  return { kind: 'directories', directories: settings.masqueradeDirectories };
}

/** Lines go to the parent with the level before them; it knows where the log is now. */
function logFor(settings: WorkerSettings): Log {
  const write = (level: number, line: string): void => void process.stderr.write(`<${level}>${line}`);
  const threshold = LOG_LEVELS.indexOf(settings.logLevel);
  return (level, text, fields) => {
    const number = LOG_LEVELS.indexOf(level);
    if (number > threshold) return;
    if (settings.logTarget === 'syslog' && settings.logFormat === 'lines')
      write(number, `${text.replaceAll(/[\r\n]+/g, ' ')}\n`);
    else
      createLog({
        program: settings.name,
        pid: process.pid,
        level,
        format: settings.logFormat,
        write: (line) => write(number, line),
      })(level, text, fields);
  };
}

main(process.argv.slice(2));
