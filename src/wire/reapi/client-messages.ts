/** What a client says to a server of the Remote Execution API and hears from it, as values and as bytes. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import type { Digest } from '../../base/digest.ts';
import {
  BatchReadBlobsRequestSchema,
  BatchReadBlobsResponseSchema,
  BatchUpdateBlobsRequestSchema,
  BatchUpdateBlobsResponseSchema,
  Compressor_Value,
  DigestFunction_Value,
  ExecuteRequestSchema,
  ExecuteResponseSchema,
  FindMissingBlobsRequestSchema,
  FindMissingBlobsResponseSchema,
  GetCapabilitiesRequestSchema,
  ServerCapabilitiesSchema,
  type Digest as DigestMessage,
} from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import {
  ReadRequestSchema,
  ReadResponseSchema,
  WriteRequestSchema,
} from './gen/google/bytestream/bytestream_pb.js';
import { OperationSchema } from './gen/google/longrunning/operations_pb.js';
import { PreconditionFailureSchema } from './gen/google/rpc/error_details_pb.js';
import { StatusSchema, type Status } from './gen/google/rpc/status_pb.js';
import { resultOf, type ExecutionResult } from './execution-result.ts';

export interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  /** Of a Directory: which one it is, so that an earlier state of it may be known. */
  readonly place?: string;
}

/** As it travels. */
export interface PackedBlob extends Blob {
  readonly isZstd: boolean;
}

export interface Capabilities {
  readonly canExecute: boolean;
  readonly hasSha256: boolean;
  /** 0: the server does not say. */
  readonly mostBatchBytes: number;
  readonly takesZstd: boolean;
}

/** What is in the way of an execution. */
export interface Violation {
  readonly type: string;
  readonly subject: string;
}

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly violations: readonly Violation[];
}

export type Executed =
  /** The command ran to its end, now or before. */
  | { readonly kind: 'result'; readonly result: ExecutionResult; readonly isCached: boolean }
  /** It was not run, or not to its end. */
  | { readonly kind: 'status'; readonly status: RpcStatus };

export function encodeGetCapabilities(instance: string): Uint8Array {
  return toBinary(
    GetCapabilitiesRequestSchema,
    create(GetCapabilitiesRequestSchema, { instanceName: instance }),
  );
}

export function decodeCapabilities(bytes: Uint8Array): Capabilities {
  const { cacheCapabilities: cache, executionCapabilities: execution } = fromBinary(
    ServerCapabilitiesSchema,
    bytes,
  );
  const zstd = Compressor_Value.ZSTD;
  return {
    canExecute: execution?.execEnabled === true,
    hasSha256: cache?.digestFunctions.includes(DigestFunction_Value.SHA256) === true,
    mostBatchBytes: Number(cache?.maxBatchTotalSizeBytes ?? 0n),
    takesZstd:
      cache?.supportedCompressors.includes(zstd) === true &&
      cache.supportedBatchUpdateCompressors.includes(zstd),
  };
}

export function encodeFindMissing(instance: string, digests: readonly Digest[]): Uint8Array {
  const message = create(FindMissingBlobsRequestSchema, {
    instanceName: instance,
    blobDigests: digests.map(toMessage),
  });
  return toBinary(FindMissingBlobsRequestSchema, message);
}

export function decodeFindMissing(bytes: Uint8Array): readonly Digest[] {
  return fromBinary(FindMissingBlobsResponseSchema, bytes).missingBlobDigests.map(fromMessage);
}

export function encodeBatchUpdate(instance: string, blobs: readonly PackedBlob[]): Uint8Array {
  const requests = blobs.map(({ digest, bytes, isZstd }) => ({
    digest: toMessage(digest),
    data: bytes,
    compressor: isZstd ? Compressor_Value.ZSTD : Compressor_Value.IDENTITY,
  }));
  return toBinary(
    BatchUpdateBlobsRequestSchema,
    create(BatchUpdateBlobsRequestSchema, { instanceName: instance, requests }),
  );
}

