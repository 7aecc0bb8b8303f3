/**
 * LZO1X, the restoring half. The instructions are listed in `lzo-compress.ts`; these two are not there,
 * because our compressor never writes them. What came before tells them from a run of literals:
 *
 *   0000DDSS d   after 1 to 3 literals: copy 2 from 1 + D + 4d
 *   0000DDSS d   after 4 or more literals: copy 3 from 2,049 + D + 4d
 *
 * A stream has neither length nor checksum: what shows it whole is its end mark, and nothing behind it.
 * The output grows as it comes (one byte of a stream can stand for 255), so a small body cannot make us
 * reserve much.
 */
import { freeMemory } from '../../base/memory.ts';
import { ProtocolError } from './protocol-error.ts';

/** The end mark's bytes. No instruction is shorter, so that many can be read wherever one may start. */
const END_MARK = 3;

/** Copies go by words of 4 bytes and may write 3 more than asked for; what comes next overwrites them. */
const SLACK = 3;

/** A copy longer than this is worth a call. */
const LONG_COPY = 64;

/**
 * Restores what one LZO1X stream, the whole of `body`, stands for. The buffer behind the result may be
 * larger: four times `body`, or twice the result.
 *
 * @throws {ProtocolError} when `body` is no such stream, or stands for more than `maxBytes`.
 */
export function decompress(body: Uint8Array, limits: { readonly maxBytes: number }): Uint8Array {
  const { maxBytes } = limits;
  const from = new DataView(body.buffer, body.byteOffset, body.length);
  const lastStart = body.length - END_MARK;
  if (lastStart < 0) throw cutShort();

  let out = allocate(Math.min(maxBytes, body.length * 4) + SLACK);
  let to = new DataView(out.buffer);
  let get = 0;
  let put = 0;
  /** How many literals came last. */
  let literals = Math.max(0, from.getUint8(0) - 17);
  if (literals > 0) {
    if (1 + literals > lastStart) throw cutShort();
    if (literals > maxBytes) throw tooLong(maxBytes);
    copyLiterals(from, 1, literals, to, 0);
    get = 1 + literals;
    put = literals;
  }

  // One long function: the five variables above are in registers only while nobody else writes them.
  for (;;) {
    if (get > lastStart) throw cutShort();
    const code = from.getUint8(get++);
    let length = 0;
    let distance = 0;
    if (code >= 0x40) {
      length = (code >> 5) + 1;
      distance = 1 + ((code >> 2) & 7) + (from.getUint8(get++) << 3);
      literals = code & 3;
    } else if (code >= 0x10 || literals === 0) {
      const mask = code >= 0x20 ? 31 : code >= 0x10 ? 7 : 15;
      let count = code & mask;
      if (count === 0) {
        const last = afterZeros(from, get, lastStart);
        count = mask + 255 * (last - get) + from.getUint8(last);
        get = last + 1;
      }
      if (code < 0x10) {
        literals = 3 + count;
      } else {
        const back = from.getUint16(get, true);
        get += 2;
        length = 2 + count;
        distance = (back >> 2) + (code >= 0x20 ? 1 : 16_384 + ((code & 8) << 11));
        literals = back & 3;
        if (code < 0x20 && distance === 16_384) {
          if (code !== 0x11 || literals !== 0) throw new ProtocolError('LZO: not quite an end mark');
          break;
        }
      }
    } else {
      length = literals < 4 ? 2 : 3;
      distance = (literals < 4 ? 1 : 2_049) + (code >> 2) + (from.getUint8(get++) << 2);
      literals = code & 3;
    }

    if (distance > put) throw new ProtocolError('LZO: a copy from before the beginning');
    if (get + literals > lastStart) throw cutShort();
    const needed = put + length + literals;
    if (needed > out.length - SLACK) {
      if (needed > maxBytes) throw tooLong(maxBytes);
      out = enlarge(out, put, Math.min(maxBytes, Math.max(needed, put * 2)));
      to = new DataView(out.buffer);
    }
    if (length > LONG_COPY && length <= distance) {
      out.copyWithin(put, put - distance, put - distance + length);
    } else if (length > 0) {
      copyBack(to, put, length, distance);
    }
    put += length;
    if (literals > 0) copyLiterals(from, get, literals, to, put);
    put += literals;
    get += literals;
  }
  if (get !== body.length) throw new ProtocolError(`LZO: ${body.length - get} bytes after the end mark`);
  return out.subarray(0, put);
}

/** Where the first byte is that is not 0. At least two more, a distance or a literal, come after it. */
function afterZeros(from: DataView, start: number, lastStart: number): number {
  for (let at = start; at <= lastStart; at++) {
    if (from.getUint8(at) !== 0) return at;
  }
  throw cutShort();
}

function copyBack(to: DataView, start: number, length: number, distance: number): void {
  const end = start + length;
  let put = start;
  if (distance < 4) {
    for (; put < end; put++) to.setUint8(put, to.getUint8(put - distance));
    return;
  }
  for (; put < end; put += 4) to.setInt32(put, to.getInt32(put - distance, true), true);
}

/** Reads words, too: up to three bytes past the literals, where at least the end mark is. */
function copyLiterals(from: DataView, start: number, count: number, to: DataView, position: number): void {
  for (let at = 0; at < count; at += 4) {
    to.setInt32(position + at, from.getInt32(start + at, true), true);
  }
}

function enlarge(out: Uint8Array, used: number, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = allocate(bytes + SLACK);
  larger.set(out.subarray(0, used));
  freeMemory(out);
  return larger;
}

/** Not zeroed: nothing is read that was not written before. */
function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);
}

function cutShort(): ProtocolError {
  return new ProtocolError('LZO: the stream is cut short');
}

function tooLong(maxBytes: number): ProtocolError {
  return new ProtocolError(`LZO: the stream stands for more than ${maxBytes} bytes`);
}
