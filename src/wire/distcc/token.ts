/**
 * The distcc packet header, the one shape that all protocol versions share.
 *
 *    0  name   4 bytes of ASCII         "DIST", "ARGC", "DOTI"
 *    4  value  8 hex digits, lowercase  a count, a status or a length in bytes, by name
 *   12  body   `value` bytes            only after names that carry one
 *
 * Uppercase digits are read too. Not read: the blanks, the sign and the "0x" that distcc's own reader
 * lets pass, because no known program writes them.
 */
import { fromBytes } from '../../base/byte-string.ts';
import { ProtocolError } from './protocol-error.ts';

export const TOKEN_BYTES = 12;

/** The largest value that eight digits can say. */
export const MAX_VALUE = 0xffff_ffff;

type RequestToken = 'DIST' | 'CDIR' | 'ARGC' | 'ARGV' | 'DOTI' | 'NFIL' | 'NAME' | 'FILE' | 'LINK';
type ReplyToken = 'DONE' | 'STAT' | 'SERR' | 'SOUT' | 'DOTO' | 'DOTD';
export type TokenName = RequestToken | ReplyToken;

/** The header's twelve characters. `value` is an integer from 0 to MAX_VALUE. */
export function formatToken(name: TokenName, value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > MAX_VALUE) {
    throw new RangeError(`${name} cannot carry ${value}`);
  }
  return name + value.toString(16).padStart(8, '0');
}

/**
 * Reads the value of the header that `bytes`, twelve of them, must be.
 *
 * @throws {ProtocolError} when they are no header, or another one than `expected`.
 */
export function parseToken(bytes: Uint8Array, expected: TokenName): number {
  const text = fromBytes(bytes);
  if (!text.startsWith(expected)) {
    throw new ProtocolError(`Expected ${expected}, got ${JSON.stringify(text)}`);
  }
  const digits = text.slice(expected.length);
  if (!/^[\da-f]{8}$/i.test(digits)) {
    throw new ProtocolError(`${expected} has no value of 8 hex digits: ${JSON.stringify(text)}`);
  }
  return Number.parseInt(digits, 16);
}
