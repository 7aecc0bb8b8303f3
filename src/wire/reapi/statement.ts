/** What is to be done, as the Remote Execution API states it: a Command, and the Action that names it. */
import { create, toBinary } from '@bufbuild/protobuf';
import { digestOf, type Digest } from '../../base/digest.ts';
import type { Blob } from './client-messages.ts';
import { ActionSchema, CommandSchema } from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

export interface Statement {
  readonly arguments: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** Below the input root. */
  readonly workingDirectory: string;
  /** Below the working directory. */
  readonly outputPaths: readonly string[];
  readonly inputRoot: Digest;
  readonly platform: ReadonlyMap<string, string>;
  /** Servers of API 2.0 are to understand it too. */
  readonly isForAll?: boolean;
}

export function stateCommand(statement: Omit<Statement, 'inputRoot'>): Blob {
  const message = create(CommandSchema, {
    arguments: [...statement.arguments],
    environmentVariables: sorted(statement.environment),
    outputPaths: [...statement.outputPaths].sort(),
    outputFiles: statement.isForAll ? [...statement.outputPaths].sort() : [],
    platform: { properties: sorted(statement.platform) },
    workingDirectory: statement.workingDirectory,
  });
  return blobOf(toBinary(CommandSchema, message));
}

export function stateAction(
  command: Digest,
  { inputRoot, platform }: Pick<Statement, 'inputRoot' | 'platform'>,
): Blob {
  const message = create(ActionSchema, {
    commandDigest: toMessage(command),
    inputRootDigest: toMessage(inputRoot),
    platform: { properties: sorted(platform) },
  });
  return blobOf(toBinary(ActionSchema, message));
}

function sorted(table: ReadonlyMap<string, string>): { name: string; value: string }[] {
  return [...table.keys()].sort().map((name) => ({ name, value: table.get(name) ?? '' }));
}

function blobOf(bytes: Uint8Array): Blob {
  return { digest: digestOf(bytes), bytes };
}

function toMessage({ hash, sizeBytes }: Digest): { hash: string; sizeBytes: bigint } {
  return { hash, sizeBytes: BigInt(sizeBytes) };
}
