/**
 * Many blobs in one frame of zstd, with a dictionary of blobs that the other side has: our own way to bring a job's inputs
 * to a worker of ours. The Directory of 100 headers that another job has sent but for one of them becomes some bytes.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Digest } from '../../base/digest.ts';
import {
  UpdateRequestSchema,
  UpdateResponseSchema,
  type Known,
  type UpdateRequest,
} from './gen/manyhands/v1/inputs_pb.js';
import type { Blob } from './client-messages.ts';

export function encodeUpdate(
  blobs: readonly Blob[],
  { bases, level }: { readonly bases: readonly Blob[]; readonly level: number },
): Uint8Array {
  const bytes = Buffer.concat(blobs.map(({ bytes }) => bytes));
  const frame = zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: level },
    ...(bases.length > 0 && { dictionary: Buffer.concat(bases.map(({ bytes }) => bytes)) }),
  });
  const request = create(UpdateRequestSchema, {
    sizes: blobs.map(({ digest }) => BigInt(digest.sizeBytes)),
    frame,
    dictionary: bases.map(({ digest }) => toKnown(digest)),
  });
  return toBinary(UpdateRequestSchema, request);
}

/** Those of the dictionary that the worker has not got; nothing was stored where there are any. */
export function decodeUpdated(bytes: Uint8Array): readonly Digest[] {
  return fromBinary(UpdateResponseSchema, bytes).missing.map(fromKnown);
}

/**
 * The blobs of a frame, each in memory of its own.
 *
 * @throws {RangeError} where it is no frame of blobs of those sizes.
 */
export function unpackUpdate(
  { sizes, frame }: Pick<UpdateRequest, 'sizes' | 'frame'>,
  dictionary: readonly Uint8Array[],
): readonly Uint8Array[] {
  const total = Number(sizes.reduce((sum, size) => sum + size, 0n));
  const bytes = unpack(frame, total, dictionary);
  if (bytes.length !== total) throw new RangeError(`${bytes.length} bytes came instead of ${total}`);
  let at = 0;
  return sizes.map((size) => new Uint8Array(bytes.subarray(at, (at += Number(size)))));
}

function unpack(frame: Uint8Array, total: number, dictionary: readonly Uint8Array[]): Uint8Array {
  try {
    return zstdDecompressSync(frame, {
      maxOutputLength: Math.max(total, 1),
      ...(dictionary.length > 0 && { dictionary: Buffer.concat(dictionary) }),
    });
  } catch {
    throw new RangeError('it is no proper zstd, or not of that size');
  }
}

export function toKnown({ hash, sizeBytes }: Digest): { hash: Uint8Array; size: bigint } {
  return { hash: Buffer.from(hash, 'hex'), size: BigInt(sizeBytes) };
}

export function fromKnown({ hash, size }: Known): Digest {
  return { hash: Buffer.from(hash).toString('hex'), sizeBytes: Number(size) };
}
