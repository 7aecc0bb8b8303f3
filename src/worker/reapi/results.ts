/** Results as messages: made of what a box gave, kept, and given out while all that they name is here. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib';
import { toText } from '../../base/byte-string.ts';
import { digestOf, type Digest } from '../../base/digest.ts';
import { exitCodeOf, signalOf } from '../../base/wait-status.ts';
import type { BoxedOutput, BoxedResult } from '../../execute/box.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { ResultStore } from '../../store/result-store.ts';
import {
  ActionResultSchema,
  DigestSchema,
  TreeSchema,
  type ActionResult,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { packIntoMetadata, type PackedOutput } from '../../wire/reapi/packed-outputs.ts';
import { growTree } from './output-tree.ts';
import { toMessage } from './digests.ts';
import { RpcError } from './grpc-service.ts';
import { rpcStatusOf } from './content-store.ts';

/** What a client wants to have in the answer itself. */
export interface Inline {
  readonly inlineStdout: boolean;
  readonly inlineStderr: boolean;
  readonly inlineOutputFiles: readonly string[];
  /** The level of zstd by which all outputs are packed: see packed-outputs.ts. */
  readonly packingLevel?: number | undefined;
}

/** Together, so that the answer is no larger than a message may be. */
const MOST_INLINE_BYTES = 3 << 20;
/** Before it is packed, which is done in one go. */
const MOST_PACKED_BYTES = 32 << 20;
/** At such levels a thread of its own costs less than what waits meanwhile: other results could be on the line. */
const SLOW_LEVEL = 3;
/** A shell's word for a program that a signal ended. */
const SIGNALLED = 128;

/** Stores all outputs. @throws {RpcError} where they cannot be stored. */
export async function storeResult(blobs: BlobStore, boxed: BoxedResult): Promise<ActionResult> {
  const { waitStatus, stdout, stderr, outputs } = boxed;
  const result = create(ActionResultSchema, { exitCode: exitCode(waitStatus) });
  const write = async (bytes: Uint8Array): Promise<{ hash: string; sizeBytes: bigint }> => {
    const digest = digestOf(bytes);
    const written = await blobs.write(digest, bytes);
    if (!written.ok) throw new RpcError(rpcStatusOf(written.error).code, written.error.message);
    return toMessage(digest);
  };
  for (const output of outputs) await addOutput(result, output, write);
  if (stdout.length > 0) result.stdoutDigest = create(DigestSchema, await write(stdout));
  if (stderr.length > 0) result.stderrDigest = create(DigestSchema, await write(stderr));
  return result;
}

async function addOutput(
  result: ActionResult,
  output: BoxedOutput,
  write: (bytes: Uint8Array) => Promise<{ hash: string; sizeBytes: bigint }>,
): Promise<void> {
  const path = toText(output.path);
  switch (output.kind) {
    case 'file': {
      const { outputFiles } = create(ActionResultSchema, {
        outputFiles: [{ path, digest: await write(output.bytes), isExecutable: output.isExecutable }],
      });
      result.outputFiles.push(...outputFiles);
      return;
    }
    case 'link': {
      const link = { path, target: toText(output.target) };
      const made = create(ActionResultSchema, { outputSymlinks: [link], outputFileSymlinks: [link] });
      result.outputSymlinks.push(...made.outputSymlinks);
      result.outputFileSymlinks.push(...made.outputFileSymlinks);
      return;
    }
    case 'directory': {
      const tree = await growTree(output.entries, write);
      const treeDigest = await write(toBinary(TreeSchema, tree));
      const made = create(ActionResultSchema, { outputDirectories: [{ path, treeDigest }] });
      result.outputDirectories.push(...made.outputDirectories);
    }
  }
}

function exitCode(waitStatus: number): number {
  const signal = signalOf(waitStatus);
  return signal === 0 ? exitCodeOf(waitStatus) : SIGNALLED + signal;
}

