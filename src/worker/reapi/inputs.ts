/** The service Inputs: a job's blobs in one frame, from clients of our own. */
import { create } from '@bufbuild/protobuf';
import { digestOf, isDigest, type Digest } from '../../base/digest.ts';
import type { Log } from '../../base/log.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import {
  Inputs,
  UpdateResponseSchema,
  type Known,
  type UpdateRequest,
} from '../../wire/reapi/gen/manyhands/v1/inputs_pb.js';
import { fromKnown, toKnown, unpackUpdate } from '../../wire/reapi/inputs.ts';
import { UPLOAD_HEADER } from '../../wire/reapi/headers.ts';
import { rpcStatusOf } from './content-store.ts';
import { RpcError, serviceOf, type GrpcService } from './grpc-service.ts';
import { MOST_BATCH_BYTES, MOST_DICTIONARY_BLOBS, MOST_DICTIONARY_BYTES } from './limits.ts';
import type { Uploads } from './uploads.ts';

export interface InputsOptions {
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly log: Log;
  /** Called with what came in. */
  readonly onUpload: (bytes: number) => void;
}

export function inputs({ blobs, uploads, log, onUpload }: InputsOptions): GrpcService {
  return serviceOf(
    Inputs,
    {
      async update(request, { header }) {
        onUpload(request.frame.length);
        using _upload = uploads.begin(header(UPLOAD_HEADER));
        const { missing, dictionary } = await look(blobs, dictionaryOf(request.dictionary));
        if (missing.length > 0) return create(UpdateResponseSchema, { missing: missing.map(toKnown) });
        const written = await Promise.all(
          unpack(request, dictionary).map((bytes) => blobs.write(digestOf(bytes), bytes)),
        );
        const failed = written.find((result) => !result.ok);
        if (failed?.ok === false) {
          const { code, message } = rpcStatusOf(failed.error);
          throw new RpcError(code, message);
        }
        return create(UpdateResponseSchema);
      },
    },
    log,
  );
}

/** @throws {RpcError} for one that is none, or that is too large. */
function dictionaryOf(named: readonly Known[]): readonly Digest[] {
  const digests = named.map(fromKnown);
  const bytes = digests.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const isProper = digests.every(isDigest) && digests.length <= MOST_DICTIONARY_BLOBS;
  if (!isProper || bytes > MOST_DICTIONARY_BYTES)
    throw new RpcError(
      GRPC_STATUS.invalidArgument,
      `a dictionary is at most ${MOST_DICTIONARY_BLOBS} blobs and ${MOST_DICTIONARY_BYTES} bytes`,
    );
  return digests;
}

async function look(
  blobs: BlobStore,
  digests: readonly Digest[],
): Promise<{ missing: readonly Digest[]; dictionary: readonly Uint8Array[] }> {
  const found = await Promise.all(digests.map((digest) => blobs.read(digest)));
  return {
    missing: digests.filter((_, index) => found[index] === undefined),
    dictionary: found.filter((bytes) => bytes !== undefined),
  };
}

/** @throws {RpcError} */
function unpack(request: UpdateRequest, dictionary: readonly Uint8Array[]): readonly Uint8Array[] {
  const bytes = request.sizes.reduce((sum, size) => sum + size, 0n);
  if (bytes > MOST_BATCH_BYTES)
    throw new RpcError(GRPC_STATUS.invalidArgument, `a frame has at most ${MOST_BATCH_BYTES} bytes`);
  try {
    return unpackUpdate(request, dictionary);
  } catch (error) {
    if (error instanceof RangeError) throw new RpcError(GRPC_STATUS.invalidArgument, error.message);
    throw error;
  }
}
