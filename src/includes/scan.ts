/**
 * The text of a source or header → its directives. Each content is read once, byte by byte; what is neither
 * directive nor comment nor string is passed over.
 *
 * Rejected: regular expressions over lines (a raw string or a comment that looks like a directive), and the
 * preprocessor's own tokens for all of the text (ten times the work for what is thrown away).
 *
 * Source: C17 5.1.1.2, 6.10; C++20 [lex.phases]; GCC's cpp manual, "Initial processing": a backslash joins
 * lines even with blanks behind it; a quote that stays open ends with its line.
 */
import { hash } from 'node:crypto';
import { namesAssemblerFile } from '../command/assembler-text.ts';
import type { ByteString } from '../base/byte-string.ts';
import type { Directive, ScannedText } from './directive.ts';
import type { DoubtReason } from './doubt.ts';
import { readDirective } from './read-directive.ts';

/** What about the language decides how text is cut. */
export interface Dialect {
  /** `R"x(…)x"` is a string. */
  readonly hasRawStrings: boolean;
  /** `1'000` is a number. */
  readonly hasDigitSeparators: boolean;
  readonly hasTrigraphs: boolean;
}

const LINE = 0x0a;
const CLASS = {
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
const CLASSES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z_$\x80-\xff]/.test(character)) CLASSES[byte] = CLASS.name;
  else if (/\d/.test(character)) CLASSES[byte] = CLASS.digit;
  else if (/[ \t\v\f\r]/.test(character)) CLASSES[byte] = CLASS.blank;
}
CLASSES[LINE] = CLASS.line;
CLASSES[0x22] = CLASSES[0x27] = CLASS.quote;
CLASSES[0x2f] = CLASS.slash;
CLASSES[0x23] = CLASS.hash;
CLASSES[0x25] = CLASS.percent;

const TRIGRAPHS: Readonly<Record<string, string>> = {
  '=': '#',
  '(': '[',
  '/': '\\',
  ')': ']',
  "'": '^',
  '<': '{',
  '!': '|',
  '>': '}',
  '-': '~',
};

export function scanText(content: Uint8Array, dialect: Dialect): ScannedText {
  const bytes = replaceTrigraphs(
    Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    dialect,
  );
  const { texts, isModule, hasTextOutside } = new Cutter(bytes, dialect).cut();
  const directives: Directive[] = [];
  for (const text of texts) {
    const directive = readDirective(text);
    if (directive !== undefined) directives.push(directive);
  }
  linkConditions(directives);
  const marks = findMarks(bytes, isModule);
  const { pragmaMacros, isOdd } = findPragmaMacros(bytes);
  if (isOdd) marks.push('odd-macro');
  if (texts.some((text) => /^elifn?def\b/.test(text))) marks.push('bad-directive');
  return {
    directives,
    guard: hasTextOutside || directives.length !== texts.length ? undefined : findGuard(directives),
    marks,
    pragmaMacros,
    queries: texts.flatMap(findQueries),
    shape: hash('sha256', [...texts, ...marks, ...pragmaMacros].join('\n'), 'base64'),
  };
}

interface Cut {
  readonly texts: ByteString[];
  readonly isModule: boolean;
  /** There is more than comments before the first directive or behind the last. */
  readonly hasTextOutside: boolean;
}

/** Cuts a text into what its directives say, without `#`, comments and joined lines. */
class Cutter {
  readonly #bytes: Buffer;
  readonly #dialect: Dialect;
  #at = 0;

  constructor(bytes: Buffer, dialect: Dialect) {
    this.#bytes = bytes;
    this.#dialect = dialect;
  }

