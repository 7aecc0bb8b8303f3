/**
 * Outputs that come packed along with their result, so that nobody has to ask for them: what the API has no way for, since
 * contents that are inline are as they are. A client asks for it with a header of the call; the answer is in the metadata
 * of the result, as a BatchReadBlobsResponse. A server that does not know the header leaves it out, and so do we
 * where a result is too large.
 */
import { create } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  BatchReadBlobsResponseSchema,
  Compressor_Value,
  ExecutedActionMetadataSchema,
  type ActionResult,
  type ExecutedActionMetadata,
} from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

export const PACKED_HEADER = 'manyhands-packed-outputs';
/** What the header says, and the level of zstd that it stands for: for a line that is fast, and for a slow one. */
export const [FAST_PACKING, SMALL_PACKING] = ['zstd', 'zstd-6'] as const;
export const PACKINGS: ReadonlyMap<string, number> = new Map([
  [FAST_PACKING, 1],
  [SMALL_PACKING, 6],
]);

export interface PackedOutput {
  readonly digest: { readonly hash: string; readonly sizeBytes: bigint };
  /** By zstd. */
  readonly bytes: Uint8Array;
}

export function packIntoMetadata(outputs: readonly PackedOutput[]): ExecutedActionMetadata {
  const responses = outputs.map(({ digest, bytes }) => ({
    digest,
    data: bytes,
    compressor: Compressor_Value.ZSTD,
  }));
  const packed = anyPack(BatchReadBlobsResponseSchema, create(BatchReadBlobsResponseSchema, { responses }));
  return create(ExecutedActionMetadataSchema, { auxiliaryMetadata: [packed] });
}

/** By hash; empty where there are none. */
export function findPacked({ executionMetadata }: ActionResult): ReadonlyMap<string, Uint8Array> {
  const packed = new Map<string, Uint8Array>();
  for (const any of executionMetadata?.auxiliaryMetadata ?? []) {
    const responses = anyUnpack(any, BatchReadBlobsResponseSchema)?.responses ?? [];
    for (const { digest, data, compressor } of responses)
      if (digest !== undefined && compressor === Compressor_Value.ZSTD) packed.set(digest.hash, data);
  }
  return packed;
}
