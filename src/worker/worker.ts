/**
 * Lends its cores: composes what a worker is made of, serves until it is told to stop, and leaves nothing
 * behind. Told to drain, it finishes what it has; told to hurry, it stops that, too.
 */
import { commandWithin } from '../action/plain-script.ts';
import type { ByteString } from '../base/byte-string.ts';
import { fromText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import type { WaitStatus } from '../base/wait-status.ts';
import { Places } from '../execute/bounded.ts';
import type { RunBoxed } from '../execute/box.ts';
import { limited } from '../execute/limited.ts';
import type { Executor } from '../execute/executor.ts';
import { local } from '../execute/local.ts';
import type { TempDirectories } from '../files/temp-directories.ts';
import type { Network } from '../net/network.ts';
import type { Runner } from '../process/runner.ts';
import { WIRE_LIMITS } from '../wire/distcc/limits.ts';
import { admission } from './admit.ts';
import { compilerPath } from './compiler-path.ts';
import { count, formatCounts, noCounts } from './counts.ts';
import { fieldsOf, formatSummary, namesOf, type JobResult } from './distcc-job.ts';
import { formatWorkerMetrics, type MetricsSources } from './metrics.ts';
import { PageDoor } from './page-door.ts';
import { collectFigures } from './figures.ts';
import { readPage } from '../files/page-file.ts';
import { HttpDoor, type HttpDoorOptions } from './http-door.ts';
import type { NativeSide } from './native-side.ts';
import type { Executed } from './reapi/execution.ts';
import { remembering } from './remembered.ts';
import { ReapiDoor } from './reapi/reapi-door.ts';
import { Intake } from './intake.ts';
import { WorkerServer } from './server.ts';
import { Activity } from './activity.ts';
import { Machine } from './machine.ts';
import { StatsDoor } from './stats-door.ts';
import { collectStatus, formatStatusBody, formatStatusPage } from './status.ts';
import type { LongestJob } from './status.ts';
import type { WhitelistSettings } from './whitelist.ts';

export interface WorkerOptions {
  readonly runner: Runner;
  readonly listeners: readonly number[];
  /** Of the port of --stats. */
  readonly statsListeners: readonly number[];
  readonly networks: readonly Network[];
  readonly whitelist: WhitelistSettings;
  /** Whose files -specs may name. */
  readonly sysroot: string | undefined;
  readonly jobs: number;
  readonly niceness: number;
  /** 0: no limit. */
  readonly jobLifetimeSeconds: number;
  readonly ioTimeoutSeconds: number;
  /** For requests and replies together. */
  readonly memoryBytes: number;
  readonly directories: TempDirectories;
  /** Where they are. */
  readonly tempParent: string;
  /** The environment that compilers inherit, with PATH as this process has it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where compilers are, if it was said explicitly. */
  readonly compilerPath: string | undefined;
  readonly native: NativeSide;
  /** Of its page for people. */
  readonly pageFile: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Set when clients are brought by `distccd --inetd` (carried.ts). */
  readonly carried: { readonly keepSeconds: number } | undefined;
  /** Called when no client has come for that long. */
  readonly onIdle: () => void;
}

export class Worker {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #counts = noCounts();
  readonly #server: WorkerServer;
  readonly #stats: StatsDoor;
  readonly #native: NativeSide;
  #reapi: ReapiDoor | undefined;
  #http: HttpDoor | undefined;
  #longest: LongestJob | undefined;

  constructor(options: WorkerOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    const maxBytes = Math.min(WIRE_LIMITS.bodyBytes, Math.max(options.memoryBytes / 2, 16 << 20));
    const here = local({
      runner: options.runner,
      directories: options.directories,
      environment: compilerEnvironment(options),
      niceness: options.niceness,
      maxOutputBytes: Math.trunc(maxBytes),
      maxSourceBytes: Math.trunc(maxBytes),
    });
    const activity = new Activity(options.clock);
    const watched = activity.watch(here);
    const lifetimeMs = options.jobLifetimeSeconds * 1000;
    const places = new Places(options.jobs);
    const execute = places.bound(lifetimeMs > 0 ? limited(watched, lifetimeMs, options.clock) : watched);
    const remembered = this.#rememberTexts(execute, options.native);
    const gauges = (): Record<string, number> => ({
      manyhands_running: places.running,
      manyhands_queued: places.waiting,
      manyhands_connections: this.#server.connections,
    });
    const sources = {
      counts: this.#counts,
      longestJob: (): LongestJob | undefined => this.#longest,
      activity,
      machine: new Machine(options.tempParent, options.clock),
      jobs: options.jobs,
      gauges,
    };
    const startedMs = options.clock.wallMs();
    const metered = (): MetricsSources => ({
      counts: this.#counts,
      startedMs,
      jobs: options.jobs,
      running: places.running,
      queued: places.waiting,
      connections: this.#server.connections,
    });
    const admit = admission(options.networks);
    this.#native = options.native;
    const bound = (run: RunBoxed): RunBoxed =>
      places.bound(limitedBox(activity.watch(run), lifetimeMs, options.clock));
    this.#stats = new StatsDoor({
      listeners: options.statsListeners,
      admission: admit,
      page: async () => formatStatusPage(await collectStatus(sources)),
      log: options.log,
    });
    this.#server = new WorkerServer({
      listeners: options.listeners,
      carried: options.carried && { keepMs: options.carried.keepSeconds * 1000, onIdle: options.onIdle },
      admission: admit,
      execute: remembered,
      openSession: (socket, begun) => {
        this.#reapi ??= this.#openReapi(bound);
        this.#reapi.accept(socket, begun);
      },
      openHttp: (socket, begun) => {
        this.#http ??= this.#openHttp({
          page: async () => formatStatusBody(await collectStatus(sources)),
          metrics: () => formatWorkerMetrics(metered()),
          site: new PageDoor({
            readPage: () => readPage(options.pageFile),
            figures: () => collectFigures(metered(), { activity, nowMs: options.clock.wallMs() }),
          }),
        });
        this.#http.accept(socket, begun);
      },
      drainSessions: () => {
        this.#reapi?.drain(options.ioTimeoutSeconds);
        this.#http?.drain();
      },
      whitelist: options.whitelist,
      sysroot: options.sysroot,
      maxSourceBytes: Math.trunc(maxBytes),
      intake: new Intake(options.memoryBytes),
      counts: this.#counts,
      clock: options.clock,
      log: options.log,
      ioTimeoutMs: options.ioTimeoutSeconds * 1000,
      compiled: (job) => this.#compiled(job),
    });
  }

  /** What was compiled before takes none of the places. */
  #rememberTexts(execute: Executor, { openTexts }: NativeSide): Executor {
    if (openTexts === undefined) return execute;
    let opened: Executor | undefined;
    const onRemembered = (): void => void this.#counts.manyhands_cached++;
    return (action, signal) => (opened ??= remembering(execute, openTexts(), onRemembered))(action, signal);
  }

  async listen(): Promise<void> {
    await Promise.all([this.#server.listen(), this.#stats.listen()]);
  }

  /** In the words of distcc's log and statistics: a compile is one, whichever door it came in by. */
  #tell(execution: Executed): void {
    const counts = this.#counts;
    if (execution.ending === 'cached') counts.manyhands_cached++;
    if (execution.ending === 'refused') counts.manyhands_refused++;
    if (execution.ending !== 'ran') return;
    counts.manyhands_executed++;
    const { peer, failure, waitStatus, timeMs } = execution;
    const argv = commandWithin(execution.argv);
    const result = resultOf(failure, waitStatus);
    count(counts, result);
    const summary = { result, waitStatus, timeMs, job: execution.job };
    this.#log('notice', formatSummary(peer, { argv }, summary), fieldsOf(peer, { argv }, summary));
    if (result === 'COMPILE_OK' || result === 'COMPILE_ERROR')
      this.#compiled({ ...namesOf({ argv }), timeMs });
  }

  #compiled(job: LongestJob): void {
    if (this.#longest === undefined || job.timeMs > this.#longest.timeMs) this.#longest = job;
  }

  #openHttp(pages: Pick<HttpDoorOptions, 'page' | 'metrics' | 'site'>): HttpDoor {
    return new HttpDoor({ ...pages, kept: this.#native.openKept?.(), log: this.#log });
  }

  /** @param bound gives each job one of the worker's places. */
  #openReapi(bound: (run: RunBoxed) => RunBoxed): ReapiDoor {
    const { stores, box } = this.#native.open();
    return new ReapiDoor({
      stores,
      box: box && { ...box, run: bound(box.run) },
      log: this.#log,
      onUpload: (bytes) => {
        this.#counts.manyhands_uploaded_bytes += bytes;
      },
      clock: this.#clock,
      onExecuted: (execution) => this.#tell(execution),
    });
  }

  /** Resolves when the last job is answered, or `seconds` are over and it was stopped. May be called again to hurry. */
  async drain(seconds: number): Promise<void> {
    this.#log('notice', `stopping: ${this.#server.connections} connections have ${seconds} s to end`);
    const timer = setTimeout(() => this.#server.closeAll(), seconds * 1000);
    this.#stats.close();
    await this.#server.drain();
    this.#native[Symbol.dispose]();
    clearTimeout(timer);
    this.#log(
      'notice',
      `done: ${formatCounts({ ...this.#counts })
        .trim()
        .replaceAll('\n', ', ')}`,
    );
  }
}

function limitedBox(run: RunBoxed, lifetimeMs: number, clock: Clock): RunBoxed {
  return lifetimeMs > 0 ? limited(run, lifetimeMs, clock) : run;
}

function resultOf(failure: Failure['kind'] | undefined, waitStatus: WaitStatus): JobResult {
  switch (failure) {
    case undefined:
      return waitStatus === 0 ? 'COMPILE_OK' : 'COMPILE_ERROR';
    case 'timed-out':
      return 'COMPILE_TIMEOUT';
    case 'cancelled':
      return 'CLI_DISCONN';
    default:
      return 'OTHER';
  }
}

export function compilerEnvironment(
  options: Pick<WorkerOptions, 'environment' | 'compilerPath'>,
): ByteString[] {
  const environment = {
    ...options.environment,
    PATH: compilerPath(options.compilerPath ?? options.environment['PATH']),
    _DISTCC_SAFEGUARD: '1',
  };
  return Object.entries(environment)
    .filter(([name, value]) => value !== undefined && name !== 'TMPDIR' && name !== 'PWD')
    .map(([name, value]) => fromText(`${name}=${value}`));
}