  cut(): Cut {
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
          isLineStart = false;
          break;
        }
        case CLASS.slash: {
          const end = this.#commentEnd(this.#at);
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
          this.#at = this.#stringEnd(this.#at);
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
            const joined = this.#joinedLine(this.#at);
            if (joined === undefined) isLineStart = false;
            this.#at = joined ?? this.#at + 1;
          } else {
            isLineStart = false;
            isTextSince = true;
            this.#at++;
          }
      }
    }
    return { texts, isModule, hasTextOutside: hasTextOutside || isTextSince };
  }

  /** From behind the `#`, to its line's end and past it. */
  #directive(): ByteString {
    const start = this.#at;
    const end = this.#lineEnd(start);
    const line = latin1(this.#bytes, start, end);
    // Most have nothing to take out. A quote matters only where a comment or a joined line may hide in it.
    if (
      !line.includes('/*') &&
      !line.includes('//') &&
      !/\\[ \t\v\f\r]*$/.test(line) &&
      !this.#mayBeRaw(line)
    ) {
      this.#at = end;
      return line.trim();
    }
    return this.#longDirective();
  }

  #mayBeRaw(line: string): boolean {
    return this.#dialect.hasRawStrings && line.includes('R"');
  }

  #longDirective(): ByteString {
    const bytes = this.#bytes;
    let text = '';
    let from = this.#at;
    const flush = (to: number): void => {
      text += latin1(bytes, from, to);
    };
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at] ?? 0;
      if (byte === LINE) break;
      if (byte === 0x5c) {
        const joined = this.#joinedLine(this.#at);
        if (joined === undefined) this.#at++;
        else {
          flush(this.#at);
          from = this.#at = joined;
        }
      } else if (byte === 0x2f) {
        const end = this.#commentEnd(this.#at);
        if (end === undefined) this.#at++;
        else {
          flush(this.#at);
          text += ' ';
          from = this.#at = end;
        }
      } else if (byte === 0x22 || byte === 0x27 || byte === 0x3c) {
        flush(this.#at);
        from = this.#at;
        const isHeader =
          byte !== 0x27 &&
          /^\s*(?:include|include_next|import|embed)\s*$|__has_(?:include|include_next|embed)\s*\(\s*$/.test(
            text,
          );
        if (isHeader) this.#at = this.#headerEnd(byte === 0x3c ? 0x3e : byte);
        else if (byte === 0x3c) this.#at++;
        else if (byte === 0x22 && /(?:^|[^\w$])(?:u8|[uUL])?R$/.test(text) && this.#dialect.hasRawStrings)
          this.#at = this.#rawEnd(this.#at) ?? this.#stringEnd(this.#at);
        else this.#at = this.#stringEnd(this.#at);
        text += joinLines(latin1(bytes, from, this.#at));
        from = this.#at;
      } else {
        this.#at++;
      }
    }
    flush(this.#at);
    return text.trim();
  }

  /** Past the bracket or quote that ends a header's name; or where its line ends. */
  #headerEnd(closing: number): number {
    const end = this.#lineEnd(this.#at);
    const found = this.#bytes.indexOf(closing, this.#at + 1);
    return found < 0 || found > end ? end : found + 1;
  }

  #lineEnd(from: number): number {
    const end = this.#bytes.indexOf(LINE, from);
    return end < 0 ? this.#bytes.length : end;
  }

  /** Past the joined lines' end, where the backslash at `at` joins two. */
  #joinedLine(at: number): number | undefined {
    let end = at + 1;
    while (CLASSES[this.#bytes[end] ?? 0] === CLASS.blank) end++;
    return this.#bytes[end] === LINE ? end + 1 : undefined;
  }

  /** Past the comment that begins at `at`, its line's end not included; undefined where none does. */
  #commentEnd(at: number): number | undefined {
    const bytes = this.#bytes;
    let second = at + 1;
    if (bytes[second] === 0x5c) second = this.#joinedLine(second) ?? second;
    if (bytes[second] === 0x2a) return this.#blockEnd(second + 1);
    if (bytes[second] !== 0x2f) return undefined;
    let end = this.#lineEnd(second);
    while (end < bytes.length && this.#endsJoined(end)) end = this.#lineEnd(end + 1);
    return end;
  }

  #blockEnd(from: number): number {
    let end = this.#bytes.indexOf('*/', from, 'latin1');
    // `*\` and `/` on the next line end it, too.
    const joined = this.#bytes.indexOf('*\\', from, 'latin1');
    if (joined >= 0 && (end < 0 || joined < end)) {
      const next = this.#joinedLine(joined + 1);
      if (next !== undefined && this.#bytes[next] === 0x2f) return next + 1;
      if (next !== undefined) return this.#blockEnd(next);
    }
    if (end < 0) end = this.#bytes.length;
    return Math.min(this.#bytes.length, end + 2);
  }

  /** Whether the line that ends at `end` is joined with the next. */
  #endsJoined(end: number): boolean {
    let last = end - 1;
    while (last >= 0 && CLASSES[this.#bytes[last] ?? 0] === CLASS.blank) last--;
    return this.#bytes[last] === 0x5c;
  }

  /** Past a string or character constant; one that stays open ends with its line. */
  #stringEnd(at: number): number {
    const bytes = this.#bytes;
    const quote = bytes[at];
    let end = at + 1;
    while (end < bytes.length) {
      const byte = bytes[end];
      if (byte === LINE) return end;
      if (byte === 0x5c) end = this.#joinedLine(end) ?? end + 2;
      else if (byte === quote) return end + 1;
      else end++;
    }
    return bytes.length;
  }

  #name(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    let end = start + 1;
    for (let kind = CLASSES[bytes[end] ?? 0]; kind === CLASS.name || kind === CLASS.digit;) {
      kind = CLASSES[bytes[++end] ?? 0];
    }
    this.#at = end;
    const isRaw =
      this.#dialect.hasRawStrings &&
      bytes[end] === 0x22 &&
      bytes[end - 1] === 0x52 &&
      end - start <= 3 &&
      /^(?:u8|[uUL])?R$/.test(latin1(bytes, start, end));
    if (isRaw) this.#at = this.#rawEnd(end) ?? this.#stringEnd(end);
  }

  /** Past the raw string whose quote is at `at`; undefined where it is none. */
  #rawEnd(at: number): number | undefined {
    const head = latin1(this.#bytes, at + 1, at + 18);
    const delimiter = /^[^ ()\\\t\v\f\n]{0,16}(?=\()/.exec(head)?.[0];
    if (delimiter === undefined) return undefined;
    const closing = `)${delimiter}"`;
    const end = this.#bytes.indexOf(closing, at + delimiter.length + 2, 'latin1');
    return end < 0 ? this.#bytes.length : end + closing.length;
  }

  #number(): void {
    const bytes = this.#bytes;
    let end = this.#at + 1;
    for (;;) {
      const byte = bytes[end] ?? 0;
      const kind = CLASSES[byte];
      const isSeparator = byte === 0x27 && this.#dialect.hasDigitSeparators;
      if (kind !== CLASS.name && kind !== CLASS.digit && byte !== 0x2e && !isSeparator) break;
      if (isSeparator && ![CLASS.name, CLASS.digit].some((known) => known === CLASSES[bytes[end + 1] ?? 0]))
        break;
      end++;
    }
    this.#at = end;
  }

  /** Whether a line that begins with this word may import or export a module. */
  #isModuleWord(start: number): boolean {
    const word = latin1(this.#bytes, start, this.#at);
    if (word !== 'import' && word !== 'module' && word !== 'export') return false;
    const rest = latin1(this.#bytes, this.#at, this.#lineEnd(this.#at));
    return word === 'export' ? /^\s+(?:import|module)\b/.test(rest) : /^\s*(?:[\w.:<"]|;)/.test(rest);
  }
}

function latin1(bytes: Buffer, start?: number, end?: number): ByteString {
  return bytes.toString('latin1', start, end);
}

function joinLines(text: ByteString): ByteString {
  return text.includes('\n') ? text.replaceAll(/\\[ \t\v\f\r]*\n/g, '') : text;
}

/** Where one condition of the usual kind stands around everything. */
function findGuard(directives: readonly Directive[]): ByteString | undefined {
  const [first] = directives;
  if (first?.kind !== 'if' || first.condition.kind !== 'defined' || first.condition.holds) return undefined;
  return first.next === directives.length - 1 && directives.at(-1)?.kind === 'endif'
    ? first.condition.name
    : undefined;
}

/** Says to each `if`, `elif` and `else` where its group ends. */
function linkConditions(directives: readonly Directive[]): void {
  const open: number[] = [];
  for (const [index, directive] of directives.entries()) {
    if (directive.kind === 'if') {
      open.push(index);
    } else if (directive.kind === 'elif' || directive.kind === 'else' || directive.kind === 'endif') {
      const before = directives[open.at(-1) ?? -1];
      if (before !== undefined && 'next' in before) before.next = index;
      if (directive.kind === 'endif') open.pop();
      else if (open.length > 0) open[open.length - 1] = index;
    }
  }
  for (const index of open) {
    const directive = directives[index];
    if (directive !== undefined && 'next' in directive) directive.next = directives.length;
  }
}

const MARKS: readonly (readonly [string, DoubtReason])[] = [
  ['__DATE__', 'clock'],
  ['__TIME__', 'clock'],
  ['__TIMESTAMP__', 'clock'],
  ['__BASE_FILE__', 'base-file'],
];

function findMarks(bytes: Buffer, isModule: boolean): DoubtReason[] {
  const marks = new Set<DoubtReason>();
  for (const [word, reason] of MARKS) if (bytes.includes(word, 0, 'latin1')) marks.add(reason);
  if (namesAssemblerFile(bytes)) marks.add('assembler-file');
  if (isModule) marks.add('modules');
  return [...marks];
}

/** The macros that `_Pragma("push_macro(\"NAME\")")` names, and whether there are some that we cannot read. */
function findPragmaMacros(bytes: Buffer): { pragmaMacros: ByteString[]; isOdd: boolean } {
  if (!bytes.includes('_Pragma', 0, 'latin1')) return { pragmaMacros: [], isOdd: false };
  const text = latin1(bytes);
  const found = text.matchAll(/_Pragma\s*\(\s*"\s*(?:push|pop)_macro\s*\(\s*\\"([\w$]+)\\"/g);
  const pragmaMacros = [...new Set([...found].map(([, name = '']) => name))];
  const isOdd = /_Pragma\s*\([^"\n]*(?:push|pop)_macro/.test(text);
  return { pragmaMacros, isOdd };
}

/** `__has_builtin(x)`, and `HAS_BUILTIN(x)` in a condition, which a macro may make of it. */
function findQueries(text: ByteString): ByteString[] {
  const pattern = /^(?:el)?if\b/.test(text) ? CALL : text.includes('__has_') ? QUERY : undefined;
  if (pattern === undefined) return [];
  return [...text.matchAll(pattern)].map(([, name = '', operand = '']) => `${name}(${operand})`);
}

const CALL = /\b(?!defined\b)([A-Za-z_]\w*)\s*\(\s*([A-Za-z_][\w:]*)\s*\)/g;
const QUERY = /\b(__has_\w+)\s*\(\s*([A-Za-z_][\w:]*)\s*\)/g;

function replaceTrigraphs(bytes: Buffer, { hasTrigraphs }: Dialect): Buffer {
  if (!hasTrigraphs || !bytes.includes('??', 0, 'latin1')) return bytes;
  const text = latin1(bytes).replaceAll(
    /\?\?([=(/)'<!>-])/g,
    (_: string, sign: string) => TRIGRAPHS[sign] ?? '',
  );
  return Buffer.from(text, 'latin1');
}