/** Those that were not stored, with why. */
export function decodeBatchUpdate(
  bytes: Uint8Array,
): readonly { digest: Digest; code: number; message: string }[] {
  return fromBinary(BatchUpdateBlobsResponseSchema, bytes).responses.flatMap(({ digest, status }) =>
    status === undefined || status.code === 0 || digest === undefined
      ? []
      : [{ digest: fromMessage(digest), code: status.code, message: status.message }],
  );
}

export function encodeBatchRead(
  instance: string,
  digests: readonly Digest[],
  { takesZstd }: { readonly takesZstd: boolean },
): Uint8Array {
  const message = create(BatchReadBlobsRequestSchema, {
    instanceName: instance,
    digests: digests.map(toMessage),
    acceptableCompressors: takesZstd ? [Compressor_Value.ZSTD] : [],
  });
  return toBinary(BatchReadBlobsRequestSchema, message);
}

/** Those that were there. */
export function decodeBatchRead(bytes: Uint8Array): readonly PackedBlob[] {
  return fromBinary(BatchReadBlobsResponseSchema, bytes).responses.flatMap(
    ({ digest, status, data, compressor }) =>
      digest === undefined || (status?.code ?? 0) !== 0
        ? []
        : [{ digest: fromMessage(digest), bytes: data, isZstd: compressor === Compressor_Value.ZSTD }],
  );
}

export interface ExecuteOptions {
  readonly instance: string;
  readonly action: Digest;
  /** Whose contents are wanted in the answer. */
  readonly inlineOutputs: readonly string[];
}

export function encodeExecute({ instance, action, inlineOutputs }: ExecuteOptions): Uint8Array {
  const message = create(ExecuteRequestSchema, {
    instanceName: instance,
    actionDigest: toMessage(action),
    inlineStdout: true,
    inlineStderr: true,
    inlineOutputFiles: [...inlineOutputs],
  });
  return toBinary(ExecuteRequestSchema, message);
}

/** @returns undefined while it is under way. */
export function decodeOperation(bytes: Uint8Array): Executed | undefined {
  const { done, result } = fromBinary(OperationSchema, bytes);
  if (!done) return undefined;
  if (result.case === 'error') return { kind: 'status', status: statusOf(result.value) };
  const response = result.case === 'response' ? anyUnpack(result.value, ExecuteResponseSchema) : undefined;
  if (response === undefined) return { kind: 'status', status: nothing('it sent no response') };
  if ((response.status?.code ?? 0) !== 0 && response.status !== undefined)
    return { kind: 'status', status: statusOf(response.status) };
  if (response.result === undefined) return { kind: 'status', status: nothing('it sent no result') };
  return { kind: 'result', result: resultOf(response.result), isCached: response.cachedResult };
}

/** Of what the trailers bring. */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  return statusOf(fromBinary(StatusSchema, bytes));
}

export function encodeWrite(name: string, bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
    const data = bytes.subarray(at, at + pieceBytes);
    const message = create(WriteRequestSchema, {
      resourceName: at === 0 ? name : '',
      writeOffset: BigInt(at),
      finishWrite: at + data.length === bytes.length,
      data,
    });
    messages.push(toBinary(WriteRequestSchema, message));
  }
  return messages;
}

export function encodeRead(name: string): Uint8Array {
  return toBinary(ReadRequestSchema, create(ReadRequestSchema, { resourceName: name }));
}

export function decodeRead(bytes: Uint8Array): Uint8Array {
  return fromBinary(ReadResponseSchema, bytes).data;
}

function statusOf({ code, message, details }: Status): RpcStatus {
  const violations = details.flatMap(
    (detail) => anyUnpack(detail, PreconditionFailureSchema)?.violations ?? [],
  );
  return { code, message, violations: violations.map(({ type, subject }) => ({ type, subject })) };
}

function nothing(message: string): RpcStatus {
  return { code: 2, message, violations: [] };
}

function toMessage({ hash, sizeBytes }: Digest): { hash: string; sizeBytes: bigint } {
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

function fromMessage({ hash, sizeBytes }: DigestMessage): Digest {
  return { hash, sizeBytes: Number(sizeBytes) };
}
