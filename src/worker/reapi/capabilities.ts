/** The service Capabilities: what this worker can do. */
import { create } from '@bufbuild/protobuf';
import type { Log } from '../../base/log.ts';
import {
  Capabilities,
  Compressor_Value,
  DigestFunction_Value,
  ServerCapabilitiesSchema,
  SymlinkAbsolutePathStrategy_Value,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { serviceOf, type GrpcService } from './grpc-service.ts';
import { MOST_BATCH_BYTES, MOST_BLOB_BYTES } from './limits.ts';

export interface CapabilitiesOptions {
  readonly canExecute: boolean;
  /** Whether clients may store results of their own. */
  readonly takesResults: boolean;
}

export function capabilities({ canExecute, takesResults }: CapabilitiesOptions, log: Log): GrpcService {
  const digestFunctions = [DigestFunction_Value.SHA256];
  const answer = create(ServerCapabilitiesSchema, {
    cacheCapabilities: {
      digestFunctions,
      actionCacheUpdateCapabilities: { updateEnabled: takesResults },
      maxBatchTotalSizeBytes: BigInt(MOST_BATCH_BYTES),
      maxCasBlobSizeBytes: BigInt(MOST_BLOB_BYTES),
      symlinkAbsolutePathStrategy: SymlinkAbsolutePathStrategy_Value.ALLOWED,
      supportedCompressors: [Compressor_Value.ZSTD],
      supportedBatchUpdateCompressors: [Compressor_Value.ZSTD],
    },
    executionCapabilities: {
      digestFunction: DigestFunction_Value.SHA256,
      digestFunctions,
      execEnabled: canExecute,
    },
    lowApiVersion: { major: 2, minor: 0 },
    highApiVersion: { major: 2, minor: 3 },
  });
  return serviceOf(Capabilities, { getCapabilities: () => Promise.resolve(answer) }, log);
}
