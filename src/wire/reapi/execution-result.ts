/** What came of an action, as a value, and as the ActionResult that is kept and sent. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Digest } from '../../base/digest.ts';
import { findPacked } from './packed-outputs.ts';
import {
  ActionResultSchema,
  type ActionResult,
} from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

export interface ExecutionResult {
  readonly exitCode: number;
  readonly stdout: Content;
  readonly stderr: Content;
  readonly files: readonly OutputFile[];
  /** Outputs that came packed by zstd, by hash. */
  readonly packed: ReadonlyMap<string, Uint8Array>;
}

/** The property of a file that is kept. */
const CRC = 'crc32';

/** Its bytes, or the digest by which they are to be had. */
export type Content =
  | { readonly bytes: Uint8Array; readonly digest?: undefined }
  | { readonly digest: Digest; readonly bytes?: Uint8Array | undefined };

export interface OutputFile {
  readonly path: string;
  readonly digest: Digest;
  /** Where they came with the result; as the server has it, not compared with the digest. */
  readonly bytes: Uint8Array | undefined;
  /** CRC-32 of the bytes, where the result says it: ours do. */
  readonly crc?: number | undefined;
}

/** @throws when the bytes are no ActionResult. */
export function decodeResult(bytes: Uint8Array): ExecutionResult {
  return resultOf(fromBinary(ActionResultSchema, bytes));
}

/** With the digests alone of the files, and of what was said only the bytes. */
export function encodeResult({
  exitCode,
  stdout,
  stderr,
  files,
}: Omit<ExecutionResult, 'packed'>): Uint8Array {
  const message = create(ActionResultSchema, {
    exitCode,
    outputFiles: files.map(({ path, digest, crc }) => ({
      path,
      digest: { hash: digest.hash, sizeBytes: BigInt(digest.sizeBytes) },
      ...(crc !== undefined && { nodeProperties: { properties: [{ name: CRC, value: `${crc}` }] } }),
    })),
    stdoutRaw: stdout.bytes ?? new Uint8Array(),
    stderrRaw: stderr.bytes ?? new Uint8Array(),
  });
  return toBinary(ActionResultSchema, message);
}

export function resultOf(result: ActionResult): ExecutionResult {
  return {
    exitCode: result.exitCode,
    stdout: contentOf(result.stdoutRaw, result.stdoutDigest),
    stderr: contentOf(result.stderrRaw, result.stderrDigest),
    packed: findPacked(result),
    files: result.outputFiles.map(({ path, digest, contents, nodeProperties }) => {
      const named = { hash: digest?.hash ?? '', sizeBytes: Number(digest?.sizeBytes ?? 0n) };
      const isThere = contents.length > 0 || named.sizeBytes === 0;
      const crc = nodeProperties?.properties.find(({ name }) => name === CRC)?.value;
      return {
        path,
        digest: named,
        bytes: isThere ? contents : undefined,
        crc: crc === undefined ? undefined : Number(crc),
      };
    }),
  };
}

function contentOf(raw: Uint8Array, digest: { hash: string; sizeBytes: bigint } | undefined): Content {
  if (raw.length > 0 || digest === undefined || digest.sizeBytes === 0n) return { bytes: raw };
  return { digest: { hash: digest.hash, sizeBytes: Number(digest.sizeBytes) } };
}
