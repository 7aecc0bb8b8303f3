/**
 * The service Execution: looks the action up, else has it run in a box, once for all who ask at the same time.
 *
 * What is kept for others is only what this worker has run itself.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { fromText, type ByteString } from '../../base/byte-string.ts';
import type { Clock } from '../../base/clock.ts';
import type { Failure } from '../../base/failure.ts';
import type { Log } from '../../base/log.ts';
import type { WaitStatus } from '../../base/wait-status.ts';
import type { BoxedCommand, MissingBlobs, RunBoxed } from '../../execute/box.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { ResultStore } from '../../store/result-store.ts';
import { outputsOf } from '../../wire/reapi/canonical.ts';
import {
  ActionResultSchema,
  ExecuteOperationMetadataSchema,
  ExecuteResponseSchema,
  Execution as ExecutionService,
  ExecutionStage_Value,
  type ExecuteRequest,
  type ExecuteResponse,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { PACKED_HEADER, PACKINGS } from '../../wire/reapi/packed-outputs.ts';
import { OperationSchema, type Operation } from '../../wire/reapi/gen/google/longrunning/operations_pb.js';
import { admit, type AdmissionOptions } from './admission.ts';
import { checkFunction, digestFrom } from './digests.ts';
import { Executions, type Execution } from './executions.ts';
import { RpcError, serviceOf, type CallContext, type Detail, type GrpcService } from './grpc-service.ts';
import { findResult, storeResult, withInline, type Inline } from './results.ts';
import { missing, readStatement, type Stated } from './statement.ts';
import { AFTER_HEADER, JOB_HEADER } from '../../wire/reapi/headers.ts';
import type { Uploads } from './uploads.ts';

export interface ExecutionOptions {
  readonly blobs: BlobStore;
  readonly results: ResultStore;
  readonly uploads: Uploads;
  /** Undefined where there is no box: then nothing is run. */
  readonly box: (AdmissionOptions & { readonly run: RunBoxed }) | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly onExecuted: (execution: Executed) => void;
}

/** How a call ended, for counts and log. */
export type Executed =
  | { readonly ending: 'cached' | 'refused'; readonly peer: string }
  | {
      readonly ending: 'ran';
      /** Of the first who asked for it. */
      readonly peer: string;
      /** Its name in that one's log; empty where it gives none. */
      readonly job: string;
      readonly argv: readonly ByteString[];
      /** How it was not run to its end. */
      readonly failure: Failure['kind'] | undefined;
      readonly waitStatus: WaitStatus;
      readonly timeMs: number;
    };

/** Before that nothing is said: most are done by then. */
const QUIET_MS = 1000;
const JOB_NAME = /^[\w-]{1,40}$/;
const NOTHING_INLINE: Inline = { inlineStdout: false, inlineStderr: false, inlineOutputFiles: [] };

export function execution(options: ExecutionOptions): GrpcService {
  const door = new ExecutionDoor(options);
  return serviceOf(
    ExecutionService,
    {
      execute: (request, context) => door.execute(request, context),
      waitExecution: ({ name }, context) => door.wait(name, context),
    },
    options.log,
  );
}

class ExecutionDoor {
  readonly #options: ExecutionOptions;
  readonly #executions = new Executions();

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  async *execute(request: ExecuteRequest, context: CallContext): AsyncGenerator<Operation> {
    checkFunction(request.digestFunction);
    const digest = digestFrom(request.actionDigest);
    const after = context.header(AFTER_HEADER)?.split(',') ?? [];
    await this.#options.uploads.ended(after, context.signal);
    const cached = request.skipCacheLookup ? undefined : await findResult(this.#options, digest);
    if (cached !== undefined) {
      const response = create(ExecuteResponseSchema, { result: cached, cachedResult: true });
      this.#options.onExecuted({ ending: 'cached', peer: context.connection });
      yield operationOf('cached', await this.#withInline(response, inlineOf(request, context)));
      return;
    }
    try {
      const stated = await readStatement(this.#options.blobs, digest);
      const command = await this.#admit(stated);
      const running = this.#executions.join(digest.hash, (signal) =>
        this.#run(stated, { command, peer: context.connection, job: jobOf(context) }, signal),
      );
      yield* this.#follow(running, inlineOf(request, context), context);
    } catch (error) {
      if (error instanceof RpcError)
        this.#options.onExecuted({ ending: 'refused', peer: context.connection });
      throw error;
    }
  }

  async *wait(name: string, context: CallContext): AsyncGenerator<Operation> {
    const running = this.#executions.find(name);
    if (running === undefined) throw new RpcError(GRPC_STATUS.notFound, 'no such execution is under way');
    yield* this.#follow(running, NOTHING_INLINE, context);
  }

  async *#follow(running: Execution, inline: Inline, { signal }: CallContext): AsyncGenerator<Operation> {
    const done = this.#executions.wait(running, signal);
    const { promise: isLate, resolve } = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => resolve('late'), QUIET_MS);
    try {
      if ((await Promise.race([done, isLate])) === 'late') yield underWay(running.name);
      const response = await done;
      if (response !== undefined) yield operationOf(running.name, await this.#withInline(response, inline));
    } finally {
      clearTimeout(timer);
      // Who stops listening in between still counts as one who waited.
      done.catch(() => {});
    }
  }

  async #withInline(response: ExecuteResponse, inline: Inline): Promise<ExecuteResponse> {
    if (response.result === undefined) return response;
    const result = await withInline(this.#options.blobs, response.result, inline);
    return create(ExecuteResponseSchema, { ...response, result });
  }

  async #admit(stated: Stated): Promise<BoxedCommand> {
    const { box } = this.#options;
    if (box === undefined)
      throw new RpcError(GRPC_STATUS.unimplemented, 'nothing is run here: there is no box');
    const room = await admit(stated, box);
    const { action, command } = stated;
    return {
      argv: command.arguments.map(fromText),
      environment: command.environmentVariables.map(({ name, value }) => fromText(`${name}=${value}`)),
      inputRoot: digestFrom(action.inputRootDigest),
      workingDirectory: fromText(command.workingDirectory),
      outputPaths: outputsOf(command).map(fromText),
      room,
      timeoutMs: Number(action.timeout?.seconds ?? 0n) * 1000 + (action.timeout?.nanos ?? 0) / 1e6,
    };
  }

