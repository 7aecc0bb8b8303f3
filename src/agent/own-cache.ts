/**
 * What this user's compiles have come to before, by the digests of their actions: such a job needs no host. Only what
 * was compiled from its blobs is kept: of a preprocessed text nobody can say that the compiler here would have made the same.
 */
import type { ActionResult, BlobAction } from '../action/action.ts';
import { crc32 } from 'node:zlib';
import { digestOf, formatDigest, type Digest } from '../base/digest.ts';
import { exited } from '../base/wait-status.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ResultStore } from '../store/result-store.ts';
import { decodeResult, encodeResult, type OutputFile } from '../wire/reapi/execution-result.ts';

export interface CacheStores {
  readonly blobs: BlobStore;
  readonly results: ResultStore;
}

const NOTHING = new Uint8Array();

export class OwnCache {
  readonly #stores: CacheStores;

  constructor(stores: CacheStores) {
    this.#stores = stores;
  }

  /**
   * The whole result, as it was delivered once; undefined where any part of it is gone.
   *
   * @param scope whose results count: '' for those of workers that are known to have the very compiler, else what names a
   * server that only said so.
   */
  async find({ action, outputs }: BlobAction, scope: string): Promise<ActionResult | undefined> {
    const encoded = await this.#stores.results.find(keyOf(action.digest, scope));
    if (encoded === undefined) return undefined;
    const { stdout, stderr, files } = decodeResult(encoded);
    const read = async (path: string | undefined): Promise<Uint8Array | undefined> => {
      const file = files.find((other) => other.path === path);
      return file && this.#stores.blobs.read(file.digest, file.crc);
    };
    const object = await read(outputs.object);
    const dependencies = await read(outputs.dependencies);
    if (object === undefined || (outputs.dependencies !== undefined && dependencies === undefined))
      return undefined;
    return {
      waitStatus: exited(0),
      stdout: stdout.bytes ?? NOTHING,
      stderr: stderr.bytes ?? NOTHING,
      object,
      ...(dependencies !== undefined && { dependencies }),
    };
  }

  /** Keeps a result; false where it cannot be, by its kind or for want of room. */
  async keep({ action, outputs }: BlobAction, result: ActionResult, scope: string): Promise<boolean> {
    if (result.waitStatus !== 0) return false;
    const { stdout, stderr, object, dependencies } = result;
    const files: OutputFile[] = [];
    for (const [path, bytes] of [
      [outputs.object, object] as const,
      [outputs.dependencies, dependencies] as const,
    ]) {
      if (path === undefined || bytes === undefined) continue;
      const digest = digestOf(bytes);
      if (!(await this.#stores.blobs.write(digest, bytes)).ok) return false;
      files.push({ path, digest, bytes: undefined, crc: crc32(bytes) });
    }
    const encoded = encodeResult({
      exitCode: 0,
      stdout: { bytes: stdout },
      stderr: { bytes: stderr },
      files,
    });
    return (await this.#stores.results.put(keyOf(action.digest, scope), encoded)).ok;
  }
}

function keyOf(action: Digest, scope: string): Digest {
  return scope === '' ? action : digestOf(Buffer.from(`${formatDigest(action)} ${scope}`));
}
