/**
 * The fields of a frame's payload: little-endian integers, byte strings behind their length, lists of
 * them behind their count. Encoders give the pieces, `FieldReader` takes them off in order.
 */
import { isUtf8 } from 'node:buffer';

import { FrameError } from './frame.ts';

const U32_BYTES = 4;
const U64_BYTES = 8;

export function encodeU32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(U32_BYTES);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function encodeU64(value: bigint | number): Buffer {
  const bytes = Buffer.allocUnsafe(U64_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Any bytes behind their length. */
export function encodeBytes(bytes: Uint8Array): Uint8Array[] {
  return [encodeU32(bytes.byteLength), bytes];
}

/** @throws {FrameError} when the text has a NUL, which no C string could hold. */
export function encodeString(text: string): Buffer {
  if (text.includes('\0')) throw new FrameError('A string with a NUL in it cannot be sent');
  const sizeBytes = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(U32_BYTES + sizeBytes);
  bytes.writeUInt32LE(sizeBytes);
  bytes.write(text, U32_BYTES);
  return bytes;
}

export function encodeList(texts: readonly string[]): Buffer[] {
  return [encodeU32(texts.length), ...texts.map(encodeString)];
}

/** Takes fields off the front of a payload; every method throws a FrameError when there is too little. */
export class FieldReader {
  readonly #payload: Buffer;
  #at = 0;
  #isText = true;

  constructor(payload: Buffer) {
    this.#payload = payload;
  }

  /** False as soon as a string was not UTF-8, and was therefore not decoded faithfully. */
  get isText(): boolean {
    return this.#isText;
  }

  u32(): number {
    return this.#payload.readUInt32LE(this.#skip(U32_BYTES));
  }

  u64(): bigint {
    return this.#payload.readBigUInt64LE(this.#skip(U64_BYTES));
  }

  /** A u64 that counts something and therefore fits a number. */
  count64(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FrameError(`${value} is no count`);
    return Number(value);
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const sizeBytes = this.u32();
    const start = this.#skip(sizeBytes);
    return this.#payload.subarray(start, start + sizeBytes);
  }

  /** Decoded as UTF-8; see `isText` for bytes that are not. */
  string(): string {
    const sizeBytes = this.u32();
    const start = this.#skip(sizeBytes);
    const text = this.#payload.toString('utf8', start, start + sizeBytes);
    if (text.includes('\0')) throw new FrameError('A string has a NUL in it');
    // U+FFFD is what stands for bytes that are not UTF-8; or it was there in the first place.
    if (text.includes('\uFFFD') && !isUtf8(this.#payload.subarray(start, start + sizeBytes))) {
      this.#isText = false;
    }
    return text;
  }

  list(): string[] {
    return this.times(U32_BYTES, () => this.string());
  }

  /** A count and that many items, of which each takes `itemBytes` at least. */
  times<T>(itemBytes: number, readItem: () => T): T[] {
    const count = this.u32();
    if (count * itemBytes > this.#payload.byteLength - this.#at) {
      throw new FrameError(`A list of ${count} items does not fit its frame`);
    }
    return Array.from({ length: count }, readItem);
  }

  /** @throws {FrameError} when bytes are left over. */
  end(): void {
    const left = this.#payload.byteLength - this.#at;
    if (left > 0) throw new FrameError(`A frame has ${left} bytes too many`);
  }

  #skip(sizeBytes: number): number {
    const start = this.#at;
    if (sizeBytes > this.#payload.byteLength - start) {
      throw new FrameError(`A frame ends within a field of ${sizeBytes} bytes`);
    }
    this.#at += sizeBytes;
    return start;
  }
}
