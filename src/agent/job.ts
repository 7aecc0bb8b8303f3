/**
 * The way of one job, from Invocation to Outcome: the order of the stages, and nothing else.
 *
 * Whatever is in doubt ends as `run-here`: the compiler runs as if we were not there.
 */
import assert from 'node:assert';
import path from 'node:path';
import { EXIT } from '../base/exit-code.ts';
import { err, ok, type Result } from '../base/result.ts';
import { fromBytes, fromText, toBytes } from '../base/byte-string.ts';
import { exitCodeOf } from '../base/wait-status.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import { namesAssemblerFile } from '../command/assembler-text.ts';
import { joinDiagnostics } from '../command/diagnostics.ts';
import { remoteArgv } from '../command/rewrite.ts';
import type { BufferPool } from '../files/buffer-pool.ts';
import type { Dispatched, RemoteHosts } from '../execute/remote.ts';
import type { Caller } from './caller.ts';
import { HOME_REASONS, type HomeReason } from './home-reason.ts';
import type { JobLog } from './job-log.ts';
import type { JobRecord } from './job-record.ts';
import type { LocalSlots } from './local-slots.ts';
import type { Move } from '../wire/launcher/agent-message.ts';
import type { Fail, Outcome, RunHere } from './outcome.ts';
import { plan, type Plan } from './plan.ts';
import { NO_BYPRODUCTS, preprocess, type Byproducts, type Preprocessed } from './preprocess.ts';
import { canReplace, type Staging } from './staging.ts';

export interface JobContext {
  readonly caller: Caller;
  readonly settings: ClientSettings;
  readonly staging: Staging;
  readonly remote: RemoteHosts;
  readonly spool: string;
  readonly pool: BufferPool;
  readonly log: JobLog;
  readonly record: JobRecord;
  readonly local: LocalSlots;
}

/** @throws {CallerGone} when the launcher goes away meanwhile. */
export async function runJob(job: JobContext): Promise<Outcome> {
  const planned = plan(job.caller.invocation, job.settings);
  switch (planned.kind) {
    case 'stays':
      return { kind: 'run-here', reason: planned.reason, detail: planned.detail };
    case 'cannot-distribute':
      return comeHome(job, planned.reason, planned.detail);
    case 'goes':
      return compileRemotely(job, planned);
  }
}

type Goes = Extract<Plan, { kind: 'goes' }>;

async function compileRemotely(job: JobContext, planned: Goes): Promise<Outcome> {
  const targets = chooseTargets(job, planned.command);
  if ('kind' in targets) return targets;
  const { caller, record, log, settings } = job;
  let byproducts = NO_BYPRODUCTS;
  using leases = new DisposableStack();
  const dispatched = await job.remote.dispatch<RunHere>(planned.hosts, {
    signal: caller.signal,
    ioTimeoutMs: settings.ioTimeoutMs,
    backoffMs: settings.backoffMs,
    ssh: settings.ssh,
    onPhase: (phase, host) => record.phase(phase, host),
    onTrouble: (host, failure) => {
      record.trouble(host, failure);
      log.say('warning', failure.message);
    },
    prepare: async () => {
      const prepared = await prepare(job, planned, targets);
      if (!prepared.ok) return prepared;
      ({ byproducts } = prepared.value);
      return ok({
        argv: remoteArgv(planned.command).map(fromText),
        source: leases.use(prepared.value.text).bytes,
      });
    },
  });
  switch (dispatched.kind) {
    case 'unprepared':
      return dispatched.objection;
    case 'local-turn':
      return { kind: 'run-here', reason: 'local-turn', detail: 'localhost', slot: dispatched.slot };
    case 'nobody':
      return comeHome(job, dispatched.reason, planned.hosts.hosts.map(({ token }) => token).join(' '));
    case 'failed':
      return comeHome(job, 'hosts-failed', dispatched.failure.message);
    case 'answered':
      record.traffic(dispatched.bytesSent, dispatched.bytesReceived);
      // Nothing is written beside the targets of a caller that compiles there itself by now.
      await caller.confirm();
      return dispatched.result.waitStatus !== 0 && !isErrorBelieved(job)
        ? repeatHere(job, planned.command, dispatched)
        : deliver(job, dispatched, { byproducts, targets });
  }
}

