/**
 * Runs a BlobAction on one server of the Remote Execution API. Where the server is ours, the word to execute it
 * follows its inputs at once: one round trip. What it turns out not to have is sent, and it is told again.
 */
import { AssertionError } from 'node:assert';
import type { BlobAction } from '../action/action.ts';
import { parseDigest, type Digest } from '../base/digest.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Phase } from '../events/event.ts';
import { GRPC_STATUS, type GrpcReply } from '../net/grpc-session.ts';
import {
  decodeOperation,
  decodeStatus,
  encodeExecute,
  type Blob,
  type RpcStatus,
} from '../wire/reapi/client-messages.ts';
import type { ExecutionResult } from '../wire/reapi/execution-result.ts';
import { FAST_PACKING, PACKED_HEADER, SMALL_PACKING } from '../wire/reapi/packed-outputs.ts';
import { METHODS } from '../wire/reapi/methods.ts';
import { AFTER_HEADER, JOB_HEADER } from '../wire/reapi/headers.ts';
import { fetchResult } from './fetch-result.ts';
import type { Answer } from './over-distcc.ts';
import { answerOfPlain } from './plain-answer.ts';
import type { Call, Server, Traffic } from './server.ts';
import { upload } from './upload.ts';

export interface OverReapiOptions {
  /** Its name, for the worker's log. */
  readonly job: string;
  readonly signal: AbortSignal;
  /** How long the host may be silent, compiling included. */
  readonly ioTimeoutMs: number;
  readonly onPhase: (phase: Phase) => void;
  /** Called when the host is done with it, though not all of its answer may be here: it could run another one. */
  readonly onComputed: () => void;
}

/** The host would compile it, had it that compiler. */
export interface NoToolchain {
  readonly kind: 'no-toolchain';
  /** What it has in its place; empty where that is nothing. */
  readonly version: string;
  readonly message: string;
}

/** A job whose blobs go missing again and again is better off elsewhere. */
const MOST_TRIES = 4;

export async function executeOverReapi(
  server: Server,
  action: BlobAction,
  options: OverReapiOptions,
): Promise<Result<Answer, Failure | NoToolchain>> {
  try {
    return await converse(server, action, options);
  } catch (error) {
    // What a decoder says of bytes that are no such message.
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof AssertionError)
      throw error;
    return err({ kind: 'derailed', message: `${server.name} sent nonsense: ${error.message}` });
  }
}

async function converse(
  server: Server,
  action: BlobAction,
  options: OverReapiOptions,
): Promise<Result<Answer, Failure | NoToolchain>> {
  const traffic: Traffic = { bytesSent: 0, bytesReceived: 0 };
  const call = { signal: options.signal, silenceMs: options.ioTimeoutMs, traffic };
  const { onPhase } = options;
  onPhase('send');
  for (let triesLeft = MOST_TRIES; triesLeft > 0; triesLeft--) {
    const executed = await execute(server, action, { ...options, call });
    if (!executed.ok) return executed;
    if (executed.value === 'again') continue;
    options.onComputed();
    onPhase('receive');
    const result = await fetchResult(server, action, executed.value, call);
    if (!result.ok) return result;
    const answer = server.isPlain ? answerOfPlain(server.name, result.value) : result;
    return answer.ok ? ok(Object.assign(answer.value, traffic)) : answer;
  }
  return err({ kind: 'refused', message: `${server.name} loses what it is sent` });
}

async function execute(
  server: Server,
  action: BlobAction,
  { call, job, onPhase, onComputed }: OverReapiOptions & { readonly call: Call },
): Promise<Result<ExecutionResult | 'again', Failure | NoToolchain>> {
  const { known } = server;
  const blobs = [
    ...known.lacks(action.directories),
    ...known.lacks(action.files),
    ...known.lacks([action.command, action.action]),
  ];
  const { begun, done } = upload(server, blobs, call);
  if (server.isPlain) {
    const uploaded = await done;
    if (!uploaded.ok) return uploaded;
  }
  const after = server.uploads.unanswered(await begun);
  onPhase('compile');
  const request = encodeExecute({
    instance: server.instance,
    action: action.action.digest,
    inlineOutputs: server.takesZstd && !server.isPlain ? [] : outputsOf(action),
  });
  const { traffic, ...options } = call;
  const [reply, uploaded] = await Promise.all([
    server.session.call(METHODS.execute, [request], {
      ...options,
      ...(!server.isPlain && {
        headers: {
          [JOB_HEADER]: job,
          [PACKED_HEADER]: server.isFar ? SMALL_PACKING : FAST_PACKING,
          ...(after.length > 0 && { [AFTER_HEADER]: after.join(',') }),
        },
        // What ours says meanwhile is little.
        onLargeMessage: onComputed,
      }),
    }),
    done,
  ]);
  if (!uploaded.ok) return uploaded;
  if (!reply.ok) return reply;
  traffic.bytesSent += reply.value.bytesSent;
  traffic.bytesReceived += reply.value.bytesReceived;
  return judge(server, action, reply.value);
}

function judge(
  { name, known, isPlain }: Server,
  action: BlobAction,
  reply: GrpcReply,
): Result<ExecutionResult | 'again', Failure | NoToolchain> {
  const last = reply.messages.at(-1);
  const executed = last === undefined ? undefined : decodeOperation(last);
  if (reply.status === 0 && executed?.kind === 'result') return ok(executed.result);
  const status = executed?.kind === 'status' ? executed.status : statusOf(reply);
  const missing = status.violations.flatMap(missingBlob);
  if (missing.length > 0) {
    // Another make may name the first alone that it came upon.
    known.forget(isPlain ? blobsOf(action).map(({ digest }) => digest) : missing);
    return ok('again');
  }
  const toolchain = status.violations.find(({ type }) => type === 'TOOLCHAIN');
  if (toolchain !== undefined) {
    const version = toolchain.subject;
    const has = version === '' ? 'no such compiler' : version;
    return err({ kind: 'no-toolchain', version, message: `${name} has not this very compiler, but ${has}` });
  }
  return err({ kind: failureOf(status.code), message: `${name} refuses: ${status.message}` });
}

function statusOf({ status, message, details }: GrpcReply): RpcStatus {
  const told = details === undefined ? undefined : decodeStatus(details);
  return told ?? { code: status, message: message === '' ? `status ${status}` : message, violations: [] };
}

function missingBlob({ type, subject }: { type: string; subject: string }): Digest[] {
  const digest = type === 'MISSING' ? parseDigest(subject.replace(/^blobs\//, '')) : undefined;
  return digest === undefined ? [] : [digest];
}

function failureOf(code: number): Failure['kind'] {
  switch (code) {
    case GRPC_STATUS.unavailable:
      return 'unreachable';
    case GRPC_STATUS.deadlineExceeded:
      return 'timed-out';
    default:
      return 'refused';
  }
}

function blobsOf({ directories, files, command, action }: BlobAction): readonly Blob[] {
  return [...directories, ...files, command, action];
}

function outputsOf({ outputs }: BlobAction): string[] {
  return outputs.dependencies === undefined ? [outputs.object] : [outputs.object, outputs.dependencies];
}
