/** A distccd that is started again on its port when it was killed, as a service manager would. */
import { USER_OPTIONS } from '../shared-checkout.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BIN, findFreePort, type Make } from '../cluster.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from '../scratch.ts';
import { signal } from './processes.ts';

export interface ChaosDaemonOptions {
  readonly jobs: number;
  /** First on the PATH of its compilers. */
  readonly compilers: string;
}

/** A port that a dead daemon left has to be free again by then. */
const RESTART_WITHIN_MS = 5000;

const PROGRAMS: Readonly<Record<Make, readonly string[]>> = {
  ours: [path.join(BIN, 'distccd'), ...USER_OPTIONS],
  debian: ['/usr/bin/distccd', '--daemon'],
};

export class ChaosDaemon implements AsyncDisposable {
  readonly make: Make;
  readonly port: number;
  readonly temporaryDirectory: string;
  readonly #logFile: string;
  readonly #options: ChaosDaemonOptions;
  #process: ChildProcess | undefined;
  #isOver = false;
  #restarted: Promise<void> = Promise.resolve();

  private constructor(make: Make, scratch: Scratch, port: number, options: ChaosDaemonOptions) {
    this.make = make;
    this.port = port;
    this.#options = options;
    this.temporaryDirectory = scratch.openDirectory(`distccd-${port}`);
    this.#logFile = scratch.path(`distccd-${port}.log`);
    appendFileSync(this.#logFile, '');
    chmodSync(this.#logFile, 0o666);
  }

  static async open(make: Make, scratch: Scratch, options: ChaosDaemonOptions): Promise<ChaosDaemon> {
    const daemon = new ChaosDaemon(make, scratch, await findFreePort(), options);
    await daemon.#start();
    return daemon;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** Resolves when it listens again, if it had been killed. */
  async whenUp(): Promise<void> {
    await this.#restarted;
    const deadline = performance.now() + RESTART_WITHIN_MS;
    while (!(await answers(this.port))) {
      if (performance.now() > deadline)
        throw new Error(`distccd on ${this.port} does not answer: ${this.log}`);
      await delay(20);
    }
  }

  /** Of this daemon's present worker. */
  async compiledWell(): Promise<number> {
    if (this.make === 'debian') return this.log.match(/\(dcc_job_summary\).* COMPILE_OK/g)?.length ?? 0;
    return (await this.gauges()).get('dcc_compile_ok') ?? 0;
  }

  /** What ours answers to `GET /`. */
  async gauges(): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(`http://127.0.0.1:${this.port}/`, { signal: AbortSignal.timeout(5000) });
    const lines = (await response.text()).matchAll(/^(\w+) (\d+)$/gm);
    return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
  }

  async #start(): Promise<void> {
    const deadline = performance.now() + RESTART_WITHIN_MS;
    while (!this.#isOver) {
      this.#process = this.#spawn();
      const child = this.#process;
      const ended = new Promise<false>((resolve) => child.once('exit', () => resolve(false)));
      if (await Promise.race([ended, this.#whenAnswering(child)])) {
        if (child.exitCode === null && child.signalCode === null) {
          child.once('exit', () => {
            this.#restarted = this.#restart(child);
          });
          return;
        }
      }
      if (performance.now() > deadline)
        throw new Error(`distccd does not listen on ${this.port}: ${this.log.slice(-2000)}`);
      await delay(50);
    }
  }

  async #restart({ pid }: ChildProcess): Promise<void> {
    if (this.#isOver) return;
    // Debian's children outlive their parent, and go on listening; ours have to go by themselves.
    if (this.make === 'debian' && pid !== undefined) signal(-pid, 'SIGKILL');
    await this.#start();
  }

  async #whenAnswering(child: ChildProcess): Promise<boolean> {
    while (child.exitCode === null && child.signalCode === null) {
      if (await answers(this.port)) return true;
      await delay(20);
    }
    return false;
  }

  #spawn(): ChildProcess {
    const { jobs, compilers } = this.#options;
    const [program = '', ...first] = PROGRAMS[this.make];
    const where = ['--no-detach', '--listen', '127.0.0.1', '--port', `${this.port}`, '--allow', '127.0.0.1'];
    const how = ['--jobs', `${jobs}`, '--log-file', this.#logFile, '--log-level', 'info'];
    const search = `${compilers}:${PLAIN_ENVIRONMENT['PATH']}`;
    const env = { ...PLAIN_ENVIRONMENT, TMPDIR: this.temporaryDirectory, PATH: search, DISTCCD_PATH: search };
    // A process group of its own: Debian's signals its whole group when it ends.
    return spawn(program, [...first, ...where, ...how], {
      env,
      stdio: 'ignore',
      detached: true,
      cwd: this.temporaryDirectory,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#restarted.catch(() => {});
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    signal(child.pid, 'SIGTERM');
    signal(child.pid, 'SIGTERM');
    const inTime = await Promise.race([ended.then(() => true), delay(5000, false, { ref: false })]);
    if (!inTime) signal(-child.pid, 'SIGKILL');
    await ended;
  }
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
  const isOpen = await promise;
  socket.destroy();
  return isOpen;
}
