/**
 * Cuts a text into what its directives say, byte by byte; what is neither directive nor comment nor string is
 * passed over.
 *
 * Each byte is looked at a few times at most, whatever the text is.
 *
 * Source: C17 5.1.1.2, 6.10; C++20 [lex.phases]; GCC's cpp manual, "Initial processing": a backslash joins
 * lines even with blanks behind it; a quote that stays open ends with its line. Tried with gcc 12 and clang
 * 14: a NUL is a blank.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Extents } from './extent.ts';
import { CLASS, CLASSES, LINE, joinLines, latin1, Lines } from './lines.ts';
import { trimBlanks } from './token.ts';

/** What about the language decides how text is cut. */
export interface Dialect {
  /** `R"x(…)x"` is a string. */
  readonly hasRawStrings: boolean;
  /** `1'000` is a number. */
  readonly hasDigitSeparators: boolean;
  readonly hasTrigraphs: boolean;
}

export interface CutText {
  /** Of each directive, without `#`, comments and joined lines. */
  readonly texts: readonly ByteString[];
  /** Modules are imported or exported. */
  readonly isModule: boolean;
  /** A comment that begins with two slashes hides what would mean something else, if it were none. */
  readonly needsLineComments: boolean;
  /** There is more than comments before the first directive or behind the last. */
  readonly hasTextOutside: boolean;
  /** Comments that have their lines to themselves: where each begins, and where it ends. */
  readonly comments: readonly number[];
  /** Or there are too many directives. */
  readonly isWhole: boolean;
}

