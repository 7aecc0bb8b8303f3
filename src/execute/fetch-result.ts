/** Makes an ActionResult of what a server answered: fetches what did not come with it, and believes no digest. */
import { zstdDecompressSync } from 'node:zlib';
import type { ActionResult, BlobAction } from '../action/action.ts';
import { digestOf, formatDigest, isDigest, isSameDigest, type Digest } from '../base/digest.ts';
import type { Failure } from '../base/failure.ts';
import { freeMemory } from '../base/memory.ts';
import { err, ok, type Result } from '../base/result.ts';
import { exited } from '../base/wait-status.ts';
import { MOST_SHARED_BYTES } from '../net/grpc-messages.ts';
import type { CallOptions } from '../net/grpc-session.ts';
import { decodeBatchRead, decodeRead, encodeBatchRead, encodeRead } from '../wire/reapi/client-messages.ts';
import type { Content, ExecutionResult, OutputFile } from '../wire/reapi/execution-result.ts';
import { METHODS } from '../wire/reapi/methods.ts';
import { messageOf, type Server, type Traffic } from './server.ts';

/** A compiler's own exit codes; above are a shell's words for signals. */
const MOST_EXIT_CODE = 127;
/** Node takes none smaller. */
const LEAST_CHUNK_BYTES = 64;
const MOST_OUTPUT_BYTES = 1 << 30;
const NOTHING = new Uint8Array();

type FetchOptions = CallOptions & { readonly traffic: Traffic };

/** Disposing it frees the object's memory, but not that of what the compiler said. */
export interface FetchedResult extends Disposable {
  readonly result: ActionResult;
}

/** The result with all its bytes, each compared with its digest. */
export async function fetchResult(
  server: Server,
  { outputs }: Pick<BlobAction, 'outputs'>,
  result: ExecutionResult,
  options: FetchOptions,
): Promise<Result<FetchedResult, Failure>> {
  const { exitCode, stdout, stderr, files, packed } = result;
  if (exitCode < 0 || exitCode > MOST_EXIT_CODE)
    return err({
      kind: 'refused',
      message: `${server.name}: the compiler was killed (exit code ${exitCode})`,
    });
  const fetcher = new Fetcher(server, options);
  const find = (path: string | undefined): Content | undefined => {
    const file = path === undefined ? undefined : files.find((other) => other.path === path);
    return file && contentOf(file, packed);
  };
  const object = exitCode === 0 ? find(outputs.object) : undefined;
  const dependencies = exitCode === 0 ? find(outputs.dependencies) : undefined;
  if (exitCode === 0 && (object === undefined || (outputs.dependencies !== undefined && !dependencies)))
    return err({ kind: 'derailed', message: `${server.name} says that all went well, but made no output` });
  const parts = await fetcher.fetch([stdout, stderr, object, dependencies]);
  if (!parts.ok) return parts;
  const [said = NOTHING, warned = NOTHING, made = NOTHING, rule] = parts.value;
  return ok({
    result: {
      waitStatus: exited(exitCode),
      stdout: new Uint8Array(said),
      stderr: new Uint8Array(warned),
      object: made,
      ...(rule !== undefined && { dependencies: rule }),
    },
    [Symbol.dispose]: () => [made, ...packed.values()].forEach(freeOwn),
  });
}

class Fetcher {
  readonly #server: Server;
  readonly #options: FetchOptions;

  constructor(server: Server, options: FetchOptions) {
    this.#server = server;
    this.#options = options;
  }

  async fetch(
    contents: readonly (Content | undefined)[],
  ): Promise<Result<readonly (Uint8Array | undefined)[], Failure>> {
    const wanted = contents.flatMap((content) => (content?.digest === undefined ? [] : [content.digest]));
    const blobs = wanted.length === 0 ? ok(new Map<string, Uint8Array>()) : await this.#fetchBlobs(wanted);
    if (!blobs.ok) return blobs;
    return ok(contents.map((content) => content && bytesOf(content, blobs.value)));
  }

