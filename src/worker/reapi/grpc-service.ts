/** Our services in the terms of grpc-js: handlers take and give messages, and fail with a status. */
import type { EventEmitter } from 'node:events';
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescService,
  type MessageShape,
} from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import {
  Metadata,
  type MethodDefinition,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Log } from '../../base/log.ts';
import { StatusSchema } from '../../wire/reapi/gen/google/rpc/status_pb.js';

/** How a call ends that does not go well. `details` are packed into a google.rpc.Status. */
export class RpcError extends Error {
  readonly code: number;
  readonly details: readonly Detail[];

  constructor(code: number, message: string, details: readonly Detail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export interface Detail {
  readonly schema: DescMessage;
  readonly message: MessageShape<DescMessage>;
}

/** Who calls. */
export interface CallContext {
  /** Aborted when the client has gone or does not want the answer any more. */
  readonly signal: AbortSignal;
  /** The connection: equal for calls on the same one. */
  readonly connection: string;
  /** The first value of a header of the call. */
  readonly header: (name: string) => string | undefined;
}

type Input<M extends { input: DescMessage }> = MessageShape<M['input']>;
type Output<M extends { output: DescMessage }> = MessageShape<M['output']>;

type Handler<M extends { input: DescMessage; output: DescMessage; methodKind: string }> =
  M['methodKind'] extends 'unary'
    ? (request: Input<M>, context: CallContext) => Promise<Output<M>>
    : M['methodKind'] extends 'server_streaming'
      ? (request: Input<M>, context: CallContext) => AsyncIterable<Output<M>>
      : (requests: AsyncIterable<Input<M>>, context: CallContext) => Promise<Output<M>>;

/** What is not there is UNIMPLEMENTED. */
export type Handlers<S extends DescService> = {
  readonly [name in keyof S['method']]?: Handler<S['method'][name]>;
};

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export function serviceOf<S extends DescService>(service: S, handlers: Handlers<S>, log: Log): GrpcService {
  const definition: Record<string, MethodDefinition<unknown, unknown>> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const { localName, name, input, output, methodKind } of service.methods) {
    definition[localName] = {
      path: `/${service.typeName}/${name}`,
      requestStream: methodKind === 'client_streaming',
      responseStream: methodKind === 'server_streaming',
      requestSerialize: (message) => Buffer.from(toBinary(input, message as MessageShape<DescMessage>)),
      requestDeserialize: (bytes) => fromBinary(input, bytes),
      responseSerialize: (message) => Buffer.from(toBinary(output, message as MessageShape<DescMessage>)),
      responseDeserialize: (bytes) => fromBinary(output, bytes),
    };
    const handler = handlers[localName as keyof S['method']] as unknown;
    if (handler !== undefined) implementation[localName] = wrap(methodKind, handler, log);
  }
  return { definition, implementation };
}

type AnyCall =
  | ServerUnaryCall<unknown, unknown>
  | ServerReadableStream<unknown, unknown>
  | ServerWritableStream<unknown, unknown>;

function wrap(kind: string, handler: unknown, log: Log): UntypedServiceImplementation[string] {
  if (kind === 'server_streaming') {
    const stream = handler as (request: unknown, context: CallContext) => AsyncIterable<unknown>;
    return (call: ServerWritableStream<unknown, unknown>) => void pour(stream, call, log);
  }
  const answer = handler as (request: unknown, context: CallContext) => Promise<unknown>;
  const handle = (call: AnyCall, done: sendUnaryData<unknown>): void => {
    const request = 'request' in call ? call.request : call;
    answer(request, contextOf(call)).then(
      (message) => done(null, message),
      (error: unknown) => done(statusOf(error, log)),
    );
  };
  return handle;
}

async function pour(
  handler: (request: unknown, context: CallContext) => AsyncIterable<unknown>,
  call: ServerWritableStream<unknown, unknown>,
  log: Log,
): Promise<void> {
  const context = contextOf(call);
  try {
    for await (const message of handler(call.request, context)) {
      if (context.signal.aborted) return;
      if (!call.write(message)) await drained(call, context.signal);
    }
    call.end();
  } catch (error) {
    if (!context.signal.aborted) call.emit('error', statusOf(error, log));
  }
}

function drained(call: ServerWritableStream<unknown, unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    call.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function contextOf(call: AnyCall): CallContext {
  const controller = new AbortController();
  // Each kind of call has an `on` of its own type.
  (call as EventEmitter).on('cancelled', () => controller.abort());
  const header = (name: string): string | undefined => call.metadata.get(name)[0]?.toString();
  return { signal: controller.signal, connection: call.getPeer(), header };
}

/** An Error with a status, as grpc-js wants it. What we did not foresee is our fault. */
function statusOf(error: unknown, log: Log): Error & { code: number; metadata: Metadata } {
  const metadata = new Metadata();
  if (!(error instanceof RpcError)) {
    const { stack, message } =
      error instanceof Error ? error : { stack: String(error), message: String(error) };
    log('crit', `Please report this: ${stack ?? message}`);
    return Object.assign(new Error('the worker failed'), { code: 13, metadata });
  }
  const { code, message, details } = error;
  if (details.length > 0) {
    const status = create(StatusSchema, {
      code,
      message,
      details: details.map(({ schema, message: detail }) => anyPack(schema, detail)),
    });
    metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  }
  return Object.assign(new Error(message), { code, metadata });
}
