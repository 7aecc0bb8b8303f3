/**
 * The messages of a gRPC call, cut out of what comes.
 *
 * Source: gRPC over HTTP2: each message has one byte, 0 for not compressed, and four with its length, big-endian, before it.
 */

export const PREFIX_BYTES = 5;
/** More is a message that it is worth to know of when it begins. */
export const LITTLE_MESSAGE_BYTES = 1 << 10;
/** Smaller messages may share a buffer with others, as Node's own small Buffers do. */
export const MOST_SHARED_BYTES = Buffer.poolSize;
const MOST_MESSAGE_BYTES = 512 << 20;
const NOTHING = new Uint8Array();

/** Cuts what comes into messages. */
export class MessageDecoder {
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** Of the message that is under way. */
  #length: number | undefined;
  readonly #onLarge: (() => void) | undefined;

  constructor(onLarge: (() => void) | undefined) {
    this.#onLarge = onLarge;
  }

  /** @returns undefined for what is no message: compressed, though we said that we take none such, or too long. */
  push(chunk: Uint8Array): Uint8Array[] | undefined {
    const messages: Uint8Array[] = [];
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#length === undefined) {
        if (this.#held < PREFIX_BYTES) return messages;
        const prefix = this.#cut(PREFIX_BYTES);
        this.#length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(1);
        if (prefix[0] !== 0 || this.#length > MOST_MESSAGE_BYTES) return undefined;
        if (this.#length > LITTLE_MESSAGE_BYTES) this.#onLarge?.();
      }
      if (this.#held < this.#length) return messages;
      messages.push(this.#cut(this.#length));
      this.#length = undefined;
    }
  }

  /** The first so many bytes of what is held, which end in the last piece; more than a few in a buffer of their own. */
  #cut(length: number): Uint8Array {
    const last = this.#pieces.at(-1) ?? NOTHING;
    const isInOne = this.#pieces.length === 1;
    const shared = isInOne ? last.subarray(0, length) : Buffer.concat(this.#pieces, length);
    const left = this.#held - length;
    this.#pieces = left === 0 ? [] : [last.subarray(last.length - left)];
    this.#held = left;
    return isInOne && length > MOST_SHARED_BYTES ? new Uint8Array(shared) : shared;
  }
}
