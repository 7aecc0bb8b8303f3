/**
 * A place to compile in: workers of ours, a client of ours with an agent of its own, and a directory.
 * What goes through the launcher is compared with what the compiler does when it is called alone.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { agentsOf, isAlive, socketOf } from './agent-process.ts';
import { formatHosts, openClient, type Client } from './client.ts';
import { BIN, START_DISTCCD, type Daemon, type Make } from './cluster.ts';
import { run, runWell, type Ended, type RunOptions } from './run.ts';
import { Scratch } from './scratch.ts';
import { eventually } from './our-distccd.ts';

export interface SiteOptions {
  readonly workers?: number;
  /** At once, on each worker. */
  readonly jobs?: number;
  /** How many the client may send to each. */
  readonly limit?: number;
  /** What follows each host's name, such as `,cpp,lzo`. */
  readonly compression?: string;
  /** Hosts are spoken to on the native wire. */
  readonly isNative?: boolean;
  /** The workers are like any other servers of the Remote Execution API, and spoken to as such. */
  readonly isPlain?: boolean;
  /** Further options of the workers, where they are ours. */
  readonly workerOptions?: readonly string[];
  /** Whose distccd the workers are. */
  readonly daemon?: Make;
}

/** What `manyhands status --json` says; the counts are those since the agent's start. */
export interface AgentReport {
  readonly agent: { readonly pid: number; readonly socketPath: string };
  readonly endings: Readonly<Record<'remote' | 'cached' | 'local' | 'failed' | 'cancelled', number>>;
  /** Jobs that were not compiled remotely, by why. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Jobs that were preprocessed here although their host would have done that, by why. */
  readonly demotions: Readonly<Record<string, number>>;
  /** The others, by where. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly running: readonly unknown[];
}

/** What a call has shown of itself. */
export interface Trace extends Pick<Ended, 'status' | 'signal' | 'stdout' | 'stderr'> {
  readonly files: Readonly<Record<string, { readonly mode: number; readonly content: string } | undefined>>;
}

export interface ComparisonOptions {
  readonly cwd: string;
  /** What the line writes; taken away again, so that the next one begins anew. */
  readonly outputs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export class Site implements AsyncDisposable {
  readonly scratch: Scratch;
  readonly workers: readonly Daemon[];
  readonly client: Client;
  /** Where the agent's socket is. */
  readonly runtimeDirectory: string;
  #directories = 0;

  private constructor(scratch: Scratch, workers: readonly Daemon[], client: Client) {
    this.scratch = scratch;
    this.workers = workers;
    this.client = client;
    this.runtimeDirectory = client.env['XDG_RUNTIME_DIR'] ?? '';
  }

  /** Nothing falls back but where a test says so. */
  static async open(options: SiteOptions = {}): Promise<Site> {
    const { workers = 1, jobs = 4, limit = 8, compression = '', daemon: make = 'ours' } = options;
    const { isNative = false, isPlain = false, workerOptions = [] } = options;
    const args = [...workerOptions, ...(isPlain ? ['--plain-reapi'] : [])];
    const scratch = new Scratch();
    const daemons: Daemon[] = [];
    try {
      for (let i = 0; i < workers; i++) daemons.push(await START_DISTCCD[make](scratch, { jobs, args }));
    } catch (error) {
      for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
      throw error;
    }
    return new Site(
      scratch,
      daemons,
      openClient('ours', scratch, {
        hosts: formatHosts(daemons, { limit, compression, scheme: isPlain ? 'grpc://' : '' }),
        env: { MANYHANDS_NATIVE: isNative ? 'on' : 'off' },
      }),
    );
  }

  /** A new and empty directory. */
  newDirectory(): string {
    const directory = this.scratch.path(`work-${this.#directories++}`);
    mkdirSync(directory);
    return directory;
  }

  /** A new directory with these files. */
  project(files: Readonly<Record<string, string>>): string {
    const directory = this.newDirectory();
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
    return directory;
  }

  get agents(): number[] {
    return agentsOf(this.scratch.directory);
  }

  /** What the agent says of itself once no job is under way. */
  async report(options: RunOptions = {}): Promise<AgentReport> {
    for (let triesLeft = 100; ; triesLeft--) {
      const { stdout } = await this.run([path.join(BIN, 'manyhands'), 'status', '--json'], options);
      const report = JSON.parse(stdout) as AgentReport;
      assert.notEqual(report.agent, null, 'there is no agent');
      if (report.running.length === 0 || triesLeft === 0) return report;
    }
  }

  /**
   * How many jobs each worker has compiled, once these are `wanted` together or a second has passed: the
   * last ones are counted after their clients have the results.
   */
  async compiledBy(wanted: number): Promise<number[]> {
    for (let triesLeft = 50; ; triesLeft--) {
      const counts = await Promise.all(this.workers.map((worker) => worker.counts()));
      const compiled = counts.map(({ ok }) => ok);
      if (sum(compiled) >= wanted || triesLeft === 0) return compiled;
      await delay(20);
    }
  }

  /** Ends the agents as a crash would. */
  async killAgents(): Promise<void> {
    const agents = this.agents;
    const sockets = agents.map(socketOf);
    for (const pid of agents) process.kill(pid, 'SIGKILL');
    await eventually('the agents are dead', () => (agents.some(isAlive) ? undefined : true));
    // Their texts are outside of the scratch directory, in shared memory.
    for (const socket of sockets) rmSync(textsOf(socket ?? ''), { recursive: true, force: true });
  }

  /** `distcc WORDS`. */
  distcc(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.run([this.client.launcher, ...words], options);
  }

  /** Any command, in the client's environment; `options.env` is added to it. */
  run(command: readonly string[], { env, ...options }: RunOptions = {}): Promise<Ended> {
    return run(command, { timeoutMs: 60_000, ...options, env: { ...this.client.env, ...env } });
  }

  /** The same, for what has to succeed. */
  runWell(command: readonly string[], { env, ...options }: RunOptions = {}): Promise<Ended> {
    return runWell(command, { timeoutMs: 120_000, ...options, env: { ...this.client.env, ...env } });
  }

  /** What a shell line does, and which of its files it wrote. */
  async trace(line: string, { cwd, outputs = [], env = {} }: ComparisonOptions): Promise<Trace> {
    const { status, signal, stdout, stderr } = await this.run(['sh', '-c', line], { cwd, env });
    const files = Object.fromEntries(outputs.map((file) => [file, takeAway(path.join(cwd, file))]));
    return { status, signal, stdout, stderr, files };
  }

  /**
   * Asserts that nobody can tell whether `$CC` in a shell line is `distcc gcc` or gcc alone: the same
   * ending, the same words, the same files. Returns what both did.
   */
  async assertNoDifference(line: string, options: ComparisonOptions): Promise<Trace> {
    const theirs = await this.trace(line, { ...options, env: { ...options.env, CC: 'gcc' } });
    const env = { ...options.env, CC: `${this.client.launcher} gcc` };
    assert.deepEqual(await this.trace(line, { ...options, env }), theirs);
    return theirs;
  }

  /** How many jobs of `work` were compiled remotely, and how many here. */
  async whereRan(work: () => Promise<unknown>): Promise<{ remote: number; local: number }> {
    const before = this.agents.length === 0 ? { remote: 0, local: 0 } : (await this.report()).endings;
    await work();
    const { remote, local } = (await this.report()).endings;
    return { remote: remote - before.remote, local: local - before.local };
  }

  /** Of the jobs of `work`: how many were preprocessed here although their hosts would have done that, by why. */
  async demotionsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = this.agents.length === 0 ? {} : (await this.report()).demotions;
    await work();
    const { demotions } = await this.report();
    const more = Object.entries(demotions).map(([why, count]) => [why, count - (before[why] ?? 0)] as const);
    return Object.fromEntries(more.filter(([, count]) => count > 0));
  }

  /** Asserts that `work` has exactly `count` files compiled by the workers, by their count and the client's. */
  async assertSends(count: number, work: () => Promise<unknown>): Promise<void> {
    const before = sum(await this.compiledBy(0));
    const { remote } = await this.whereRan(work);
    assert.equal(remote, count, 'jobs of which the client says that a worker did them');
    assert.equal(sum(await this.compiledBy(before + count)) - before, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAgents();
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
    this.scratch[Symbol.dispose]();
  }
}

/** Where the agent of this socket keeps its texts. */
export function textsOf(socket: string): string {
  try {
    return realpathSync(`${socket}.d`);
  } catch {
    return `${socket}.d`;
  }
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function takeAway(file: string): { mode: number; content: string } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const content = readFileSync(file, 'latin1');
  rmSync(file);
  return { mode: stats.mode, content };
}
