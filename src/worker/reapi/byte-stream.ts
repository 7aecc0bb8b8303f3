/** The service ByteStream: blobs piece by piece. An upload that broke off goes on where it was, for a minute. */
import { create } from '@bufbuild/protobuf';
import { once } from 'node:events';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Readable } from 'node:stream';
import type { Log } from '../../base/log.ts';
import { GRPC_STATUS } from '../../net/grpc-session.ts';
import type { BlobReceiver, StoreFailure, StreamedBlobStore } from '../../store/blob-store.ts';
import type { Result } from '../../base/result.ts';
import {
  ByteStream,
  QueryWriteStatusResponseSchema,
  ReadResponseSchema,
  WriteResponseSchema,
  type WriteRequest,
} from '../../wire/reapi/gen/google/bytestream/bytestream_pb.js';
import { parseResourceName, type ResourceName } from '../../wire/reapi/resource-name.ts';
import { rpcStatusOf } from './content-store.ts';
import { RpcError, serviceOf, type GrpcService } from './grpc-service.ts';
import { MOST_BLOB_BYTES, MOST_UPLOADS, READ_PIECE_BYTES, UPLOAD_KEPT_MS } from './limits.ts';
import { UPLOAD_HEADER } from '../../wire/reapi/headers.ts';
import type { Uploads } from './uploads.ts';

export interface ByteStreamOptions {
  readonly blobs: StreamedBlobStore;
  readonly uploads: Uploads;
  readonly log: Log;
  /** Called with what came in. */
  readonly onUpload: (bytes: number) => void;
}

export function byteStream(options: ByteStreamOptions): GrpcService {
  const { blobs, uploads, log } = options;
  const begun = new BegunUploads();
  return serviceOf(
    ByteStream,
    {
      read: ({ resourceName, readOffset, readLimit }) => {
        const name = nameOf(resourceName, 'read');
        return readBlob(blobs, name, { offset: Number(readOffset), limit: Number(readLimit) });
      },

      async write(requests, { header }) {
        using _upload = uploads.begin(header(UPLOAD_HEADER));
        return create(WriteResponseSchema, {
          committedSize: BigInt(await writeBlob(requests, options, begun)),
        });
      },

      async queryWriteStatus({ resourceName }) {
        const { digest, upload } = nameOf(resourceName, 'written');
        const [missing] = await blobs.findMissing([digest]);
        if (missing === undefined)
          return create(QueryWriteStatusResponseSchema, {
            committedSize: BigInt(digest.sizeBytes),
            complete: true,
          });
        const committedSize = BigInt(begun.receivedBytes(keyOf(upload, digest.hash)));
        return create(QueryWriteStatusResponseSchema, { committedSize, complete: false });
      },
    },
    log,
  );
}

function nameOf(text: string, use: 'read' | 'written'): ResourceName {
  const name = parseResourceName(text);
  if (name === undefined || (name.upload === undefined) === (use === 'written'))
    throw new RpcError(GRPC_STATUS.invalidArgument, `${JSON.stringify(text.slice(0, 200))} cannot be ${use}`);
  if (name.digest.sizeBytes > MOST_BLOB_BYTES)
    throw new RpcError(GRPC_STATUS.invalidArgument, `a blob has at most ${MOST_BLOB_BYTES} bytes`);
  return name;
}

async function* readBlob(
  blobs: StreamedBlobStore,
  { digest, isZstd }: ResourceName,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  if (offset < 0 || offset > digest.sizeBytes || limit < 0)
    throw new RpcError(OUT_OF_RANGE, `${offset} is not within the blob`);
  // A limit counts the bytes that travel, of which nobody knows when they are packed.
  if (isZstd && limit > 0) throw new RpcError(GRPC_STATUS.invalidArgument, 'what is packed has no limit');
  const pieces = await blobs.readPieces(digest, offset, limit === 0 ? undefined : limit);
  if (pieces === undefined) throw new RpcError(GRPC_STATUS.notFound, `${digest.hash} is not here`);
  const stream: AsyncIterable<Uint8Array> = isZstd
    ? Readable.from(pieces).pipe(createZstdCompress())
    : pieces;
  for await (const piece of stream) {
    for (let at = 0; at < piece.length; at += READ_PIECE_BYTES)
      yield create(ReadResponseSchema, { data: piece.subarray(at, at + READ_PIECE_BYTES) });
  }
}

/** gRPC's OUT_OF_RANGE, which only this service has. */
const OUT_OF_RANGE = 11;

