import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { digestOf, type Digest } from '../base/digest.ts';
import { ok } from '../base/result.ts';
import { GRPC_STATUS, type GrpcSession } from '../net/grpc-session.ts';
import {
  BatchUpdateBlobsRequestSchema,
  BatchUpdateBlobsResponseSchema,
} from '../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { UpdateRequestSchema, UpdateResponseSchema } from '../wire/reapi/gen/manyhands/v1/inputs_pb.js';
import type { Blob } from '../wire/reapi/client-messages.ts';
import { toKnown } from '../wire/reapi/inputs.ts';
import { METHODS } from '../wire/reapi/methods.ts';
import { KnownBlobs } from './known-blobs.ts';
import { UploadCalls, type Server } from './server.ts';
import { upload } from './upload.ts';

const directory = (bytes: Uint8Array): Blob => ({ digest: digestOf(bytes), bytes, place: '/a/' });
const BYTES = randomBytes(1000);

/** What it is told, and what it says to it: by the call's name. */
class Peer {
  readonly calls: string[] = [];
  missing: (named: readonly Digest[]) => readonly Digest[] = () => [];
  hasFrames = true;
  readonly server: Server = {
    name: 'peer',
    session: {
      call: (method: string, messages: Uint8Array[]) => this.#call(method, messages),
    } as unknown as GrpcSession,
    isPlain: false,
    instance: '',
    known: new KnownBlobs(),
    uploads: new UploadCalls(),
    takesZstd: true,
    takesFrames: true,
    isFar: false,
    mostBatchBytes: 100_000,
  };

  async upload(...blobs: readonly Blob[]): Promise<string> {
    const { signal } = new AbortController();
    const traffic = { bytesSent: 0, bytesReceived: 0 };
    const sent = await upload(this.server, blobs, { signal, silenceMs: 1000, traffic }).done;
    return sent.ok ? 'sent' : sent.error.kind;
  }

  #call(method: string, [message = new Uint8Array()]: Uint8Array[]) {
    const [status, reply] = this.#answer(method, message);
    const counts = { bytesSent: message.length, bytesReceived: reply.length };
    return Promise.resolve(ok({ status, message: '', details: undefined, messages: [reply], ...counts }));
  }

  #answer(method: string, message: Uint8Array): [status: number, reply: Uint8Array] {
    if (method === METHODS.batchUpdateBlobs) {
      const { requests } = fromBinary(BatchUpdateBlobsRequestSchema, message);
      this.calls.push(`${requests.length} blobs`);
      return [0, toBinary(BatchUpdateBlobsResponseSchema, create(BatchUpdateBlobsResponseSchema))];
    }
    assert.equal(method, METHODS.updateInputs);
    if (!this.hasFrames) return [GRPC_STATUS.unimplemented, new Uint8Array()];
    const { sizes, dictionary } = fromBinary(UpdateRequestSchema, message);
    this.calls.push(`frame of ${sizes.length}, dictionary of ${dictionary.length}`);
    const named = dictionary.map(({ hash, size }) => ({
      hash: Buffer.from(hash).toString('hex'),
      sizeBytes: Number(size),
    }));
    const response = create(UpdateResponseSchema, { missing: this.missing(named).map(toKnown) });
    return [0, toBinary(UpdateResponseSchema, response)];
  }
}

test('a directory is sent beside what was sent of it before', async () => {
  const peer = new Peer();
  assert.equal(await peer.upload(directory(BYTES)), 'sent');
  assert.equal(await peer.upload(directory(BYTES)), 'sent');
  assert.equal(await peer.upload(directory(BYTES.subarray(1))), 'sent');
  assert.deepEqual(peer.calls, ['frame of 1, dictionary of 0', 'frame of 1, dictionary of 1']);
});

test('what a server has lost of it is no dictionary any more', async () => {
  const peer = new Peer();
  await peer.upload(directory(BYTES));
  peer.missing = (named) => named;
  assert.equal(await peer.upload(directory(BYTES.subarray(1))), 'sent');
  assert.deepEqual(peer.calls.slice(1), ['frame of 1, dictionary of 1', 'frame of 1, dictionary of 0']);
  // One that misses what was not named is not asked for ever.
  peer.missing = () => [digestOf(Buffer.from('another'))];
  assert.equal(await peer.upload(directory(BYTES.subarray(2))), 'derailed');
});

test('two jobs that need one blob send it once, and both know which call brings it', async () => {
  const { server, calls } = new Peer();
  const call = {
    signal: new AbortController().signal,
    silenceMs: 1000,
    traffic: { bytesSent: 0, bytesReceived: 0 },
  };
  const [one, other] = [0, 1].map(() => upload(server, [directory(BYTES)], call));
  const [names, others] = await Promise.all([one?.begun, other?.begun]);
  assert.equal(names?.length, 1);
  assert.deepEqual(others, names);
  await Promise.all([one?.done, other?.done]);
  assert.equal(calls.length, 1);
  assert.deepEqual(server.uploads.unanswered(names), []);
  assert.deepEqual(await upload(server, [directory(BYTES)], call).begun, []);
});

test('a server that has no frames gets blobs, and is not asked again', async () => {
  const peer = new Peer();
  peer.hasFrames = false;
  assert.equal(await peer.upload(directory(BYTES), directory(BYTES.subarray(1))), 'sent');
  assert.equal(peer.server.takesFrames, false);
  assert.equal(await peer.upload(directory(BYTES.subarray(2))), 'sent');
  assert.deepEqual(peer.calls, ['2 blobs', '1 blobs']);
});
