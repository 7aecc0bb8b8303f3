/** The service ContentAddressableStorage: blobs in messages. */
import { create, fromBinary } from '@bufbuild/protobuf';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { isSameDigest, digestOf, type Digest } from '../../base/digest.ts';
import type { Log } from '../../base/log.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore, StoreFailure } from '../../store/blob-store.ts';
import {
  BatchReadBlobsResponseSchema,
  BatchUpdateBlobsResponseSchema,
  Compressor_Value,
  ContentAddressableStorage,
  DirectorySchema,
  FindMissingBlobsResponseSchema,
  GetTreeResponseSchema,
  type BatchUpdateBlobsRequest_Request,
  type Directory,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { UPLOAD_HEADER } from '../../wire/reapi/headers.ts';
import { checkFunction, digestFrom, toMessage } from './digests.ts';
import { RpcError, serviceOf, type GrpcService } from './grpc-service.ts';
import { MOST_BATCH_BYTES } from './limits.ts';
import type { Uploads } from './uploads.ts';

export interface ContentStoreOptions {
  readonly blobs: BlobStore;
  readonly uploads: Uploads;
  readonly log: Log;
  /** Called with what came in. */
  readonly onUpload: (bytes: number) => void;
}

const MOST_DIRECTORIES = 100_000;
const DIRECTORIES_A_MESSAGE = 500;
/** zstd makes nothing smaller than this worth the while. */
const LEAST_PACKED_BYTES = 1 << 10;

export function contentStore({ blobs, uploads, log, onUpload }: ContentStoreOptions): GrpcService {
  return serviceOf(
    ContentAddressableStorage,
    {
      async findMissingBlobs({ blobDigests, digestFunction }) {
        checkFunction(digestFunction);
        const missing = await blobs.findMissing(blobDigests.map(digestFrom));
        return create(FindMissingBlobsResponseSchema, { missingBlobDigests: missing.map(toMessage) });
      },

      async batchUpdateBlobs({ requests, digestFunction }, { header }) {
        checkFunction(digestFunction);
        const bytes = requests.reduce((sum, { data }) => sum + data.length, 0);
        if (bytes > MOST_BATCH_BYTES)
          throw new RpcError(GRPC_STATUS.invalidArgument, `a batch has at most ${MOST_BATCH_BYTES} bytes`);
        onUpload(bytes);
        using _upload = uploads.begin(header(UPLOAD_HEADER));
        const responses = await Promise.all(requests.map((request) => update(blobs, request)));
        return create(BatchUpdateBlobsResponseSchema, { responses });
      },

      async batchReadBlobs({ digests, acceptableCompressors, digestFunction }) {
        checkFunction(digestFunction);
        const wanted = digests.map(digestFrom);
        const bytes = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        if (bytes > MOST_BATCH_BYTES)
          throw new RpcError(GRPC_STATUS.invalidArgument, `a batch has at most ${MOST_BATCH_BYTES} bytes`);
        const packs = acceptableCompressors.includes(Compressor_Value.ZSTD);
        const responses = await Promise.all(wanted.map((digest) => read(blobs, digest, packs)));
        return create(BatchReadBlobsResponseSchema, { responses });
      },

      async *getTree({ rootDigest, digestFunction }) {
        checkFunction(digestFunction);
        let directories: Directory[] = [];
        for await (const directory of treeOf(blobs, digestFrom(rootDigest))) {
          directories.push(directory);
          if (directories.length < DIRECTORIES_A_MESSAGE) continue;
          yield create(GetTreeResponseSchema, { directories });
          directories = [];
        }
        yield create(GetTreeResponseSchema, { directories });
      },
    },
    log,
  );
}

async function update(blobs: BlobStore, request: BatchUpdateBlobsRequest_Request) {
  const status = await store(blobs, request);
  return { digest: request.digest ?? toMessage({ hash: '', sizeBytes: 0 }), status };
}

async function store(
  blobs: BlobStore,
  { digest: named, data, compressor }: BatchUpdateBlobsRequest_Request,
): Promise<{ code: number; message: string }> {
  try {
    const digest = digestFrom(named);
    const bytes = unpack(data, digest, compressor);
    const written = await blobs.write(digest, bytes);
    return written.ok ? { code: 0, message: '' } : rpcStatusOf(written.error);
  } catch (error) {
    if (error instanceof RpcError) return { code: error.code, message: error.message };
    throw error;
  }
}

export function rpcStatusOf({ kind, message }: StoreFailure): { code: number; message: string } {
  switch (kind) {
    case 'mismatch':
      return { code: GRPC_STATUS.invalidArgument, message };
    case 'full':
      return { code: GRPC_STATUS.resourceExhausted, message };
    case 'failed':
      return { code: GRPC_STATUS.internal, message };
  }
}

function unpack(data: Uint8Array, digest: Digest, compressor: Compressor_Value): Uint8Array {
  if (compressor === Compressor_Value.IDENTITY) return data;
  if (compressor !== Compressor_Value.ZSTD || digest.sizeBytes > MOST_BATCH_BYTES)
    throw new RpcError(GRPC_STATUS.invalidArgument, 'identity and zstd are the compressors here');
  try {
    return zstdDecompressSync(data, { maxOutputLength: Math.max(digest.sizeBytes, 1) });
  } catch {
    throw new RpcError(GRPC_STATUS.invalidArgument, 'it is no proper zstd, or not of that size');
  }
}

async function read(blobs: BlobStore, digest: Digest, packs: boolean) {
  const bytes = await blobs.read(digest);
  if (bytes === undefined)
    return { digest: toMessage(digest), status: { code: GRPC_STATUS.notFound, message: 'it is not here' } };
  const isPacked = packs && bytes.length >= LEAST_PACKED_BYTES;
  return {
    digest: toMessage(digest),
    data: isPacked ? zstdCompressSync(bytes) : bytes,
    compressor: isPacked ? Compressor_Value.ZSTD : Compressor_Value.IDENTITY,
  };
}

/** Each Directory once, whoever has it below it. What is missing below the root is left out. */
async function* treeOf(blobs: BlobStore, root: Digest): AsyncGenerator<Directory> {
  const queue = [root];
  const seen = new Set([root.hash]);
  for (let digest = queue.shift(); digest !== undefined; digest = queue.shift()) {
    const bytes = await blobs.read(digest);
    if (bytes === undefined && isSameDigest(digest, root))
      throw new RpcError(GRPC_STATUS.notFound, 'the root directory is not here');
    if (bytes === undefined) continue;
    const directory = decodeDirectory(bytes);
    yield directory;
    for (const { digest: named } of directory.directories) {
      const child = digestFrom(named);
      if (seen.has(child.hash)) continue;
      if (seen.size >= MOST_DIRECTORIES)
        throw new RpcError(GRPC_STATUS.invalidArgument, 'it is too large a tree');
      seen.add(child.hash);
      queue.push(child);
    }
  }
}

function decodeDirectory(bytes: Uint8Array): Directory {
  try {
    return fromBinary(DirectorySchema, bytes);
  } catch {
    throw new RpcError(GRPC_STATUS.invalidArgument, `${digestOf(bytes).hash} is no Directory`);
  }
}
