/** Serves one launcher: runs its job, tells it the outcome, and sees to it that nothing is left behind. */
import { exitCodeOf, exited } from '../base/wait-status.ts';
import type { Log } from '../base/log.ts';
import { STAY_REASONS } from '../command/stay-reason.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import type { BufferPool } from '../files/buffer-pool.ts';
import { readHosts } from './host-lists.ts';
import type { HostList } from '../hosts/host.ts';
import type { Slot } from '../hosts/slots.ts';
import type { RemoteHosts } from '../execute/remote.ts';
import { watchProcess } from '../process/process-watch.ts';
import { CallerGone, type Caller } from './caller.ts';
import type { FrontEnds } from './front-ends.ts';
import type { CallersToolchains } from './callers-toolchains.ts';
import type { Headers } from './headers.ts';
import { runJob, type JobContext } from './job.ts';
import { HOME_REASONS } from './home-reason.ts';
import { elapsedLine, executionLine, exitLine } from './log-lines.ts';
import { JobLog } from './job-log.ts';
import type { JobRecord } from './job-record.ts';
import type { LocalSlots } from './local-slots.ts';
import type { Outcome, RunHere } from './outcome.ts';
import type { OwnCache } from './own-cache.ts';
import { SavedTemps } from './saved-temps.ts';
import { Staging } from './staging.ts';

export interface ServeContext {
  readonly caller: Caller;
  readonly settings: ClientSettings;
  readonly record: JobRecord;
  readonly remote: RemoteHosts;
  readonly local: LocalSlots;
  readonly spool: string;
  readonly pool: BufferPool;
  readonly frontEnds: FrontEnds;
  readonly headers: Headers;
  readonly toolchains: CallersToolchains;
  readonly cache: OwnCache | undefined;
  readonly build: string;
  readonly agentLog: Log;
}

const NOTHING = new Uint8Array();

/** Never rejects: a job that ends by our fault goes home. */
export async function serve(context: ServeContext): Promise<void> {
  const { caller, settings, record, agentLog } = context;
  const { pid, directory, umask } = caller.invocation;
  const log = new JobLog(pid, { directory, settings, job: record.name });
  using staging = new Staging(umask);
  const temps = new SavedTemps(settings.saveTempsIn, log.say);
  log.say('debug', `build ${context.build}, agent ${process.pid}; ${describeHosts(settings)}`);
  try {
    const outcome = await outcomeOf({ ...context, log, staging, temps });
    await conclude({ ...context, log, staging }, outcome);
  } catch (error) {
    if (error instanceof CallerGone) {
      record.finish({ ending: 'cancelled', host: '', reason: 'cancelled', detail: error.message });
    } else {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      agentLog('error', `a job ended by our fault, please report: ${detail}`);
      staging[Symbol.dispose]();
      if (!caller.isDecided) caller.runHere({ argv: [], environment: [], message: '' });
      record.finish({ ending: 'local', host: 'localhost', reason: 'our-fault', detail });
    }
  }
  // What was staged belongs to the launcher until it has ended.
  await caller.closed;
}

type Job = ServeContext & { readonly log: JobLog; readonly staging: Staging };

async function outcomeOf(job: JobContext & { readonly build: string }): Promise<Outcome> {
  const { invocation } = job.caller;
  if (invocation.build !== job.build) {
    return { kind: 'run-here', reason: 'other-build', detail: invocation.build };
  }
  return runJob(job);
}

async function conclude(job: Job, outcome: Outcome): Promise<void> {
  const { caller, record, log } = job;
  const { umask } = caller.invocation;
  switch (outcome.kind) {
    case 'run-here':
      return runHere(job, outcome);
    case 'fail': {
      const { exitCode, reason, detail } = outcome;
      tellEnd(job, exitCode);
      const message = log.flush(umask);
      caller.exit({ status: exited(exitCode), message, stdout: NOTHING, stderr: NOTHING, moves: [] });
      return record.finish({ ending: 'failed', host: '', reason, detail });
    }
    case 'deliver': {
      const { status, stdout, stderr, moves, host } = outcome;
      tellEnd(job, exitCodeOf(status));
      caller.exit({ status, message: log.flush(umask), stdout, stderr, moves });
      const ending = host === '' ? 'cached' : 'remote';
      return record.finish({ ending, host, reason: '', detail: '' });
    }
  }
}

async function runHere(job: Job, outcome: RunHere): Promise<void> {
  const { caller, record, log, staging } = job;
  const { reason, detail } = outcome;
  record.phase('blocked', 'localhost');
  using _slot = outcome.slot ?? (await localSlotFor(job, outcome));
  // Gone before the compiler comes: nothing of ours may be in its way.
  staging[Symbol.dispose]();
  record.phase('compile', 'localhost');
  const { argv, pid, umask } = caller.invocation;
  log.say('debug', `compiled here: ${describe(outcome)}`);
  log.say('info', executionLine('localhost', argv));
  caller.runHere({ argv: [], environment: [], message: log.flush(umask) });
  // A grandchild that outlives the compiler may hold the connection open.
  using _watch = watchProcess(pid, () => caller.hangUp());
  await caller.closed;
  // Its exit code is the shell's alone, and its standard error not ours any more.
  log.say('info', elapsedLine(record.elapsedMs));
  log.flush(umask);
  record.finish({ ending: 'local', host: 'localhost', reason, detail });
}

function describeHosts({ hosts }: ClientSettings): string {
  return hosts === undefined ? 'no host list is set' : `hosts from ${hosts.from}: ${hosts.text.trim()}`;
}

function describe({ reason, detail }: RunHere): string {
  const sentence = { ...STAY_REASONS, ...HOME_REASONS }[reason];
  return detail === '' ? sentence : `${sentence}: ${detail}`;
}

/** Of a job whose launcher leaves with this code. */
function tellEnd({ record, log, caller }: Job, exitCode: number): void {
  log.say('info', elapsedLine(record.elapsedMs));
  log.say('info', exitLine(exitCode, caller.childrenUs));
}

function localSlotFor({ caller, local, settings }: Job, { reason }: RunHere): Promise<Slot> {
  const { signal } = caller;
  const hosts = hostListOf(settings);
  switch (reason) {
    case 'preprocess-only':
      return local.forPreprocessor(hosts, signal);
    case 'compile-error':
    case 'other-language':
    case 'hosts-failed':
    case 'no-hosts':
    case 'all-down':
    case 'none-usable':
    case 'all-tried':
    case 'all-backed-off':
    case 'no-host-list':
    case 'bad-host-list':
    case 'bad-setting':
      return local.forFallback(hosts, signal);
    default:
      return local.forUndistributable(hosts, signal);
  }
}

function hostListOf({ hosts }: ClientSettings): HostList | undefined {
  if (hosts === undefined) return undefined;
  const parsed = readHosts(hosts.text);
  return parsed.ok ? parsed.value : undefined;
}
