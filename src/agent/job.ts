/**
 * The way of one job, from Invocation to Outcome: the order of the stages, and nothing else.
 *
 * Whatever is in doubt ends as `run-here`: the compiler runs as if we were not there.
 */
import assert from 'node:assert';
import path from 'node:path';
import { EXIT } from '../base/exit-code.ts';
import { fromBytes, toBytes } from '../base/byte-string.ts';
import { freeMemory, isWholeBuffer } from '../base/memory.ts';
import { exitCodeOf } from '../base/wait-status.ts';
import type { ActionResult } from '../action/action.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { ClientSettings, SettingMistake } from '../command/client-settings.ts';
import { inCallersCharacters } from '../command/message-locale.ts';
import { joinDiagnostics } from '../command/diagnostics.ts';
import type { BufferPool } from '../files/buffer-pool.ts';
import type { Dispatched, RemoteHosts } from '../execute/remote.ts';
import type { Caller } from './caller.ts';
import type { FrontEnds } from './front-ends.ts';
import type { CallersToolchains } from './callers-toolchains.ts';
import type { Headers } from './headers.ts';
import { HOME_REASONS, type HomeReason } from './home-reason.ts';
import type { JobLog } from './job-log.ts';
import type { JobRecord } from './job-record.ts';
import type { SavedTemps } from './saved-temps.ts';
import { executionLine, startLine, statusLine, transferLine } from './log-lines.ts';
import type { LocalSlots } from './local-slots.ts';
import type { Move } from '../wire/launcher/agent-message.ts';
import type { Fail, Outcome, RunHere } from './outcome.ts';
import { isOfSource } from './compile-error.ts';
import { findTranslation } from './translation.ts';
import type { OwnCache } from './own-cache.ts';
import { plan, type Plan } from './plan.ts';
import { Sending } from './sending.ts';
import { canReplace, type Staging } from './staging.ts';

export interface JobContext {
  readonly caller: Caller;
  readonly settings: ClientSettings;
  readonly staging: Staging;
  readonly remote: RemoteHosts;
  readonly spool: string;
  readonly pool: BufferPool;
  readonly frontEnds: FrontEnds;
  readonly headers: Headers;
  readonly toolchains: CallersToolchains;
  /** undefined where it is off. */
  readonly cache: OwnCache | undefined;
  readonly log: JobLog;
  readonly record: JobRecord;
  readonly local: LocalSlots;
  readonly temps: SavedTemps;
}