  async #fetchBlobs(digests: readonly Digest[]): Promise<Result<ReadonlyMap<string, Uint8Array>, Failure>> {
    const { name, mostBatchBytes } = this.#server;
    const bad = digests.find((digest) => !isProper(digest));
    if (bad !== undefined) return err({ kind: 'derailed', message: `${name} named no proper blob` });
    const small = digests.filter(({ sizeBytes }) => sizeBytes <= mostBatchBytes / digests.length);
    const large = digests.filter((digest) => !small.includes(digest));
    const found = await Promise.all([
      ...(small.length === 0 ? [] : [this.#readBatch(small)]),
      ...large.map((digest) => this.#readLarge(digest)),
    ]);
    const blobs = new Map<string, Uint8Array>();
    for (const part of found) {
      if (!part.ok) return part;
      for (const [hash, bytes] of part.value) blobs.set(hash, bytes);
    }
    const absent = digests.find(({ hash }) => !blobs.has(hash));
    if (absent === undefined) return ok(blobs);
    return err({ kind: 'derailed', message: `${name} has lost ${absent.hash}, which it had just made` });
  }

  async #readBatch(digests: readonly Digest[]): Promise<Result<ReadonlyMap<string, Uint8Array>, Failure>> {
    const { session, instance, name, takesZstd } = this.#server;
    const { traffic, ...options } = this.#options;
    const request = encodeBatchRead(instance, digests, { takesZstd });
    const message = messageOf(name, await session.call(METHODS.batchReadBlobs, [request], options), traffic);
    if (!message.ok) return message;
    const blobs = new Map<string, Uint8Array>();
    for (const { digest, bytes, isZstd } of decodeBatchRead(message.value)) {
      const whole = isZstd ? unpack(bytes, digest) : bytes;
      if (whole !== undefined && isSameDigest(digestOf(whole), digest)) blobs.set(digest.hash, whole);
    }
    return ok(blobs);
  }

  async #readLarge(digest: Digest): Promise<Result<ReadonlyMap<string, Uint8Array>, Failure>> {
    const { session, instance, name, takesZstd } = this.#server;
    const { traffic, ...options } = this.#options;
    const kind = takesZstd ? 'compressed-blobs/zstd' : 'blobs';
    const resource = `${instance === '' ? '' : `${instance}/`}${kind}/${formatDigest(digest)}`;
    const reply = await session.call(METHODS.read, [encodeRead(resource)], options);
    const first = messageOf(name, reply, traffic);
    if (!first.ok) return first;
    const bytes = Buffer.concat(reply.ok ? reply.value.messages.map(decodeRead) : []);
    const whole = takesZstd ? unpack(bytes, digest) : bytes;
    const isRight = whole !== undefined && isSameDigest(digestOf(whole), digest);
    return ok(new Map(isRight ? [[digest.hash, whole]] : []));
  }
}

function bytesOf(content: Content, blobs: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  return content.digest === undefined ? content.bytes : blobs.get(content.digest.hash);
}

function contentOf({ bytes, digest }: OutputFile, packed: ReadonlyMap<string, Uint8Array>): Content {
  const zipped = packed.get(digest.hash);
  const whole = bytes ?? (zipped && isProper(digest) ? unpack(zipped, digest) : undefined);
  return whole === undefined ? { digest } : verified(whole, digest);
}

/** What came of one call has a buffer of its own, unless it is small. */
function freeOwn(bytes: Uint8Array): void {
  if (bytes.length > MOST_SHARED_BYTES) freeMemory(bytes);
}

function isProper(digest: Digest): boolean {
  return isDigest(digest) && digest.sizeBytes <= MOST_OUTPUT_BYTES;
}

/** What came inline; by digest again, where it is not what it says. */
function verified(bytes: Uint8Array, digest: Digest): Content {
  return isSameDigest(digestOf(bytes), digest) ? { bytes } : { digest };
}

function unpack(bytes: Uint8Array, { sizeBytes }: Digest): Uint8Array | undefined {
  try {
    // In one piece: by itself it puts small ones together. One that is filled to its end gets another one after it.
    const size = Math.max(sizeBytes, LEAST_CHUNK_BYTES);
    return zstdDecompressSync(bytes, { chunkSize: size + 1, maxOutputLength: size });
  } catch {
    return undefined;
  }
}
