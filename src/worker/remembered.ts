/**
 * Texts that were compiled before, by whichever client of distcc's protocols: their results are kept beside those of the
 * native wire.
 *
 * The same is what came over the wire byte for byte, to the same compiler by all its parts, in the same environment.
 * Trees are compiled each time: what they read of this machine's headers is not in the request.
 */
import { toBinary } from '@bufbuild/protobuf';
import type { Action, ActionResult, TextAction } from '../action/action.ts';
import type { ByteString } from '../base/byte-string.ts';
import { digestOf, type Digest } from '../base/digest.ts';
import { ok } from '../base/result.ts';
import type { Executor } from '../execute/executor.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ResultStore } from '../store/result-store.ts';
import {
  ActionResultSchema,
  type Digest as DigestMessage,
} from '../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { findResult, storeResult } from './reapi/results.ts';

export interface TextMemory {
  readonly blobs: BlobStore;
  readonly results: ResultStore;
  /** Of all parts of the compiler that is called so; undefined where it cannot be told by them. */
  readonly toolchainOf: (compiler: ByteString) => Promise<Digest | undefined>;
  /** That compilers get. */
  readonly environment: readonly ByteString[];
}

/** Of the key: another one makes all that is kept strange. */
const VERSION = 'text-1';
const OBJECT = 'object';
/** With these the assembler reads files of this machine. */
const READS_FILES = ['.incbin', '.include'];
/** With these it reads specs, or preprocesses: what comes of it is not in the request alone. */
const READING = /^(?:--?specs|-x|-fno-preprocessed)/;
const NOTHING = new Uint8Array();

/** @param onRemembered is called for each job that is not run. */
export function remembering(inner: Executor, memory: TextMemory, onRemembered: () => void): Executor {
  return async (action, signal) => {
    const key = await keyOf(action, memory);
    if (key === undefined) return inner(action, signal);
    const before = await find(memory, key);
    if (before !== undefined) {
      onRemembered();
      return ok(before);
    }
    const outcome = await inner(action, signal);
    if (outcome.ok && action.kind === 'text' && mayBeKept(action, outcome.value))
      await keep(memory, key, outcome.value);
    return outcome;
  };
}

async function keyOf(action: Action, { toolchainOf, environment }: TextMemory): Promise<Digest | undefined> {
  if (action.kind !== 'text' || action.received === undefined) return undefined;
  if (action.argv.some((word) => READING.test(word))) return undefined;
  const [compiler = ''] = action.argv;
  const toolchain = await toolchainOf(compiler);
  if (toolchain === undefined) return undefined;
  const { protocol, body } = action.received;
  const words = [VERSION, toolchain.hash, environment, action.argv, protocol, digestOf(body).hash];
  return digestOf(Buffer.from(JSON.stringify(words)));
}

/** A compiler fails as well because a disk or the memory is full; that is over the next time. */
function mayBeKept({ source }: TextAction, { waitStatus }: ActionResult): boolean {
  const text = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  return waitStatus === 0 && !READS_FILES.some((word) => text.includes(word));
}

async function find(memory: TextMemory, key: Digest): Promise<ActionResult | undefined> {
  const result = await findResult(memory, key);
  if (result === undefined) return undefined;
  const read = async (digest: DigestMessage | undefined): Promise<Uint8Array | undefined> =>
    digest === undefined
      ? NOTHING
      : memory.blobs.read({ hash: digest.hash, sizeBytes: Number(digest.sizeBytes) });
  const [stdout, stderr, object] = await Promise.all(
    [result.stdoutDigest, result.stderrDigest, result.outputFiles[0]?.digest].map(read),
  );
  if (stdout === undefined || stderr === undefined || object === undefined) return undefined;
  return { waitStatus: 0, stdout, stderr, object };
}

async function keep(
  { blobs, results }: TextMemory,
  key: Digest,
  { waitStatus, stdout, stderr, object }: ActionResult,
): Promise<void> {
  const outputs = [{ kind: 'file', path: OBJECT, bytes: object, isExecutable: false }] as const;
  const boxed = { waitStatus, stdout, stderr, outputs, userUs: 0, systemUs: 0, maxRssKib: 0 };
  try {
    const result = await storeResult(blobs, boxed);
    await results.put(key, toBinary(ActionResultSchema, result));
  } catch {
    // The disk is full: it is compiled again.
  }
}
