/**
 * One job over distcc's protocol, from the whole request to the reply: is it allowed, what came of it,
 * and how the client is told. Every job that was received whole is answered, refused ones too.
 */
import { tameLine } from '../base/tame.ts';
import { hostname } from 'node:os';

import type { Action } from '../action/action.ts';
import type { ByteString } from '../base/byte-string.ts';
import { toText } from '../base/byte-string.ts';
import { EXIT } from '../base/exit-code.ts';
import type { Failure } from '../base/failure.ts';
import type { LogFields } from '../base/log.ts';
import { exitCodeOf, exited, signalOf } from '../base/wait-status.ts';
import type { WaitStatus } from '../base/wait-status.ts';
import type { Executor } from '../execute/executor.ts';
import { decodeSource } from '../wire/distcc/request.ts';
import type { ReceivedRequest } from '../wire/distcc/request.ts';
import { ProtocolError } from '../wire/distcc/protocol-error.ts';
import type { Reply } from '../wire/distcc/reply.ts';
import { refusalOf } from './refusal.ts';
import { placeSpecs } from './specs.ts';
import { findCompiler } from './whitelist.ts';
import type { WhitelistSettings } from './whitelist.ts';

/** How a job ended, in the words of distcc's log and statistics. */
export type JobResult =
  | 'COMPILE_OK'
  | 'COMPILE_ERROR'
  | 'COMPILE_TIMEOUT'
  | 'CLI_DISCONN'
  | 'REJ_BAD_REQ'
  | 'REFUSED'
  | 'OTHER';

export interface JobOutcome {
  readonly result: JobResult;
  /** Undefined when there is nobody to tell, or the request was no request. */
  readonly reply: Reply | undefined;
  /** For the log: why it went wrong. */
  readonly problem?: string;
}

export interface JobServices {
  readonly execute: Executor;
  readonly whitelist: WhitelistSettings;
  /** Whose files -specs may name. */
  readonly sysroot: string | undefined;
  readonly maxSourceBytes: number;
}

const NOTHING = new Uint8Array(0);

/** `signal` is aborted when the client has gone. */
export async function runJob(
  request: ReceivedRequest,
  services: JobServices,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const found = findCompiler(services.whitelist, request.argv[0] ?? '');
  const { argv, judged } = placeSpecs(request.argv, services.sysroot);
  const refusal = 'refusal' in found ? found.refusal : refusalOf(judged, request.kind);
  if (refusal !== undefined || 'refusal' in found) {
    return refused(request, refusal ?? '');
  }
  const action = actionOf(request, [found.compiler, ...argv.slice(1)], services.maxSourceBytes);
  try {
    const outcome = await services.execute(action, signal);
    if (!outcome.ok) return failed(request, outcome.error);
    const { waitStatus } = outcome.value;
    return {
      result: waitStatus === 0 ? 'COMPILE_OK' : 'COMPILE_ERROR',
      reply: { version: request.version, ...outcome.value },
    };
  } catch (error) {
    if (error instanceof ProtocolError) {
      return { result: 'REJ_BAD_REQ', reply: undefined, problem: error.message };
    }
    const problem = `the worker failed: ${(error as Error).message}`;
    return { result: 'OTHER', reply: sorry(request, exited(EXIT.failed), problem), problem };
  }
}

/** A reply that carries no object, but a sentence for whoever reads the compiler's errors. */
export function sorry(request: ReceivedRequest, waitStatus: WaitStatus, sentence: string): Reply {
  const stderr = Buffer.from(`distccd on ${hostname()}: ${sentence}\n`);
  return { version: request.version, waitStatus, stderr, stdout: NOTHING, object: NOTHING };
}

/** The line that distccd logs for each job; times in ms. */
export function formatSummary(peer: string, request: Command | undefined, outcome: Summary): string {
  const status = outcome.waitStatus;
  const result = outcome.result === 'REFUSED' ? 'OTHER' : outcome.result;
  const numbers =
    `exit:${exitCodeOf(status)} sig:${signalOf(status)} core:${(status >> 7) & 1} ` +
    `ret:${RETURNED[outcome.result]} time:${Math.round(outcome.timeMs)}ms`;
  const isCompile = result === 'COMPILE_OK' || result === 'COMPILE_ERROR';
  const { compiler, input } = namesOf(request);
  const names = isCompile && request !== undefined ? ` ${compiler} ${input}` : '';
  const job = outcome.job === undefined || outcome.job === '' ? '' : ` job:${outcome.job}`;
  return `client: ${peer} ${result} ${numbers}${names}${job}`;
}

/** The same for programs. */
export function fieldsOf(peer: string, request: Command | undefined, outcome: Summary): LogFields {
  const { result, waitStatus, timeMs, job = '' } = outcome;
  return {
    client: peer,
    result,
    exit: exitCodeOf(waitStatus),
    signal: signalOf(waitStatus),
    timeMs: Math.round(timeMs),
    ...(request && namesOf(request)),
    ...(job !== '' && { job }),
  };
}

/** What a job asks for, whichever door it came in by. */
type Command = Pick<ReceivedRequest, 'argv'>;

export interface Summary {
  readonly result: JobResult;
  readonly waitStatus: WaitStatus;
  readonly timeMs: number;
  /** Its name in the client's log, where that gives one. */
  readonly job?: string;
}

/** distcc's code for how the job went, beside the compiler's own. */
const RETURNED: Readonly<Record<JobResult, number>> = {
  COMPILE_OK: 0,
  COMPILE_ERROR: 0,
  COMPILE_TIMEOUT: EXIT.timeout,
  CLI_DISCONN: EXIT.ioError,
  REJ_BAD_REQ: EXIT.protocolError,
  REFUSED: EXIT.accessDenied,
  OTHER: EXIT.failed,
};

function refused(request: ReceivedRequest, why: string): JobOutcome {
  const sentence = `refused: ${why}. The client can compile it itself`;
  return { result: 'REFUSED', reply: sorry(request, exited(EXIT.accessDenied), sentence), problem: why };
}

function failed(request: ReceivedRequest, failure: Failure): JobOutcome {
  switch (failure.kind) {
    case 'cancelled':
      return { result: 'CLI_DISCONN', reply: undefined };
    case 'refused':
      return refused(request, failure.message);
    case 'timed-out':
      return {
        result: 'COMPILE_TIMEOUT',
        reply: sorry(request, exited(EXIT.timeout), failure.message),
        problem: failure.message,
      };
    default:
      return {
        result: 'OTHER',
        reply: sorry(request, exited(EXIT.failed), failure.message),
        problem: failure.message,
      };
  }
}

/** Its source is restored when the compiler's turn has come, not while it waits. */
function actionOf(request: ReceivedRequest, argv: readonly ByteString[], maxSourceBytes: number): Action {
  if (request.kind === 'tree') return { ...request, argv };
  return {
    kind: 'text',
    argv,
    received: request,
    get source() {
      return decodeSource(request, maxSourceBytes);
    },
  };
}

/** What is compiled by what, for people; without what would begin another line. */
export function namesOf(request: Command | undefined): { compiler: string; input: string } {
  const [compiler = ''] = request?.argv ?? [];
  return { compiler: tameLine(toText(compiler)), input: tameLine(inputOf(request?.argv ?? [])) };
}

function inputOf(argv: readonly ByteString[]): string {
  return toText(
    argv.findLast((word, index) => index > 0 && !word.startsWith('-') && argv[index - 1] !== '-o') ?? '',
  );
}
