/**
 * Brings blobs to a server that has not got them. What it is not known to have is asked for first where it is
 * much; a little is just sent. Several jobs that need the same blob send it once.
 */
import { zstdCompressSync, constants } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import { formatDigest } from '../base/digest.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { GRPC_STATUS, type GrpcReply, type GrpcSession, type CallOptions } from '../net/grpc-session.ts';
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
import type { KnownBlobs } from './known-blobs.ts';

export interface Server {
  readonly name: string;
  readonly session: GrpcSession;
  /** Of any make: compiles run below a root of its own, and nothing is taken for granted but what the API says. */
  readonly isPlain: boolean;
  readonly instance: string;
  readonly known: KnownBlobs;
  readonly takesZstd: boolean;
  /** Blobs in frames (wire/reapi/inputs.ts): until it says that it does not. */
  takesFrames: boolean;
  /** A byte less is worth some time of a processor, here and there. */
  readonly isFar: boolean;
  readonly mostBatchBytes: number;
}

export interface Traffic {
  bytesSent: number;
  bytesReceived: number;
}

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

/** Whether the server has them all in the end; counts what went over the wire. */
export async function upload(
  server: Server,
  blobs: readonly Blob[],
  { traffic, ...options }: CallOptions & { readonly traffic: Traffic },
): Promise<Result<void, Failure>> {
  const { known } = server;
  const coming: Promise<boolean>[] = [];
  const ours: Blob[] = [];
  for (const blob of blobs) {
    if (known.has(blob.digest)) continue;
    const other = known.comingOf(blob.digest);
    if (other === undefined) ours.push(blob);
    else coming.push(other);
  }
  const sent = ours.length === 0 ? ok(undefined) : await sendOurs(server, ours, { traffic, ...options });
  if (!sent.ok) return sent;
  const isThere = await Promise.all(coming);
  // The job whose upload it was has gone: its blobs are ours now.
  return isThere.every(Boolean) ? ok(undefined) : upload(server, blobs, { traffic, ...options });
}

async function sendOurs(
  server: Server,
  blobs: readonly Blob[],
  options: CallOptions & { readonly traffic: Traffic },
): Promise<Result<void, Failure>> {
  const sending = send(server, blobs, options);
  server.known.expect(
    blobs.map(({ digest }) => digest),
    sending.then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const sent = await sending;
  if (sent.ok) server.known.learn(blobs.map(({ digest }) => digest));
  return sent;
}

async function send(
  server: Server,
  blobs: readonly Blob[],
  options: CallOptions & { readonly traffic: Traffic },
): Promise<Result<void, Failure>> {
  const missing = await findMissing(server, blobs, options);
  if (!missing.ok) return missing;
  if (!server.takesFrames) return sendBlobs(server, missing.value, options);
  const { batches, large } = cut(missing.value, server);
  const sent = await Promise.all([
    ...batches.map((batch) => sendFrame(server, batch, options)),
    sendBlobs(server, large, options),
  ]);
  return sent.find(({ ok }) => !ok) ?? ok(undefined);
}

/** Each packed by itself, as the API has it. */
async function sendBlobs(
  server: Server,
  blobs: readonly Blob[],
  options: CallOptions & { readonly traffic: Traffic },
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
  { traffic, ...options }: CallOptions & { readonly traffic: Traffic },
): Promise<Result<readonly Blob[], Failure>> {
  const bytes = blobs.reduce((sum, { digest }) => sum + digest.sizeBytes, 0);
  if (bytes <= JUST_SENT_BYTES && blobs.length <= JUST_SENT_COUNT) return ok(blobs);
  const request = encodeFindMissing(
    instance,
    blobs.map(({ digest }) => digest),
  );
  const reply = await session.call(METHODS.findMissingBlobs, [request], options);
  const message = messageOf(name, reply, traffic);
  if (!message.ok) return message;
  const missing = new Set(decodeFindMissing(message.value).map(({ hash }) => hash));
  return ok(blobs.filter(({ digest }) => missing.has(digest.hash)));
}

/** All of them in one frame, beside what the server has of their like. */
async function sendFrame(
  server: Server,
  blobs: readonly Blob[],
  options: CallOptions & { readonly traffic: Traffic },
  bases = server.known.basesOf(blobs, MOST_BASES_BYTES).slice(0, MOST_BASES),
): Promise<Result<void, Failure>> {
  const { session, name, known, isFar } = server;
  const { traffic, ...call } = options;
  const request = encodeUpdate(blobs, { bases, level: isFar ? SMALL : FAST });
  const reply = await session.call(METHODS.updateInputs, [request], call);
  if (reply.ok && reply.value.status === GRPC_STATUS.unimplemented) {
    server.takesFrames = false;
    return sendBlobs(server, blobs, options);
  }
  const message = messageOf(name, reply, traffic);
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
  { session, instance, name }: Server,
  batch: readonly PackedBlob[],
  { traffic, ...options }: CallOptions & { readonly traffic: Traffic },
): Promise<Result<void, Failure>> {
  const reply = await session.call(METHODS.batchUpdateBlobs, [encodeBatchUpdate(instance, batch)], options);
  const message = messageOf(name, reply, traffic);
  if (!message.ok) return message;
  const [first] = decodeBatchUpdate(message.value);
  if (first === undefined) return ok(undefined);
  return err({ kind: 'refused', message: `${name} did not store ${first.digest.hash}: ${first.message}` });
}

async function sendLarge(
  { session, instance, name }: Server,
  { digest, bytes, isZstd }: PackedBlob,
  { traffic, ...options }: CallOptions & { readonly traffic: Traffic },
): Promise<Result<void, Failure>> {
  const prefix = instance === '' ? '' : `${instance}/`;
  const kind = isZstd ? 'compressed-blobs/zstd' : 'blobs';
  const resource = `${prefix}uploads/${randomUUID()}/${kind}/${formatDigest(digest)}`;
  const reply = await session.call(METHODS.write, encodeWrite(resource, bytes, WRITE_PIECE_BYTES), options);
  const message = messageOf(name, reply, traffic);
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

/** The one message of a call that went well. */
export function messageOf(
  name: string,
  reply: Result<GrpcReply, Failure>,
  traffic: Traffic,
): Result<Uint8Array, Failure> {
  if (!reply.ok) return reply;
  const { status, message, messages, bytesSent, bytesReceived } = reply.value;
  traffic.bytesSent += bytesSent;
  traffic.bytesReceived += bytesReceived;
  const [first] = messages;
  if (status === 0 && first !== undefined) return ok(first);
  return err({
    kind: 'refused',
    message: `${name} refuses: ${message === '' ? `status ${status}` : message}`,
  });
}
