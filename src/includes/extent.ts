/**
 * Where comments, strings and headers' names end.
 *
 * Each byte is looked at a few times at most, whatever the text is.
 *
 * Source: C17 5.1.1.2, 6.4.9; C++20 [lex.string] for raw strings.
 */
import type { ByteString } from '../base/byte-string.ts';
import { latin1, LINE, type Lines } from './lines.ts';

export class Extents {
  readonly #bytes: Buffer;
  readonly #lines: Lines;
  /** A comment that begins with two slashes hides what would mean something else, if it were none. */
  needsLineComments = false;
  /** Where the next `*\` is, and the next end of a comment: each is looked for once only. */
  #starJoin = -1;
  #starSlash = -1;

  constructor(lines: Lines) {
    this.#bytes = lines.bytes;
    this.#lines = lines;
  }

  /** Past the bracket or quote that ends a header's name; or where its line ends. */
  headerEnd(at: number, closing: number): number {
    const bytes = this.#bytes;
    let end = at + 1;
    while (end < bytes.length && bytes[end] !== LINE) {
      if (bytes[end] === closing) return end + 1;
      end = this.#lines.skipJoins(end + 1);
    }
    return Math.min(end, bytes.length);
  }

  /** Past the comment that begins at `at`, its line's end not included; undefined where none does. */
  commentEnd(at: number): number | undefined {
    const bytes = this.#bytes;
    const second = this.#lines.skipJoins(at + 1);
    if (bytes[second] === 0x2a) return this.#blockEnd(second + 1);
    if (bytes[second] !== 0x2f) return undefined;
    let end = this.#lines.lineEnd(second);
    const isJoined = end < bytes.length && this.#lines.endsJoined(end);
    this.needsLineComments ||= isJoined || !isIdle(latin1(bytes, second, end));
    while (end < bytes.length && this.#lines.endsJoined(end)) end = this.#lines.lineEnd(end + 1);
    return end;
  }

  #blockEnd(from: number): number {
    if (this.#starSlash < from) this.#starSlash = this.#find('*/', from);
    const end = Math.min(this.#starSlash + 2, this.#bytes.length);
    // `*\` and `/` on the next line end it, too.
    let star = this.#starJoinFrom(from);
    while (star < end) {
      const next = this.#lines.skipJoins(star + 1);
      if (next > star + 1 && this.#bytes[next] === 0x2f) return next + 1;
      star = this.#starJoinFrom(star + 1);
    }
    return end;
  }

  #starJoinFrom(from: number): number {
    if (this.#starJoin < from) this.#starJoin = this.#find('*\\', from);
    return this.#starJoin;
  }

  /** Beyond the end where there is none. */
  #find(sign: string, from: number): number {
    const found = this.#bytes.indexOf(sign, from, 'latin1');
    return found < 0 ? Number.MAX_SAFE_INTEGER : found;
  }

  /** Past a string or character constant; one that stays open ends with its line. */
  stringEnd(at: number): number {
    const bytes = this.#bytes;
    const quote = bytes[at];
    let end = this.#lines.skipJoins(at + 1);
    while (end < bytes.length) {
      const byte = bytes[end];
      if (byte === LINE) return end;
      if (byte === quote) return end + 1;
      end = this.#lines.skipJoins(end + 1);
      // Lines are joined before anything is escaped.
      if (byte === 0x5c && bytes[end] !== LINE) end = this.#lines.skipJoins(end + 1);
    }
    return bytes.length;
  }

  /** Past the raw string whose quote is at `at`; undefined where it is none. */
  rawEnd(at: number): number | undefined {
    const head = latin1(this.#bytes, at + 1, at + 18);
    const delimiter = /^[^ ()\\\t\v\f\n]{0,16}(?=\()/.exec(head)?.[0];
    if (delimiter === undefined) return undefined;
    const closing = `)${delimiter}"`;
    const end = this.#bytes.indexOf(closing, at + delimiter.length + 2, 'latin1');
    return end < 0 ? this.#bytes.length : end + closing.length;
  }
}

/** Whether a line goes on as before behind this, which begins with a slash, be it a comment or not. */
function isIdle(text: ByteString): boolean {
  if (!text.includes('/*')) return true;
  return !/["']/.test(text) && !text.replaceAll(/\/\*.*?\*\//g, '').includes('/*');
}
