/**
 * The service ActionCache. What this worker has run itself comes first; what clients say that they have run is kept
 * apart, where the owner lets them, and is never the answer to an execution.
 */
import { toBinary } from '@bufbuild/protobuf';
import type { Log } from '../../base/log.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { ResultStore } from '../../store/result-store.ts';
import {
  ActionCache,
  ActionResultSchema,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { rpcStatusOf } from './content-store.ts';
import { checkFunction, digestFrom } from './digests.ts';
import { RpcError, serviceOf, type GrpcService } from './grpc-service.ts';
import { findResult, withInline } from './results.ts';

export interface ActionCacheOptions {
  readonly blobs: BlobStore;
  readonly results: ResultStore;
  /** Undefined where clients may not store results. */
  readonly clientResults: ResultStore | undefined;
  readonly log: Log;
}

export function actionCache({ blobs, results, clientResults, log }: ActionCacheOptions): GrpcService {
  const stores = [results, ...(clientResults === undefined ? [] : [clientResults])];
  return serviceOf(
    ActionCache,
    {
      async getActionResult(request) {
        checkFunction(request.digestFunction);
        const action = digestFrom(request.actionDigest);
        for (const store of stores) {
          const result = await findResult({ blobs, results: store }, action);
          if (result !== undefined) return withInline(blobs, result, request);
        }
        throw new RpcError(GRPC_STATUS.notFound, 'no result of it is here');
      },

      async updateActionResult({ actionDigest, actionResult, digestFunction }) {
        checkFunction(digestFunction);
        const action = digestFrom(actionDigest);
        if (clientResults === undefined)
          throw new RpcError(GRPC_STATUS.permissionDenied, 'results of clients are not kept here');
        if (actionResult === undefined) throw new RpcError(GRPC_STATUS.invalidArgument, 'there is no result');
        const put = await clientResults.put(action, toBinary(ActionResultSchema, actionResult));
        if (!put.ok) throw new RpcError(rpcStatusOf(put.error).code, put.error.message);
        return actionResult;
      },
    },
    log,
  );
}
