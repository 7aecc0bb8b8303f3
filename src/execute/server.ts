/** A server of the native wire as its client sees it, for as long as one session with it lasts. */
import { randomUUID } from 'node:crypto';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { GrpcReply, GrpcSession, CallOptions } from '../net/grpc-session.ts';
import { UPLOAD_HEADER } from '../wire/reapi/headers.ts';
import type { KnownBlobs } from './known-blobs.ts';

export interface Server {
  readonly name: string;
  readonly session: GrpcSession;
  /** Of any make: compiles run below a root of its own, and nothing is taken for granted but what the API says. */
  readonly isPlain: boolean;
  readonly instance: string;
  readonly known: KnownBlobs;
  readonly uploads: UploadCalls;
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

export type Call = CallOptions & { readonly traffic: Traffic };

export interface UploadCall extends Call {
  /** Called with the name of the call when the connection has it. */
  readonly onSent: (name: string) => void;
}

/** The calls of one session that bring blobs, by name, so that an execution can be told to wait for some of them. */
export class UploadCalls {
  readonly #session = randomUUID().slice(0, 8);
  readonly #unanswered = new Set<string>();
  #count = 0;

  async call(
    session: GrpcSession,
    method: string,
    messages: readonly Uint8Array[],
    { signal, silenceMs, onSent }: UploadCall,
  ): Promise<Result<GrpcReply, Failure>> {
    const name = `${this.#session}-${(this.#count++).toString(36)}`;
    this.#unanswered.add(name);
    try {
      const reply = session.call(method, messages, { signal, silenceMs, headers: { [UPLOAD_HEADER]: name } });
      onSent(name);
      return await reply;
    } finally {
      this.#unanswered.delete(name);
    }
  }

  /** Those that the server has not answered yet. */
  unanswered(names: readonly string[]): readonly string[] {
    return names.filter((name) => this.#unanswered.has(name));
  }
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
