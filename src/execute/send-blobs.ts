/**
 * How blobs travel to a server: in frames to our own workers, else each packed by itself; many at once are asked for
 * first.
 */
import { randomUUID } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { formatDigest } from '../base/digest.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { GRPC_STATUS } from '../net/grpc-session.ts';
import {
  decodeBatchUpdate,
  decodeFindMissing,
  encodeBatchUpdate,
  encodeFindMissing,
  encodeWrite,
  type Blob,
  type PackedBlob,
} from '../wire/reapi/client-messages.ts';
import { decodeUpdated, encodeUpdate } from '../wire/reapi/inputs.ts';
import { METHODS } from '../wire/reapi/methods.ts';
import { messageOf, type Server, type UploadCall } from './server.ts';

/** To ask first costs a round trip, which so much more would cost as well. */
const JUST_SENT_BYTES = 256 << 10;
const JUST_SENT_COUNT = 40;
/** What zstd does not make much smaller. */
const LEAST_PACKED_BYTES = 1 << 10;
/** Of a batch, for what a blob costs beside its bytes. */
const BLOB_OVERHEAD_BYTES = 100;
const WRITE_PIECE_BYTES = 1 << 20;
const MOST_BASES_BYTES = 512 << 10;
const MOST_BASES = 16;
/** Levels of zstd. */
const [FAST, SMALL] = [1, 6] as const;

/** Resolves when the server has them; when all calls were made, `onBegun` is called before. */
export async function send(
  server: Server,
  blobs: readonly Blob[],
  options: UploadCall & { readonly onBegun: () => void },
): Promise<Result<void, Failure>> {
  const missing = await findMissing(server, blobs, options);
  if (!missing.ok) return missing;
  const { batches, large } = cut(server.takesFrames ? missing.value : [], server);
  const sending = [
    ...batches.map((batch) => sendFrame(server, batch, options)),
    sendBlobs(server, server.takesFrames ? large : missing.value, options),
  ];
  options.onBegun();
  const sent = await Promise.all(sending);
  return sent.find(({ ok }) => !ok) ?? ok(undefined);
}

/** Each packed by itself, as the API has it. */
async function sendBlobs(
  server: Server,
  blobs: readonly Blob[],
  options: UploadCall,
): Promise<Result<void, Failure>> {
  const { batches, large } = cut(
    blobs.map((blob) => pack(blob, server)),
    server,
  );
  const sent = await Promise.all([
    ...batches.map((batch) => sendBatch(server, batch, options)),
    ...large.map((blob) => sendLarge(server, blob, options)),
  ]);
  return sent.find(({ ok }) => !ok) ?? ok(undefined);
}

async function findMissing(
  { session, instance, name }: Server,
  blobs: readonly Blob[],
  { traffic, signal, silenceMs }: UploadCall,
): Promise<Result<readonly Blob[], Failure>> {
  const bytes = blobs.reduce((sum, { digest }) => sum + digest.sizeBytes, 0);
  if (bytes <= JUST_SENT_BYTES && blobs.length <= JUST_SENT_COUNT) return ok(blobs);
  const request = encodeFindMissing(
    instance,
    blobs.map(({ digest }) => digest),
  );
  const reply = await session.call(METHODS.findMissingBlobs, [request], { signal, silenceMs });
  const message = messageOf(name, reply, traffic);
  if (!message.ok) return message;
  const missing = new Set(decodeFindMissing(message.value).map(({ hash }) => hash));
  return ok(blobs.filter(({ digest }) => missing.has(digest.hash)));
}

/** All of them in one frame, beside what the server has of their like. */
async function sendFrame(
  server: Server,
  blobs: readonly Blob[],
  options: UploadCall,
  bases = server.known.basesOf(blobs, MOST_BASES_BYTES).slice(0, MOST_BASES),
): Promise<Result<void, Failure>> {
  const { session, name, known, uploads, isFar } = server;
  const request = encodeUpdate(blobs, { bases, level: isFar ? SMALL : FAST });
  const reply = await uploads.call(session, METHODS.updateInputs, [request], options);
  if (reply.ok && reply.value.status === GRPC_STATUS.unimplemented) {
    server.takesFrames = false;
    return sendBlobs(server, blobs, options);
  }
  const message = messageOf(name, reply, options.traffic);
  if (!message.ok) return message;
  const lost = decodeUpdated(message.value);
  if (lost.length === 0) {
    known.keep(blobs);
    return ok(undefined);
  }
  known.forget(lost);
  return bases.length > 0
    ? sendFrame(server, blobs, options, [])
    : err({ kind: 'derailed', message: `${name} misses what was not named` });
}

async function sendBatch(
  { session, instance, name, uploads }: Server,
  batch: readonly PackedBlob[],
  options: UploadCall,
): Promise<Result<void, Failure>> {
  const request = encodeBatchUpdate(instance, batch);
  const reply = await uploads.call(session, METHODS.batchUpdateBlobs, [request], options);
  const message = messageOf(name, reply, options.traffic);
  if (!message.ok) return message;
  const [first] = decodeBatchUpdate(message.value);
  if (first === undefined) return ok(undefined);
  return err({ kind: 'refused', message: `${name} did not store ${first.digest.hash}: ${first.message}` });
}

async function sendLarge(
  { session, instance, name, uploads }: Server,
  { digest, bytes, isZstd }: PackedBlob,
  options: UploadCall,
): Promise<Result<void, Failure>> {
  const prefix = instance === '' ? '' : `${instance}/`;
  const kind = isZstd ? 'compressed-blobs/zstd' : 'blobs';
  const resource = `${prefix}uploads/${randomUUID()}/${kind}/${formatDigest(digest)}`;
  const pieces = encodeWrite(resource, bytes, WRITE_PIECE_BYTES);
  const reply = await uploads.call(session, METHODS.write, pieces, options);
  const message = messageOf(name, reply, options.traffic);
  return message.ok ? ok(undefined) : message;
}

/** Into messages of a size that the server takes; what is too large for one is apart. */
function cut<B extends Blob>(
  blobs: readonly B[],
  { mostBatchBytes }: Server,
): { batches: readonly (readonly B[])[]; large: readonly B[] } {
  const batches: B[][] = [];
  const large: B[] = [];
  let batch: B[] = [];
  let bytes = Infinity;
  for (const blob of blobs) {
    const size = blob.bytes.length + BLOB_OVERHEAD_BYTES;
    if (size > mostBatchBytes) {
      large.push(blob);
      continue;
    }
    if (bytes + size > mostBatchBytes) {
      batch = [];
      bytes = 0;
      batches.push(batch);
    }
    batch.push(blob);
    bytes += size;
  }
  return { batches, large };
}

function pack({ digest, bytes }: Blob, { takesZstd, isFar }: Server): PackedBlob {
  if (!takesZstd || bytes.length < LEAST_PACKED_BYTES) return { digest, bytes, isZstd: false };
  const params = { [constants.ZSTD_c_compressionLevel]: isFar ? SMALL : FAST };
  return { digest, bytes: zstdCompressSync(bytes, { params }), isZstd: true };
}
