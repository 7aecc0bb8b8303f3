/**
 * LZO1X, the restoring half. The instructions are listed in `lzo-compress.ts`; two more there are that
 * our compressor never writes, told from a run of literals by what came before:
 *
 *   0000DDSS d   after 1 to 3 literals: copy 2 from 1 + D + 4d
 *   0000DDSS d   after 4 or more literals: copy 3 from 2,049 + D + 4d
 *
 * A stream has neither length nor checksum: what shows it whole is its end mark, and nothing behind it.
 * The output grows as it comes (one byte of a stream can stand for 255), so a small body cannot make us
 * reserve much.
 */
import { ProtocolError } from './protocol-error.ts';

/** The end mark's bytes. No instruction is shorter, so that many can be read wherever one may start. */
const END_MARK = 3;

/** Copies go by words of 4 bytes and may write 3 more than asked for; what comes next overwrites them. */
const SLACK = 3;

/** Copies longer than this are worth a call. */
const LONG_COPY = 64;

/**
 * Restores what one LZO1X stream, the whole of `body`, stands for. The buffer behind the result may be
 * larger than the result, up to twice or four times `body`.
 *
 * @throws {ProtocolError} when `body` is no such stream, or stands for more than `maxBytes`.
 */
export function decompress(body: Uint8Array, limits: { readonly maxBytes: number }): Uint8Array {
  const { maxBytes } = limits;
  const from = new DataView(body.buffer, body.byteOffset, body.length);
  const lastStart = body.length - END_MARK;
  let out = new Uint8Array(Math.min(maxBytes, body.length * 4) + SLACK);
  let to = new DataView(out.buffer);
  let get = 0;
  let put = 0;
  /** How many literals the instruction before ended with; 4 stands for more, too. */
  let literalsBefore = 0;

  if (lastStart < 0) throw cutShort();
  let firstLiterals = Math.max(0, from.getUint8(0) - 17);
  if (firstLiterals > 0) get = 1;

  for (;;) {
    let length = 0;
    let distance = 0;
    let literals = firstLiterals;
    if (firstLiterals > 0) {
      firstLiterals = 0;
    } else {
      if (get > lastStart) throw cutShort();
      const code = from.getUint8(get++);
      if (code >= 0x40) {
        length = (code >> 5) + 1;
        distance = 1 + ((code >> 2) & 7) + (from.getUint8(get++) << 3);
        literals = code & 3;
      } else if (code >= 0x10 || literalsBefore === 0) {
        const mask = code >= 0x20 ? 31 : code >= 0x10 ? 7 : 15;
        let count = code & mask;
        if (count === 0) {
          count = mask;
          while (from.getUint8(get) === 0) {
            count += 255;
            if (++get > lastStart) throw cutShort();
            if (count > maxBytes) throw tooLong(maxBytes);
          }
          count += from.getUint8(get++);
        }
        if (code < 0x10) {
          literals = count + 3;
        } else {
          const back = from.getUint16(get, true);
          get += 2;
          length = count + 2;
          literals = back & 3;
          distance = back >> 2;
          if (code >= 0x20) distance += 1;
          else {
            distance += 16_384 + ((code & 8) << 11);
            if (distance === 16_384) {
              if (code !== 0x11 || back !== 0) throw new ProtocolError('LZO: a strange end mark');
              break;
            }
          }
        }
      } else {
        const near = literalsBefore < 4;
        length = near ? 2 : 3;
        distance = (near ? 1 : 2_049) + (code >> 2) + (from.getUint8(get++) << 2);
        literals = code & 3;
      }
    }

    if (distance > put) throw new ProtocolError('LZO: a copy from before the beginning');
    if (get + literals > lastStart) throw cutShort();
    const needed = put + length + literals;
    if (needed > out.length - SLACK) {
      if (needed > maxBytes) throw tooLong(maxBytes);
      out = enlarge(out, put, Math.min(maxBytes, Math.max(needed, put * 2)));
      to = new DataView(out.buffer);
    }

    if (length > 0) {
      const end = put + length;
      if (distance >= 4) {
        if (length > LONG_COPY && distance >= length) {
          out.copyWithin(put, put - distance, end - distance);
        } else {
          do {
            to.setInt32(put, to.getInt32(put - distance, true), true);
            put += 4;
          } while (put < end);
        }
      } else {
        do {
          to.setUint8(put, to.getUint8(put - distance));
          put++;
        } while (put < end);
      }
      put = end;
    }
    if (literals > 0) {
      const end = put + literals;
      let at = get;
      do {
        to.setInt32(put, from.getInt32(at, true), true);
        put += 4;
        at += 4;
      } while (put < end);
      put = end;
      get += literals;
    }
    literalsBefore = literals;
  }
  if (get !== body.length) throw new ProtocolError(`LZO: ${body.length - get} bytes after the end mark`);
  return out.subarray(0, put);
}

function enlarge(out: Uint8Array, used: number, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes + SLACK);
  larger.set(out.subarray(0, used));
  return larger;
}

function cutShort(): ProtocolError {
  return new ProtocolError('LZO: the stream is cut short');
}

function tooLong(maxBytes: number): ProtocolError {
  return new ProtocolError(`LZO: the stream stands for more than ${maxBytes} bytes`);
}
