/** Digests as peers send them: believed only when they are proper ones. */
import { isDigest, type Digest } from '../../base/digest.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import { DigestFunction_Value } from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import type { Digest as DigestMessage } from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { RpcError } from './grpc-service.ts';

/** @throws {RpcError} for what is none. */
export function digestFrom(message: DigestMessage | undefined): Digest {
  const digest = { hash: message?.hash ?? '', sizeBytes: Number(message?.sizeBytes ?? 0n) };
  if (!isDigest(digest)) throw new RpcError(GRPC_STATUS.invalidArgument, 'it names no proper SHA-256 digest');
  return digest;
}

export function toMessage({ hash, sizeBytes }: Digest): { hash: string; sizeBytes: bigint } {
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

/** @throws {RpcError} for a function that we do not compute; unset means ours. */
export function checkFunction(named: DigestFunction_Value): void {
  if (named !== DigestFunction_Value.UNKNOWN && named !== DigestFunction_Value.SHA256)
    throw new RpcError(GRPC_STATUS.invalidArgument, 'SHA-256 is the only digest function here');
}