  async #run(
    { digest, action }: Stated,
    { command, peer, job }: { readonly command: BoxedCommand; readonly peer: string; readonly job: string },
    signal: AbortSignal,
  ): Promise<ExecuteResponse> {
    const { box, blobs, results } = this.#options;
    const startedMs = this.#options.clock.monotonicMs();
    const ran = await box?.run(command, signal);
    if (ran === undefined) throw new Error('An action was admitted without a box');
    const timeMs = this.#options.clock.monotonicMs() - startedMs;
    const told = { ending: 'ran', peer, job, argv: command.argv, timeMs } as const;
    if (!ran.ok) {
      const { error } = ran;
      if (error.kind !== 'missing-blobs')
        this.#options.onExecuted({ ...told, failure: error.kind, waitStatus: 0 });
      return failed(error);
    }
    this.#options.onExecuted({ ...told, failure: undefined, waitStatus: ran.value.waitStatus });
    const result = await storeResult(blobs, ran.value);
    const response = create(ExecuteResponseSchema, { result });
    // A compiler fails as well because a disk or the memory is full; that is over the next time.
    if (!action.doNotCache && result.exitCode === 0)
      await results.put(digest, toBinary(ActionResultSchema, result));
    return response;
  }
}

/** Whatever a client says goes into the log. */
function jobOf({ header }: CallContext): string {
  const name = header(JOB_HEADER) ?? '';
  return JOB_NAME.test(name) ? name : '';
}

function inlineOf(request: ExecuteRequest, { header }: CallContext): Inline {
  const { inlineStdout, inlineStderr, inlineOutputFiles } = request;
  const packingLevel = PACKINGS.get(header(PACKED_HEADER) ?? '');
  return { inlineStdout, inlineStderr, inlineOutputFiles, packingLevel };
}

function failed(failure: Failure | MissingBlobs): ExecuteResponse {
  if (failure.kind === 'missing-blobs')
    return withStatus(GRPC_STATUS.failedPrecondition, 'inputs are missing', [missing(failure.digests)]);
  return withStatus(STATUS_OF[failure.kind], failure.message);
}

const STATUS_OF: Readonly<Record<Failure['kind'], number>> = {
  unreachable: GRPC_STATUS.unavailable,
  'timed-out': GRPC_STATUS.deadlineExceeded,
  refused: GRPC_STATUS.invalidArgument,
  derailed: GRPC_STATUS.internal,
  cancelled: GRPC_STATUS.cancelled,
};

function withStatus(code: number, message: string, details: readonly Detail[] = []): ExecuteResponse {
  const packed = details.map(({ schema, message: detail }) => anyPack(schema, detail));
  return create(ExecuteResponseSchema, { status: { code, message, details: packed } });
}

function operationOf(name: string, response: ExecuteResponse): Operation {
  return create(OperationSchema, {
    name,
    done: true,
    metadata: metadataOf(ExecutionStage_Value.COMPLETED),
    result: { case: 'response', value: anyPack(ExecuteResponseSchema, response) },
  });
}

function underWay(name: string): Operation {
  return create(OperationSchema, { name, metadata: metadataOf(ExecutionStage_Value.EXECUTING) });
}

function metadataOf(stage: ExecutionStage_Value) {
  return anyPack(ExecuteOperationMetadataSchema, create(ExecuteOperationMetadataSchema, { stage }));
}
