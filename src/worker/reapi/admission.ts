/**
 * Who may have what run: a compile, by a compiler of the whitelist that is the very one that the client has;
 * anything else only where the worker's owner said so. Either way in a box.
 */
import { parseDigest } from '../../base/digest.ts';
import { fromText } from '../../base/byte-string.ts';
import { PLATFORM } from '../../action/native-form.ts';
import { SENT_VARIABLES } from '../../command/environment-table.ts';
import type { Admits, BoxRoom } from '../../execute/box.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { Toolchains } from '../../toolchain/toolchain-tree.ts';
import { refusalInBox } from '../refusal.ts';
import { RpcError } from './grpc-service.ts';
import { violations, type Stated } from './statement.ts';

export interface AdmissionOptions {
  readonly toolchains: Toolchains;
  readonly admits: Admits;
}

/** @throws {RpcError} with why it must not run, or cannot. */
export async function admit(stated: Stated, options: AdmissionOptions): Promise<BoxRoom> {
  const compiler = stated.platform.get(PLATFORM.compiler);
  if (compiler !== undefined) return admitCompile(stated, compiler, options);
  if (options.admits !== 'compiles') return { kind: 'any-command' };
  throw new RpcError(
    GRPC_STATUS.permissionDenied,
    'only compiles are done here; any command only with distccd --reapi-any-command',
  );
}

async function admitCompile(
  { command, platform }: Stated,
  compiler: string,
  { toolchains, admits }: AdmissionOptions,
): Promise<BoxRoom> {
  if (admits === 'plain') throw otherToolchain('no toolchains are looked for here', undefined);
  const refusal = objectionToCompile(command, compiler);
  if (refusal !== undefined) throw new RpcError(GRPC_STATUS.permissionDenied, refusal);
  const root = parseDigest(platform.get(PLATFORM.toolchain) ?? '');
  if (root === undefined) throw new RpcError(GRPC_STATUS.invalidArgument, 'it names no toolchain');
  const found = await toolchains.find(compiler, root);
  if (found.kind === 'found') return { kind: 'compile', toolchain: found.toolchain };
  const has =
    found.version === undefined
      ? 'there is no such compiler here'
      : `here is ${found.version}, of other parts`;
  throw otherToolchain(has, found.version);
}

function otherToolchain(message: string, version = ''): RpcError {
  return new RpcError(GRPC_STATUS.failedPrecondition, message, [
    violations([{ type: 'TOOLCHAIN', subject: version }]),
  ]);
}

function objectionToCompile({ arguments: argv, environmentVariables }: Stated['command'], compiler: string) {
  if (argv[0] !== compiler) return 'it calls another program than the compiler that it names';
  const variable = environmentVariables.find(({ name }) => !SENT_VARIABLES.has(name));
  if (variable !== undefined) return `the variable ${JSON.stringify(variable.name)} is not for compiles`;
  return refusalInBox(argv.map(fromText));
}
