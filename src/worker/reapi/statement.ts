/** Reads what a client states: the Action and its Command, from the store. */
import { create, fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { formatDigest, type Digest } from '../../base/digest.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { objectionToCommand } from '../../wire/reapi/canonical.ts';
import {
  ActionSchema,
  CommandSchema,
  type Action,
  type Command,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { PreconditionFailureSchema } from '../../wire/reapi/gen/google/rpc/error_details_pb.js';
import { digestFrom } from './digests.ts';
import { RpcError, type Detail } from './grpc-service.ts';

export interface Stated {
  readonly digest: Digest;
  readonly action: Action;
  readonly command: Command;
  readonly platform: ReadonlyMap<string, string>;
}

/** @throws {RpcError} where a part is missing, or is none. */
export async function readStatement(blobs: BlobStore, digest: Digest): Promise<Stated> {
  const action = await read(blobs, digest, ActionSchema);
  const command = await read(blobs, digestFrom(action.commandDigest), CommandSchema);
  const objection = objectionToCommand(command);
  if (objection !== undefined) throw new RpcError(GRPC_STATUS.invalidArgument, objection);
  // Since 2.2 it stands in the Action.
  const { properties } = action.platform ?? command.platform ?? { properties: [] };
  return { digest, action, command, platform: new Map(properties.map(({ name, value }) => [name, value])) };
}

async function read<T extends DescMessage>(
  blobs: BlobStore,
  digest: Digest,
  schema: T,
): Promise<MessageShape<T>> {
  const bytes = await blobs.read(digest);
  if (bytes === undefined)
    throw new RpcError(GRPC_STATUS.failedPrecondition, `the ${schema.name} is not here`, [missing([digest])]);
  try {
    return fromBinary(schema, bytes);
  } catch {
    throw new RpcError(GRPC_STATUS.invalidArgument, `${digest.hash} is no ${schema.name}`);
  }
}

/** As a detail of FAILED_PRECONDITION. */
export function missing(digests: readonly Digest[]): Detail {
  return violations(digests.map((digest) => ({ type: 'MISSING', subject: `blobs/${formatDigest(digest)}` })));
}

export function violations(list: readonly { readonly type: string; readonly subject: string }[]): Detail {
  const message = create(PreconditionFailureSchema, { violations: [...list] });
  return { schema: PreconditionFailureSchema, message };
}