/** A result that is here with all that it names. */
export async function findResult(
  { blobs, results }: { readonly blobs: BlobStore; readonly results: ResultStore },
  action: Digest,
): Promise<ActionResult | undefined> {
  const encoded = await results.find(action);
  if (encoded === undefined) return undefined;
  const result = fromBinary(ActionResultSchema, encoded);
  const named = await namedBy(blobs, result);
  return named !== undefined && (await blobs.findMissing(named)).length === 0 ? result : undefined;
}

/** All that it names; undefined where a tree is gone. */
async function namedBy(blobs: BlobStore, result: ActionResult): Promise<readonly Digest[] | undefined> {
  const digests = [
    ...result.outputFiles.map(({ digest }) => digest),
    result.stdoutDigest,
    result.stderrDigest,
  ];
  for (const { treeDigest } of result.outputDirectories) {
    const bytes = treeDigest && (await blobs.read(fromMessage(treeDigest)));
    if (bytes === undefined) return undefined;
    const tree = fromBinary(TreeSchema, bytes);
    const directories = [...(tree.root === undefined ? [] : [tree.root]), ...tree.children];
    digests.push(...directories.flatMap(({ files }) => files.map(({ digest }) => digest)));
  }
  return digests.flatMap((digest) => (digest === undefined ? [] : [fromMessage(digest)]));
}

/** The same with the bytes in it that are wanted, as far as there is room. */
export async function withInline(
  blobs: BlobStore,
  result: ActionResult,
  inline: Inline,
): Promise<ActionResult> {
  let left = MOST_INLINE_BYTES;
  const take = async (
    digest: { hash: string; sizeBytes: bigint } | undefined,
  ): Promise<Uint8Array | undefined> => {
    if (digest === undefined || Number(digest.sizeBytes) > left) return undefined;
    left -= Number(digest.sizeBytes);
    const bytes = await blobs.read(fromMessage(digest));
    if (bytes === undefined) throw new RpcError(GRPC_STATUS.internal, 'an output was lost');
    return bytes;
  };
  const stdoutRaw = inline.inlineStdout ? await take(result.stdoutDigest) : undefined;
  const stderrRaw = inline.inlineStderr ? await take(result.stderrDigest) : undefined;
  const wanted = new Set(inline.inlineOutputFiles);
  const outputFiles = [];
  for (const file of result.outputFiles) {
    const contents = wanted.has(file.path) ? await take(file.digest) : undefined;
    outputFiles.push(contents === undefined ? file : { ...file, contents });
  }
  const { packingLevel } = inline;
  const packed = packingLevel === undefined ? undefined : await packOutputs(blobs, result, packingLevel);
  return create(ActionResultSchema, {
    ...result,
    ...(packed && { executionMetadata: packIntoMetadata(packed) }),
    outputFiles,
    ...(stdoutRaw && { stdoutRaw }),
    ...(stderrRaw && { stderrRaw }),
  });
}

/** undefined where they are too large. */
async function packOutputs(
  blobs: BlobStore,
  { outputFiles }: ActionResult,
  level: number,
): Promise<PackedOutput[] | undefined> {
  const packed: PackedOutput[] = [];
  let left = MOST_INLINE_BYTES;
  for (const { digest } of outputFiles) {
    const bytes =
      digest && Number(digest.sizeBytes) <= MOST_PACKED_BYTES
        ? await blobs.read(fromMessage(digest))
        : undefined;
    if (digest === undefined || bytes === undefined) return undefined;
    packed.push({ digest, bytes: await pack(bytes, level) });
    left -= packed.at(-1)?.bytes.length ?? 0;
  }
  return left < 0 ? undefined : packed;
}

function pack(bytes: Uint8Array, level: number): Promise<Uint8Array> | Uint8Array {
  const options = { params: { [constants.ZSTD_c_compressionLevel]: level } };
  return level < SLOW_LEVEL ? zstdCompressSync(bytes, options) : packAside(bytes, options);
}

const packAside = promisify(zstdCompress);

function fromMessage({ hash, sizeBytes }: { hash: string; sizeBytes: bigint }): Digest {
  return { hash, sizeBytes: Number(sizeBytes) };
}
