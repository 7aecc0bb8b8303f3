/**
 * The numbers of conditions: integers of 64 bits, signed or not; how they are written, and what happens when
 * they do not fit.
 *
 * Source: C17 6.4.4, 6.10.1; C++14 [lex.icon] for the digits' separators.
 */
import type { ByteString } from '../base/byte-string.ts';

export interface Value {
  readonly bits: bigint;
  readonly isUnsigned: boolean;
}

export function truth(holds: boolean): Value {
  return { bits: holds ? 1n : 0n, isUnsigned: false };
}

export function wrap(bits: bigint, isUnsigned: boolean): Value {
  return { bits: isUnsigned ? BigInt.asUintN(64, bits) : BigInt.asIntN(64, bits), isUnsigned };
}

/** undefined for a distance of which compilers make different things. */
export function shift(left: Value, right: Value, isLeft: boolean): Value | undefined {
  if (right.bits < 0n || right.bits > 63n) return undefined;
  return wrap(isLeft ? left.bits << right.bits : left.bits >> right.bits, left.isUnsigned);
}

/** Longer ones are not looked at. */
const MOST_DIGITS = 200;
const NUMBER = /^(0[xX][\da-fA-F']+|0[bB][01']+|\d[\d']*)([uUlLzZwWbB]*)$/;

/** undefined for what is no integer. */
export function readNumber(text: ByteString): Value | undefined {
  if (text.length > MOST_DIGITS) return undefined;
  const [, digits = '', suffix = ''] = NUMBER.exec(text) ?? [];
  const plain = digits.replaceAll("'", '');
  if (plain === '') return undefined;
  const isOctal = /^0\d/.test(plain);
  if (isOctal && /[89]/.test(plain)) return undefined;
  const bits = BigInt(isOctal ? `0o${plain.slice(1)}` : plain);
  return wrap(bits, /u/i.test(suffix) || bits > 0x7fff_ffff_ffff_ffffn);
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  E: 27,
};

/**
 * One character; what is more, or has a prefix and is beyond ASCII, has a value that depends on the machine.
 *
 * @param isUnsigned of plain ones beyond 127: SQLite asks for '\\301', to know EBCDIC.
 */
export function readCharacter(text: ByteString, isUnsigned: boolean): Value | undefined {
  const [, prefix = '', plain, escaped] = /^(u8|[uUL]?)'(?:([ -~])|\\([^]+))'$/.exec(text) ?? [];
  if (plain !== undefined) return { bits: BigInt(plain.charCodeAt(0)), isUnsigned: false };
  if (escaped === undefined) return undefined;
  const code = /^[0-7]{1,3}$/.test(escaped)
    ? Number.parseInt(escaped, 8)
    : /^x[\da-fA-F]{1,2}$/.test(escaped)
      ? Number.parseInt(escaped.slice(1), 16)
      : (ESCAPES[escaped] ?? (/^["'\\?]$/.test(escaped) ? escaped.charCodeAt(0) : undefined));
  if (code === undefined || code > 255 || (code > 127 && prefix !== '')) return undefined;
  return { bits: BigInt(code > 127 && !isUnsigned ? code - 256 : code), isUnsigned: false };
}