/** What the compile writes: each under its temporary name, and where it goes. */
interface Targets {
  readonly object: Move;
  readonly dependencies: Move | undefined;
}

function chooseTargets({ caller, staging }: JobContext, command: CompileCommand): Targets | RunHere {
  const names = [command.output, ...(command.dependencies === undefined ? [] : [command.dependencies.file])];
  const [object, dependencies] = names.map((name) => path.resolve(caller.invocation.directory, name));
  for (const name of [object, dependencies]) {
    if (name !== undefined && !canReplace(name))
      return { kind: 'run-here', reason: 'odd-target', detail: name };
  }
  assert(object !== undefined);
  const stage = (to: string): Move => ({ from: staging.nameBeside(to), to });
  return {
    object: stage(object),
    dependencies: dependencies === undefined ? undefined : stage(dependencies),
  };
}

/** Preprocesses as soon as there is room for one more preprocessor. */
async function prepare(
  job: JobContext,
  { command, hosts }: Goes,
  { dependencies }: Targets,
): Promise<Result<Preprocessed, RunHere>> {
  const { caller, staging, pool, spool, local, record } = job;
  record.phase('blocked', 'localhost');
  using _slot = await local.forPreprocessor(hosts, caller.signal);
  record.phase('preprocess', 'localhost');
  const wantsDependencies = dependencies !== undefined;
  const preprocessed = await preprocess(command, { caller, staging, pool, spool, wantsDependencies });
  if (preprocessed === undefined) {
    return err({ kind: 'run-here', reason: 'preprocessor-failed', detail: command.source });
  }
  if (namesAssemblerFile(preprocessed.text.bytes)) {
    return err({ kind: 'run-here', reason: 'assembler-file', detail: command.source });
  }
  return ok(preprocessed);
}

type Answered = Extract<Dispatched<RunHere>, { kind: 'answered' }>;

interface Delivery {
  readonly byproducts: Byproducts;
  readonly targets: Targets;
}

function deliver(job: JobContext, { result, host }: Answered, { byproducts, targets }: Delivery): Outcome {
  job.record.phase('deliver', host);
  const { object, dependencies } = targets;
  const isObject = result.waitStatus === 0;
  if (isObject) {
    try {
      if (dependencies !== undefined && byproducts.dependencies !== undefined)
        job.staging.write(dependencies.from, byproducts.dependencies);
      job.staging.write(object.from, result.object);
    } catch (error) {
      return { kind: 'run-here', reason: 'cannot-stage', detail: String(error) };
    }
  }
  // The object goes last: it is what make looks at.
  const moves = dependencies === undefined ? [object] : [dependencies, object];
  return {
    kind: 'deliver',
    host,
    status: result.waitStatus,
    stdout: result.stdout,
    stderr: toBytes(joinDiagnostics(fromBytes(byproducts.warnings), fromBytes(result.stderr))),
    // A compiler that fails leaves no dependency file behind either.
    moves: isObject ? moves : [],
  };
}

function repeatHere(job: JobContext, command: CompileCommand, answered: Answered): RunHere {
  const code = exitCodeOf(answered.result.waitStatus);
  job.log.say('warning', `remote compilation of '${command.source}' failed, retrying locally`);
  return { kind: 'run-here', reason: 'compile-error', detail: `${answered.host} gave exit code ${code}` };
}

/** The step down for a job that nobody else can do: here, unless the caller will not have it. */
function comeHome(job: JobContext, reason: HomeReason, detail: string): RunHere | Fail {
  // What hosts failed with was logged when they did.
  const why = reason === 'hosts-failed' || detail === '' ? '' : `: ${detail}`;
  if (job.settings.fallback) {
    job.log.say('warning', `failed to distribute, running locally instead: ${HOME_REASONS[reason]}${why}`);
    return { kind: 'run-here', reason, detail };
  }
  job.log.say('crit', `failed to distribute and fallbacks are disabled: ${HOME_REASONS[reason]}${why}`);
  return {
    kind: 'fail',
    exitCode: reason === 'bad-host-list' ? EXIT.badHostSpec : EXIT.noHosts,
    reason,
    detail,
  };
}

/** Whether the caller wants a remote compile error as the last word. */
function isErrorBelieved({ settings }: JobContext): boolean {
  return settings.skipLocalRetry || !settings.fallback;
}
