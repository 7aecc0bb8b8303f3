/**
 * Daemons for tests, ours and Debian's: on loopback, in the foreground, each with a port, a log and a
 * temporary directory of its own. Stopping ends only what was started here, by its process group.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';
import { USER_OPTIONS } from './shared-checkout.ts';

/** Our programs: those of this tree, or an installed copy's. */
export const BIN = process.env['MANYHANDS_BIN'] ?? path.join(import.meta.dirname, '..', '..', 'bin');

export type Make = 'ours' | 'debian';

interface JobCounts {
  readonly ok: number;
  /** The compiler said no. */
  readonly error: number;
  /** Refused, timed out, abandoned by the client. */
  readonly other: number;
}

interface DaemonOptions {
  readonly jobs: number;
  /** Further options, passed as they are. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where our programs are; those of BIN, if it is not said. */
  readonly bin?: string;
}

export interface Daemon extends AsyncDisposable {
  readonly make: Make;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Where its jobs have their files: empty when none runs. */
  readonly temporaryDirectory: string;
  /** Of all jobs since the start. The last job is counted a moment after its client has the result. */
  counts(): Promise<JobCounts>;
}

/** Debian's distccd 3.4. It counts in its log. */
async function startStockDistccd(scratch: Scratch, options: DaemonOptions): Promise<Daemon> {
  const program = ['/usr/bin/distccd', '--no-detach', '--daemon', '--listen', '127.0.0.1'];
  return start({ make: 'debian', program, countJobs: countInLog }, scratch, options);
}

/** Our `bin/distccd`. It answers `GET /` on its port with lines of name and value. */
async function startOurDistccd(scratch: Scratch, options: DaemonOptions): Promise<Daemon> {
  const program = [
    path.join(options.bin ?? BIN, 'distccd'),
    '--no-detach',
    '--listen',
    '127.0.0.1',
    ...USER_OPTIONS,
  ];
  return start({ make: 'ours', program, countJobs: countOverHttp }, scratch, options);
}

/** How to start a daemon of either make. */
export const START_DISTCCD = { ours: startOurDistccd, debian: startStockDistccd } as const;

/** A port that nobody listens on just now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

interface Kind {
  readonly make: Make;
  readonly program: readonly string[];
  countJobs(daemon: Daemon): Promise<JobCounts>;
}

async function start(kind: Kind, scratch: Scratch, options: DaemonOptions): Promise<Daemon> {
  const port = await findFreePort();
  const temporaryDirectory = scratch.openDirectory(`distccd-${port}`);
  const logFile = scratch.path(`distccd-${port}.log`);
  writeFileSync(logFile, '');
  chmodSync(logFile, 0o666);
  const where = ['--port', `${port}`, '--allow', '127.0.0.1', '--jobs', `${options.jobs}`];
  const log = ['--log-file', logFile, '--log-level', 'info'];
  const [program = '', ...args] = [...kind.program, ...where, ...log, ...(options.args ?? [])];
  const env = { ...PLAIN_ENVIRONMENT, TMPDIR: temporaryDirectory, ...options.env };
  // A process group of its own: distccd signals its whole group when it ends.
  const child = spawn(program, args, { env, stdio: 'ignore', detached: true, cwd: temporaryDirectory });
  await whenListening(child, { port, logFile });
  const daemon: Daemon = {
    make: kind.make,
    port,
    pid: child.pid ?? 0,
    logFile,
    temporaryDirectory,
    counts: () => kind.countJobs(daemon),
    [Symbol.asyncDispose]: () => stop(child),
  };
  return daemon;
}

async function whenListening(child: ChildProcess, { port, logFile }: { port: number; logFile: string }) {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  for (let triesLeft = 200; triesLeft > 0; triesLeft--) {
    if (failure !== undefined || child.exitCode !== null || child.signalCode !== null) break;
    if (await answers(port)) return;
    await delay(50);
  }
  await stop(child);
  const ended = failure?.message ?? child.signalCode ?? child.exitCode;
  throw new Error(
    `${child.spawnfile} does not listen on ${port} (${ended}): ${readFileSync(logFile, 'utf8')}`,
  );
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
  const isOpen = await promise;
  socket.destroy();
  return isOpen;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), delay(10_000, false, { ref: false })]);
  if (!inTime) process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function countInLog(daemon: Daemon): Promise<JobCounts> {
  const log = readFileSync(daemon.logFile, 'utf8');
  const results = [...log.matchAll(/\(dcc_job_summary\) client: \S+ ([A-Z_]+)/g)].map(([, word]) => word);
  const ok = results.filter((word) => word === 'COMPILE_OK').length;
  const error = results.filter((word) => word === 'COMPILE_ERROR').length;
  // The readiness probe is a connection that says nothing: one more bad request, not a job.
  return { ok, error, other: results.length - ok - error };
}

async function countOverHttp(daemon: Daemon): Promise<JobCounts> {
  const response = await fetch(`http://127.0.0.1:${daemon.port}/`);
  const values = new Map<string, number>();
  for (const [, name = '', value] of (await response.text()).matchAll(/^(\w+) (\d+)$/gm)) {
    values.set(name, Number(value));
  }
  const valueOf = (name: string) => values.get(name) ?? 0;
  return {
    ok: valueOf('dcc_compile_ok'),
    error: valueOf('dcc_compile_error'),
    other: ['dcc_rej_bad_req', 'dcc_rej_overload', 'dcc_compile_timeout', 'dcc_cli_disconnect', 'dcc_other']
      .map(valueOf)
      .reduce((sum, count) => sum + count, 0),
  };
}