/** @returns how much of it is there; −1 where a packed one was not looked at, because the blob is here. */
async function writeBlob(
  requests: AsyncIterable<WriteRequest>,
  { blobs, onUpload }: ByteStreamOptions,
  begun: BegunUploads,
): Promise<number> {
  let upload: Upload | undefined;
  let isFinished = false;
  try {
    for await (const { resourceName, writeOffset, finishWrite, data } of requests) {
      if (upload === undefined) {
        const name = nameOf(resourceName, 'written');
        const [missing] = await blobs.findMissing([name.digest]);
        if (missing === undefined) return name.isZstd ? -1 : name.digest.sizeBytes;
        upload = await begun.take(name, blobs);
      }
      if (isFinished || Number(writeOffset) !== upload.receivedBytes)
        throw new RpcError(GRPC_STATUS.invalidArgument, `offset ${writeOffset} is not where the upload is`);
      onUpload(data.length);
      await upload.push(data);
      isFinished = finishWrite;
    }
    if (upload === undefined) throw new RpcError(GRPC_STATUS.invalidArgument, 'it names no blob');
    const received = upload.receivedBytes;
    if (!isFinished) {
      begun.keep(upload);
      return received;
    }
    await upload.finish();
    return received;
  } catch (error) {
    // A client that broke off may go on; what was wrong stays wrong.
    if (error instanceof RpcError || upload === undefined) await upload?.[Symbol.asyncDispose]();
    else begun.keep(upload);
    throw error;
  }
}

/** Uploads that broke off. */
class BegunUploads {
  readonly #kept = new Map<string, { readonly upload: Upload; readonly timer: NodeJS.Timeout }>();

  receivedBytes(key: string): number {
    return this.#kept.get(key)?.upload.receivedBytes ?? 0;
  }

  async take({ upload: id, digest, isZstd }: ResourceName, blobs: StreamedBlobStore): Promise<Upload> {
    const key = keyOf(id, digest.hash);
    const kept = this.#kept.get(key);
    if (kept === undefined) return new Upload(key, await blobs.receive(digest), isZstd);
    clearTimeout(kept.timer);
    this.#kept.delete(key);
    return kept.upload;
  }

  keep(upload: Upload): void {
    const { key } = upload;
    const forget = (): void => {
      this.#kept.delete(key);
      void upload[Symbol.asyncDispose]();
    };
    // What is packed cannot be gone on with: where the packer was is not known.
    if (this.#kept.size >= MOST_UPLOADS || this.#kept.has(key) || upload.isPacked) return forget();
    this.#kept.set(key, { upload, timer: setTimeout(forget, UPLOAD_KEPT_MS).unref() });
  }
}

class Upload implements AsyncDisposable {
  readonly key: string;
  readonly isPacked: boolean;
  /** As they came. */
  receivedBytes = 0;
  readonly #receiver: BlobReceiver;
  readonly #unpacker: ReturnType<typeof createZstdDecompress> | undefined;
  #unpacking: Promise<void> | undefined;

  constructor(key: string, receiver: BlobReceiver, isPacked: boolean) {
    this.key = key;
    this.#receiver = receiver;
    this.isPacked = isPacked;
    if (!isPacked) return;
    this.#unpacker = createZstdDecompress();
    this.#unpacking = this.#pour(this.#unpacker);
    // It is looked at when the upload ends.
    this.#unpacking.catch(() => {});
  }

  async push(data: Uint8Array): Promise<void> {
    this.receivedBytes += data.length;
    if (this.#unpacker === undefined) return check(await this.#receiver.push(data));
    if (this.#unpacker.destroyed) return this.#unpacking;
    if (this.#unpacker.write(data)) return;
    // Its error comes by way of what is unpacked.
    const drained = once(this.#unpacker, 'drain').catch(() => {});
    await Promise.race([drained, this.#unpacking]);
  }

  async finish(): Promise<void> {
    this.#unpacker?.end();
    await this.#unpacking;
    check(await this.#receiver.finish());
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unpacker?.destroy();
    await this.#receiver[Symbol.asyncDispose]();
  }

  async #pour(unpacker: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const piece of unpacker) check(await this.#receiver.push(piece));
    } catch (error) {
      if (error instanceof RpcError) throw error;
      throw new RpcError(GRPC_STATUS.invalidArgument, 'it is no proper zstd');
    }
  }
}

function check(result: Result<void, StoreFailure>): void {
  if (result.ok) return;
  const { code, message } = rpcStatusOf(result.error);
  throw new RpcError(code, message);
}

function keyOf(upload: string | undefined, hash: string): string {
  return `${upload}/${hash}`;
}