/** @throws {CallerGone} when the launcher goes away meanwhile. */
export async function runJob(job: JobContext): Promise<Outcome> {
  const planned = plan(job.caller.invocation, job.settings);
  switch (planned.kind) {
    case 'stays':
      return { kind: 'run-here', reason: planned.reason, detail: planned.detail };
    case 'mistaken':
      return failOrComeHome(job, planned.mistake);
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
  const { caller, record, log, settings, temps } = job;
  const { command } = planned;
  log.say('info', startLine(command.source, command.output));
  log.say('info', `job ${record.name}`);
  for (const complaint of planned.hosts.complaints) log.say('warning', complaint);
  let sentMs = 0;
  using sending = new Sending(job, planned);
  const cached = await findCached(job, planned, sending);
  if (cached !== undefined) {
    const outcome = objectionToAnswer(job, command, cached) ?? deliver(job, cached, { sending, targets });
    if (isWholeBuffer(cached.result.object)) freeMemory(cached.result.object);
    return outcome;
  }
  const dispatched = await job.remote.dispatch<RunHere>(planned.hosts, {
    job: record.name,
    signal: caller.signal,
    ioTimeoutMs: settings.ioTimeoutMs,
    backoffMs: settings.backoffMs,
    ssh: () => settings.ssh,
    socksProxy: settings.socksProxy,
    onPhase: (phase, host) => {
      record.phase(phase, host);
      log.say('debug', `${phase} ${host}`);
      if (phase !== 'connect') return;
      log.say('info', executionLine(host, sending.argv));
      sentMs = record.elapsedMs;
    },
    onTrouble: (host, failure) => {
      record.trouble(host, failure);
      log.say('warning', failure.message);
    },
    prepare: (form) => sending.make(form),
    accept: (result, form) => sending.accept(result, form),
    onDemotion: (host, form, failure) => sending.fail(host, form, failure),
  });
  switch (dispatched.kind) {
    case 'unprepared':
      return dispatched.objection;
    case 'local-turn':
      return { kind: 'run-here', reason: 'local-turn', detail: 'localhost', slot: dispatched.slot };
    case 'unsendable':
      return { kind: 'run-here', reason: 'unsendable', detail: sending.demotion };
    case 'nobody':
      return comeHome(job, dispatched.reason, planned.hosts.hosts.map(({ token }) => token).join(' '));
    case 'failed':
      return comeHome(
        job,
        'hosts-failed',
        dispatched.failure.message,
        `${command.source} to ${dispatched.host}`,
      );
    case 'answered': {
      using _answer = dispatched;
      record.traffic(dispatched.bytesSent, dispatched.bytesReceived);
      // Nothing is written beside the targets of a caller that compiles there itself by now.
      await caller.confirm();
      temps.keepAnswer(dispatched.result);
      tellAnswer(job, planned, dispatched, {
        sentBytes: sending.bytes,
        elapsedMs: record.elapsedMs - sentMs,
      });
      if (dispatched.result.waitStatus === 0) sending.succeed();
      if (dispatched.scope !== undefined)
        await keep(job, { sending, scope: dispatched.scope, result: dispatched.result });
      return objectionToAnswer(job, command, dispatched) ?? deliver(job, dispatched, { sending, targets });
    }
  }
}

/** The own cache is asked where a result may have come to it: hosts that take blobs are on the list. */
async function findCached(
  { cache, remote, log }: JobContext,
  { hosts, command }: Goes,
  sending: Sending,
): Promise<Answered | undefined> {
  const scopes = cache === undefined || command.isPreprocessed ? [] : remote.scopes(hosts);
  if (scopes.length === 0) return undefined;
  const blobs = await sending.makeBlobs();
  for (const scope of scopes) {
    const result = blobs.ok ? await cache?.find(blobs.value, scope) : undefined;
    if (result === undefined) continue;
    log.say('info', `result of ${command.source} is in the cache`);
    return { host: '', form: 'blobs', result };
  }
  return undefined;
}

async function keep(
  { cache, log }: JobContext,
  { sending, scope, result }: { sending: Sending; scope: string; result: ActionResult },
): Promise<void> {
  const blobs = cache && (await sending.makeBlobs());
  if (blobs?.ok !== true || result.waitStatus !== 0) return;
  const isKept = await cache?.keep(blobs.value, result, scope);
  if (isKept !== true) log.say('info', 'the result could not be kept in the cache');
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

/** `host` is empty where the result was here already. */
type Answered = Pick<Extract<Dispatched<RunHere>, { kind: 'answered' }>, 'host' | 'form' | 'result'>;

interface Delivery {
  readonly sending: Sending;
  readonly targets: Targets;
}

function deliver(job: JobContext, { result, host, form }: Answered, { sending, targets }: Delivery): Outcome {
  job.record.phase('deliver', host);
  const { object, dependencies } = targets;
  const byproducts = sending.byproductsOf(result, form);
  const said = inCallersCharacters(fromBytes(result.stderr), job.caller.invocation.environment);
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
    stderr: toBytes(joinDiagnostics(fromBytes(byproducts.warnings), said)),
    // A compiler that fails leaves no dependency file behind either.
    moves: isObject ? moves : [],
  };
}

/** Why the compiler here has to have the last word. */
function objectionToAnswer(
  job: JobContext,
  { source, family }: CompileCommand,
  { host, result, form }: Answered,
): RunHere | undefined {
  if (isErrorBelieved(job)) return undefined;
  if (result.waitStatus !== 0 && !(form === 'blobs' && isOfSource(result))) {
    const code = exitCodeOf(result.waitStatus);
    job.log.say('warning', `remote compilation of '${source}' failed, retrying locally`);
    return { kind: 'run-here', reason: 'compile-error', detail: `${host} gave exit code ${code}` };
  }
  if (family !== 'gcc' || result.stderr.length === 0) return undefined;
  const catalogue = findTranslation(job.caller.invocation);
  return catalogue === undefined
    ? undefined
    : { kind: 'run-here', reason: 'other-language', detail: catalogue };
}

/** For the log. */
function tellAnswer(
  { log }: JobContext,
  { command, hosts }: Goes,
  { host, result }: Answered,
  { sentBytes, elapsedMs }: { sentBytes: number; elapsedMs: number },
): void {
  const { source } = command;
  const entry = hosts.hosts.find(({ token }) => token === host);
  const hostName = entry === undefined || entry.kind === 'local' ? host : entry.host;
  log.say('info', transferLine({ source, bytes: sentBytes, hostName, elapsedMs }));
  log.record(...statusLine('compile', { source, host, status: result.waitStatus }));
}

/** For a caller whose own settings are in the way. */
function failOrComeHome(job: JobContext, mistake: SettingMistake): RunHere | Fail {
  const { message, exitCode, isFatal } = mistake;
  if (!isFatal && job.settings.fallback) return comeHome(job, 'bad-setting', message);
  job.log.say('error', message);
  return { kind: 'fail', exitCode, reason: 'bad-setting', detail: message };
}

/**
 * The step down for a job that nobody else can do: here, unless the caller will not have it.
 *
 * @param what Of what went wrong with one host: the job and that host.
 */
function comeHome(job: JobContext, reason: HomeReason, detail: string, what?: string): RunHere | Fail {
  const failed = what === undefined ? 'failed to distribute' : `failed to distribute ${what}`;
  // What hosts failed with was logged when they did.
  const why = reason === 'hosts-failed' ? '' : [HOME_REASONS[reason], detail].filter(Boolean).join(': ');
  const because = why === '' ? '' : `: ${why}`;
  if (job.settings.fallback) {
    job.log.say('warning', `${failed}, running locally instead${because}`);
    return { kind: 'run-here', reason, detail };
  }
  job.log.say('error', `${failed} and fallbacks are disabled${because}`);
  return { kind: 'fail', exitCode: EXIT.noHosts, reason, detail };
}

/** Whether the caller wants a remote compile error as the last word. */
function isErrorBelieved({ settings }: JobContext): boolean {
  return settings.skipLocalRetry || !settings.fallback;
}