/** What may stand before a string or a header's name, as far as it says which of both it is. */
const MOST_TAIL = 200;
const HEADER_BEFORE =
  /^[ \t\v\f\0]*(?:include|include_next|import|embed)[ \t\v\f\0]*$|__has_(?:include|include_next|embed)[ \t\v\f\0]*\([ \t\v\f\0]*$/;
const RAW_BEFORE = /(?:^|[^\w$\x80-\xff])(?:u8|[uUL])?R$/;

/** More is the work of a machine, or of somebody who wants us to be busy. */
const MOST_DIRECTIVES = 300_000;

export class Cutter {
  readonly #bytes: Buffer;
  readonly #lines: Lines;
  readonly #extents: Extents;
  readonly #dialect: Dialect;
  readonly #comments: number[] = [];
  #at = 0;

  constructor(bytes: Buffer, dialect: Dialect) {
    this.#bytes = bytes;
    this.#lines = new Lines(bytes);
    this.#extents = new Extents(this.#lines);
    this.#dialect = dialect;
  }

  cut(): CutText {
    const texts: ByteString[] = [];
    let isModule = false;
    let hasTextOutside = false;
    let isTextSince = false;
    const bytes = this.#bytes;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
    let isLineStart = true;
    while (this.#at < bytes.length) {
      const kind = CLASSES[bytes[this.#at] ?? 0];
      switch (kind) {
        case CLASS.blank:
          this.#at++;
          break;
        case CLASS.line:
          this.#at++;
          isLineStart = true;
          break;
        case CLASS.hash:
        case CLASS.percent: {
          const width = kind === CLASS.hash ? 1 : bytes[this.#at + 1] === 0x3a ? 2 : 0;
          this.#at += Math.max(1, width);
          if (isLineStart && width > 0) {
            hasTextOutside ||= texts.length === 0 && isTextSince;
            isTextSince = false;
            texts.push(this.#directive());
          } else isTextSince = true;
          if (texts.length > MOST_DIRECTIVES) return this.#tooMuch();
          isLineStart = false;
          break;
        }
        case CLASS.slash: {
          const end = this.#extents.commentEnd(this.#at);
          if (isLineStart && end !== undefined) this.#noteComment(this.#at, end);
          // A comment is a blank, so a directive may follow it.
          if (end === undefined) {
            isLineStart = false;
            isTextSince = true;
          }
          this.#at = end ?? this.#at + 1;
          break;
        }
        case CLASS.quote:
          isLineStart = false;
          isTextSince = true;
          this.#at = this.#extents.stringEnd(this.#at);
          break;
        case CLASS.name: {
          const word = this.#at;
          isTextSince = true;
          this.#name();
          if (isLineStart) isModule ||= this.#isModuleWord(word);
          isLineStart = false;
          break;
        }
        case CLASS.digit:
          isLineStart = false;
          isTextSince = true;
          this.#number();
          break;
        default:
          if (bytes[this.#at] === 0x5c) {
            const joined = this.#lines.joinedLine(this.#at);
            if (joined === undefined) isLineStart = false;
            this.#at = joined ?? this.#at + 1;
          } else {
            isLineStart = false;
            isTextSince = true;
            this.#at++;
          }
      }
    }
    const needsLineComments = this.#extents.needsLineComments;
    return {
      texts,
      isModule,
      needsLineComments,
      hasTextOutside: hasTextOutside || isTextSince,
      comments: this.#comments,
      isWhole: true,
    };
  }

  #tooMuch(): CutText {
    const needsLineComments = this.#extents.needsLineComments;
    return {
      texts: [],
      isModule: false,
      needsLineComments,
      hasTextOutside: true,
      comments: [],
      isWhole: false,
    };
  }

  #noteComment(start: number, end: number): void {
    let next = end;
    while (next < this.#bytes.length && CLASSES[this.#bytes[next] ?? 0] === CLASS.blank) next++;
    if (this.#bytes[next] === LINE) this.#comments.push(start, end);
  }

  /** From behind the `#`, to its line's end. */
  #directive(): ByteString {
    const start = this.#at;
    const end = this.#lines.lineEnd(start);
    const line = latin1(this.#bytes, start, end);
    // Most have nothing to take out. A quote matters only where a comment or a joined line may hide in it.
    const isPlain =
      !line.includes('/*') &&
      !line.includes('//') &&
      !/\\[ \t\v\f\r\0]*$/.test(line) &&
      !(this.#dialect.hasRawStrings && line.includes('R"'));
    if (!isPlain) return this.#longDirective();
    this.#at = end;
    return trimBlanks(line);
  }

  #longDirective(): ByteString {
    const bytes = this.#bytes;
    const pieces: ByteString[] = [];
    let tail = '';
    let from = this.#at;
    const add = (piece: ByteString): void => {
      if (piece === '') return;
      pieces.push(piece);
      tail = (tail + piece.slice(-MOST_TAIL)).slice(-MOST_TAIL);
    };
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at] ?? 0;
      if (byte === LINE) break;
      if (byte === 0x5c || byte === 0x2f) {
        const end = byte === 0x5c ? this.#lines.joinedLine(this.#at) : this.#extents.commentEnd(this.#at);
        if (end === undefined) {
          this.#at++;
        } else {
          add(latin1(bytes, from, this.#at));
          if (byte === 0x2f) {
            // If it is none, it becomes part of a macro.
            const isLineComment = bytes[this.#lines.skipJoins(this.#at + 1)] === 0x2f;
            this.#extents.needsLineComments ||= isLineComment && /^[ \t]*define\b/.test(pieces[0] ?? '');
            add(' ');
          }
          from = this.#at = end;
        }
      } else if (byte === 0x22 || byte === 0x27 || byte === 0x3c) {
        add(latin1(bytes, from, this.#at));
        from = this.#at;
        this.#at = this.#quotedEnd(from, tail);
        add(joinLines(latin1(bytes, from, this.#at)));
        from = this.#at;
      } else {
        this.#at++;
      }
    }
    add(latin1(bytes, from, this.#at));
    return trimBlanks(pieces.join(''));
  }

  /** Past what begins with the quote or `<` at `at`, which `before` stands before. */
  #quotedEnd(at: number, before: ByteString): number {
    const byte = this.#bytes[at];
    // What ends otherwise is neither, and there may be many.
    const mayBeHeader = byte !== 0x27 && /[(etd][ \t\v\f\0]*$/.test(before.slice(-20));
    if (mayBeHeader && HEADER_BEFORE.test(before))
      return this.#extents.headerEnd(at, byte === 0x3c ? 0x3e : 0x22);
    if (byte === 0x3c) return at + 1;
    const isRaw =
      byte === 0x22 && this.#dialect.hasRawStrings && before.endsWith('R') && RAW_BEFORE.test(before);
    return (isRaw ? this.#extents.rawEnd(at) : undefined) ?? this.#extents.stringEnd(at);
  }

  #name(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let end = this.#lines.skipJoins(start + 1);
    for (let kind = CLASSES[bytes[end] ?? 0]; kind === CLASS.name || kind === CLASS.digit;) {
      end = bytes[end + 1] === 0x5c ? this.#lines.skipJoins(end + 1) : end + 1;
      kind = CLASSES[bytes[end] ?? 0];
    }
    this.#at = Math.min(end, bytes.length);
    if (!this.#dialect.hasRawStrings || bytes[end] !== 0x22) return;
    if (end - start > 20) return;
    const word = joinLines(latin1(bytes, start, end));
    if (/^(?:u8|[uUL])?R$/.test(word)) this.#at = this.#extents.rawEnd(end) ?? this.#extents.stringEnd(end);
  }

  #number(): void {
    const bytes = this.#bytes;
    let end = this.#lines.skipJoins(this.#at + 1);
    let last = bytes[this.#at] ?? 0;
    for (;;) {
      const byte = bytes[end] ?? 0;
      const kind = CLASSES[byte];
      const isSign = (byte === 0x2b || byte === 0x2d) && EXPONENTS.has(last);
      const isSeparator = byte === 0x27 && this.#dialect.hasDigitSeparators && this.#isWordAt(end + 1);
      if (kind !== CLASS.name && kind !== CLASS.digit && byte !== 0x2e && !isSeparator && !isSign) break;
      last = byte;
      end = this.#lines.skipJoins(end + 1);
    }
    this.#at = Math.min(end, bytes.length);
  }

  #isWordAt(at: number): boolean {
    const kind = CLASSES[this.#bytes[this.#lines.skipJoins(at)] ?? 0];
    return kind === CLASS.name || kind === CLASS.digit;
  }

  /** Whether a line that begins with this word may import or export a module. */
  #isModuleWord(start: number): boolean {
    if (this.#at - start > 12) return false;
    const word = latin1(this.#bytes, start, this.#at);
    if (word !== 'import' && word !== 'module' && word !== 'export') return false;
    const rest = latin1(this.#bytes, this.#at, this.#lines.lineEnd(this.#at));
    return word === 'export' ? /^\s+(?:import|module)\b/.test(rest) : /^\s*(?:[\w.:<"]|;)/.test(rest);
  }
}

/** e, E, p, P: a sign after them belongs to the number. */
const EXPONENTS: ReadonlySet<number> = new Set([0x65, 0x45, 0x70, 0x50]);
