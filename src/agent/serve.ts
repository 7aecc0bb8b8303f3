/** Serves one launcher: runs its job, tells it the outcome, and sees to it that nothing is left behind. */
import { exited } from '../base/wait-status.ts';
import type { Log } from '../base/log.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import type { BufferPool } from '../files/buffer-pool.ts';
import { parseHosts } from '../hosts/parse.ts';
import type { HostList } from '../hosts/host.ts';
import type { Slot } from '../hosts/slots.ts';
import type { RemoteHosts } from '../execute/remote.ts';
import { watchProcess } from '../process/process-watch.ts';
import { CallerGone, type Caller } from './caller.ts';
import type { FrontEnds } from './front-ends.ts';
import { runJob } from './job.ts';
import { JobLog } from './job-log.ts';
import type { JobRecord } from './job-record.ts';
import type { LocalSlots } from './local-slots.ts';
import type { Outcome, RunHere } from './outcome.ts';
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
  readonly build: string;
  readonly agentLog: Log;
}

const NOTHING = new Uint8Array();

/** Never rejects: a job that ends by our fault goes home. */
export async function serve(context: ServeContext): Promise<void> {
  const { caller, settings, record, agentLog } = context;
  const { pid, directory, umask } = caller.invocation;
  const log = new JobLog(pid, directory, settings);
  using staging = new Staging(umask);
  try {
    const outcome = await outcomeOf({ ...context, log, staging });
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

async function outcomeOf(job: Job): Promise<Outcome> {
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
      const stderr = Buffer.from(log.flush(umask));
      caller.exit({ status: exited(exitCode), stdout: NOTHING, stderr, moves: [] });
      return record.finish({ ending: 'failed', host: '', reason, detail });
    }
    case 'deliver': {
      const { status, stdout, moves, host } = outcome;
      const stderr = Buffer.concat([Buffer.from(log.flush(umask)), outcome.stderr]);
      caller.exit({ status, stdout, stderr, moves });
      return record.finish({ ending: 'remote', host, reason: '', detail: '' });
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
  caller.runHere({ argv: [], environment: [], message: log.flush(caller.invocation.umask) });
  // A grandchild that outlives the compiler may hold the connection open.
  using _watch = watchProcess(caller.invocation.pid, () => caller.hangUp());
  await caller.closed;
  record.finish({ ending: 'local', host: 'localhost', reason, detail });
}

function localSlotFor({ caller, local, settings }: Job, { reason }: RunHere): Promise<Slot> {
  const { signal } = caller;
  const hosts = hostListOf(settings);
  switch (reason) {
    case 'preprocess-only':
      return local.forPreprocessor(hosts, signal);
    case 'compile-error':
    case 'hosts-failed':
    case 'no-hosts':
    case 'all-down':
    case 'none-usable':
    case 'all-tried':
    case 'all-backed-off':
    case 'no-host-list':
    case 'bad-host-list':
      return local.forFallback(signal);
    default:
      return local.forUndistributable(hosts, signal);
  }
}

function hostListOf({ hosts }: ClientSettings): HostList | undefined {
  if (hosts === undefined) return undefined;
  const parsed = parseHosts(hosts.text);
  return parsed.ok ? parsed.value : undefined;
}
