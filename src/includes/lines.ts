/** Bytes as lines, of which a backslash at the end joins two; and what each byte may begin. */
import type { ByteString } from '../base/byte-string.ts';

export const LINE = 0x0a;
export const CLASS = {
  plain: 0,
  line: 1,
  quote: 2,
  slash: 3,
  name: 4,
  digit: 5,
  blank: 6,
  hash: 7,
  percent: 8,
} as const;

/** By byte: which of the above it begins. */
export const CLASSES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z_$\x80-\xff]/.test(character)) CLASSES[byte] = CLASS.name;
  else if (/\d/.test(character)) CLASSES[byte] = CLASS.digit;
  else if (/[ \t\v\f\r\0]/.test(character)) CLASSES[byte] = CLASS.blank;
}
CLASSES[LINE] = CLASS.line;
CLASSES[0x22] = CLASSES[0x27] = CLASS.quote;
CLASSES[0x2f] = CLASS.slash;
CLASSES[0x23] = CLASS.hash;
CLASSES[0x25] = CLASS.percent;

export class Lines {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  lineEnd(from: number): number {
    const end = this.bytes.indexOf(LINE, from);
    return end < 0 ? this.bytes.length : end;
  }

  /** Past the joined lines' end, where the backslash at `at` joins two. */
  joinedLine(at: number): number | undefined {
    let end = at + 1;
    while (end < this.bytes.length && CLASSES[this.bytes[end] ?? 0] === CLASS.blank) end++;
    return this.bytes[end] === LINE ? end + 1 : undefined;
  }

  /** Past all backslashes at `at` that join lines. */
  skipJoins(at: number): number {
    let end = at;
    while (this.bytes[end] === 0x5c) {
      const next = this.joinedLine(end);
      if (next === undefined) break;
      end = next;
    }
    return end;
  }

  /** Whether the line that ends at `end` is joined with the next. */
  endsJoined(end: number): boolean {
    let last = end - 1;
    while (last >= 0 && CLASSES[this.bytes[last] ?? 0] === CLASS.blank) last--;
    return this.bytes[last] === 0x5c;
  }
}

export function latin1(bytes: Buffer, start: number, end: number): ByteString {
  return bytes.toString('latin1', start, end);
}

/** Without the backslashes that join lines. */
export function joinLines(text: ByteString): ByteString {
  return text.includes('\n') ? text.replaceAll(/\\[ \t\v\f\r\0]*\n/g, '') : text;
}
