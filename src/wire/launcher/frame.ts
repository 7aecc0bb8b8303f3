/**
 * The frame, the one shape of everything that launcher and agent say to each other.
 *
 *    0  length   u32   of what follows: 1 byte of type and the payload
 *    4  type     u8    the launcher's below 0x80, the agent's from there on
 *    5  payload        fields (fields.ts), exactly as many as the type has
 *
 * Here are bytes and values only. The wire is specified in docs/protocol/launcher.md; its other end is
 * native/launcher.c.
 */

/** The longest frame that each side may send, in bytes after the length. */
export const MAX_LAUNCHER_FRAME_BYTES = 16 << 20;
export const MAX_AGENT_FRAME_BYTES = 64 << 20;

const LENGTH_BYTES = 4;
const HEADER_BYTES = LENGTH_BYTES + 1;

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

/** The peer does not speak this protocol: end the connection, nothing later on it can be understood. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** @throws {FrameError} when the frame would be longer than `maxBytes`. */
export function encodeFrame(type: number, fields: readonly Uint8Array[], maxBytes: number): Buffer {
  const payloadBytes = fields.reduce((sum, field) => sum + field.byteLength, 0);
  if (payloadBytes + 1 > maxBytes) {
    throw new FrameError(
      `A frame of ${payloadBytes + 1} bytes is too long to send: the limit is ${maxBytes}`,
    );
  }
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(payloadBytes + 1, 0);
  header.writeUInt8(type, LENGTH_BYTES);
  return Buffer.concat([header, ...fields], HEADER_BYTES + payloadBytes);
}

/**
 * Cuts a stream into frames. Holds what has come of one frame and at most as much again, and copies each
 * byte a fixed number of times however the stream was cut.
 */
export class FrameSplitter {
  readonly #maxBytes: number;
  /** The beginning of a frame, in the first #heldBytes. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;

  /** @param maxBytes the longest frame to accept, counted as on the wire. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next bytes of the stream, and gives the frames that they complete. The payloads may be
   * views into `chunk`.
   *
   * @throws {FrameError} when a length is 0 or above the limit; the stream is then useless.
   */
  push(chunk: Uint8Array): Frame[] {
    const bytes = this.#append(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const frames: Frame[] = [];
    let start = 0;
    for (;;) {
      const end = this.#endOfFrame(bytes, start);
      if (end === undefined) break;
      frames.push({
        type: bytes.readUInt8(start + LENGTH_BYTES),
        payload: bytes.subarray(start + HEADER_BYTES, end),
      });
      start = end;
    }
    if (frames.length > 0 || this.#heldBytes === 0) {
      // A copy: the frames that were given out may be views into what was held.
      this.#held = Buffer.from(bytes.subarray(start));
      this.#heldBytes = this.#held.byteLength;
    }
    return frames;
  }

  #append(chunk: Buffer): Buffer {
    if (this.#heldBytes === 0) return chunk;
    const needed = this.#heldBytes + chunk.byteLength;
    if (needed > this.#held.byteLength) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#held.byteLength));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
    return this.#held.subarray(0, needed);
  }

  /** Where the frame at `start` ends; undefined when it has not come whole. */
  #endOfFrame(bytes: Buffer, start: number): number | undefined {
    if (bytes.byteLength - start < LENGTH_BYTES) return undefined;
    const length = bytes.readUInt32LE(start);
    if (length < 1 || length > this.#maxBytes) {
      throw new FrameError(`A frame of ${length} bytes was announced: the limit is ${this.#maxBytes}`);
    }
    const end = start + LENGTH_BYTES + length;
    return end <= bytes.byteLength ? end : undefined;
  }
}
