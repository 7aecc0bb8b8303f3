/**
 * The way of one job, from Invocation to Outcome: the order of the stages, and nothing else.
 *
 * Whatever is in doubt ends as `run-here`: the compiler runs as if we were not there.
 */
import path from 'node:path';
import { EXIT } from '../base/exit-code.ts';
import { fromText } from '../base/byte-string.ts';
import { exitCodeOf } from '../base/wait-status.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { ClientSettings } from '../command/client-settings.ts';
import { remoteArgv } from '../command/rewrite.ts';
import type { Dispatched, RemoteHosts } from '../execute/remote.ts';
import type { Caller } from './caller.ts';
import { HOME_REASONS, type HomeReason } from './home-reason.ts';
import type { JobLog } from './job-log.ts';
import type { JobRecord } from './job-record.ts';
import type { LocalSlots } from './local-slots.ts';
import type { Deliver, Fail, Outcome, RunHere } from './outcome.ts';
import { plan, type Plan } from './plan.ts';
import { preprocess, type Preprocessed } from './preprocess.ts';
import { canReplace, type Staging } from './staging.ts';

export interface JobContext {
  readonly caller: Caller;
  readonly settings: ClientSettings;
  readonly staging: Staging;
  readonly remote: RemoteHosts;
  readonly spool: string;
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
  const { caller, staging, record } = job;
  const { command, hosts } = planned;
  const target = absolute(caller, command.output);
  const dependencyTarget = command.dependencies && absolute(caller, command.dependencies.file);
  for (const name of [target, dependencyTarget]) {
    if (name !== undefined && !canReplace(name))
      return { kind: 'run-here', reason: 'odd-target', detail: name };
  }
  const objectFile = staging.nameBeside(target);
  const dependencyFile = dependencyTarget && staging.nameBeside(dependencyTarget);
  caller.announce(staging.names);

  let warnings: Uint8Array = new Uint8Array();
  const dispatched = await job.remote.dispatch(hosts, {
    signal: caller.signal,
    ioTimeoutMs: job.settings.ioTimeoutMs,
    backoffMs: job.settings.backoffMs,
    onPhase: (phase, host) => record.phase(phase, host),
    onTrouble: (host, failure) => {
      record.trouble(host, failure);
      job.log.say('warning', failure.message);
    },
    prepare: async () => {
      const prepared = await prepare(job, planned, dependencyFile);
      if (prepared === undefined) return undefined;
      ({ warnings } = prepared);
      return { argv: remoteArgv(command).map(fromText), source: prepared.text };
    },
  });
  switch (dispatched.kind) {
    case 'unprepared':
      return { kind: 'run-here', reason: 'preprocessor-failed', detail: command.source };
    case 'local-turn':
      return { kind: 'run-here', reason: 'local-turn', detail: 'localhost', slot: dispatched.slot };
    case 'nobody':
      return comeHome(job, dispatched.reason, hosts.hosts.map(({ token }) => token).join(' '));
    case 'failed':
      return comeHome(job, 'hosts-failed', dispatched.failure.message);
    case 'answered':
      break;
  }
  record.traffic(dispatched.bytesSent, dispatched.bytesReceived);
  if (dispatched.result.waitStatus !== 0 && !isErrorBelieved(job))
    return repeatHere(job, command, dispatched);
  const moves = [
    ...(dependencyFile === undefined || dependencyTarget === undefined
      ? []
      : [{ from: dependencyFile, to: dependencyTarget }]),
    { from: objectFile, to: target },
  ];
  return deliver(job, dispatched, { warnings, objectFile, moves });
}

/** Preprocesses when there is a place for one more preprocessor; a text that is there already needs none. */
async function prepare(
  job: JobContext,
  { command, hosts }: Goes,
  dependencyFile: string | undefined,
): Promise<Preprocessed | undefined> {
  const { caller, staging, spool, local, record } = job;
  record.phase('blocked', 'localhost');
  using _slot = await local.forPreprocessor(hosts, caller.signal);
  record.phase('preprocess', 'localhost');
  return await preprocess(command, {
    caller,
    staging,
    spool,
    ...(dependencyFile === undefined ? {} : { dependencyFile }),
  });
}

interface Delivery {
  readonly warnings: Uint8Array;
  readonly objectFile: string;
  readonly moves: Deliver['moves'];
}

function deliver(job: JobContext, answered: Answered, { warnings, objectFile, moves }: Delivery): Outcome {
  const { result, host } = answered;
  job.record.phase('deliver', host);
  const isObject = result.waitStatus === 0;
  if (isObject) {
    try {
      job.staging.write(objectFile, result.object);
    } catch (error) {
      return { kind: 'run-here', reason: 'cannot-stage', detail: String(error) };
    }
  }
  return {
    kind: 'deliver',
    host,
    status: result.waitStatus,
    stdout: result.stdout,
    stderr: Buffer.concat([warnings, result.stderr]),
    // A compiler that fails leaves no dependency file behind either.
    moves: isObject ? moves : [],
  };
}

type Answered = Extract<Dispatched, { kind: 'answered' }>;

function repeatHere(job: JobContext, command: CompileCommand, answered: Answered): RunHere {
  const code = exitCodeOf(answered.result.waitStatus);
  job.log.say('warning', `remote compilation of '${command.source}' failed, retrying locally`);
  return { kind: 'run-here', reason: 'compile-error', detail: `${answered.host} gave exit code ${code}` };
}

/** The step down for a job that nobody else can do: here, unless the caller will not have it. */
function comeHome(job: JobContext, reason: HomeReason, detail: string): RunHere | Fail {
  if (job.settings.fallback) {
    job.log.say(
      'warning',
      `failed to distribute, running locally instead: ${HOME_REASONS[reason]}: ${detail}`,
    );
    return { kind: 'run-here', reason, detail };
  }
  job.log.say('crit', `failed to distribute and fallbacks are disabled: ${detail}`);
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

function absolute(caller: Caller, name: string): string {
  return path.resolve(caller.invocation.directory, name);
}
