/**
 * Preprocessing tokens of one directive, comments and line continuations gone.
 *
 * Source: C17 6.4; C++20 [lex.pptoken]. Digraphs other than `%:` need no care here: what they stand for does
 * not occur in conditions and names of headers.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';

export type TokenKind = 'name' | 'number' | 'string' | 'character' | 'sign';

export interface Token {
  readonly kind: TokenKind;
  readonly text: ByteString;
  /** White space stood before it where it was written. */
  readonly isSpaced: boolean;
  /**
   * White space counts as standing before it when it becomes part of a string: its own, or that of the
   * macro or parameter whose first token it is.
   */
  readonly leads: boolean;
  /** A macro's name that was met inside of its own expansion: it is never expanded any more. */
  readonly isFinal?: boolean;
}

const SPACE = String.raw`[ \t\v\f\r\n\0]+`;
const NAME = String.raw`[A-Za-z_$\x80-\xff][\w$\x80-\xff]*`;
const NUMBER = String.raw`\.?\d(?:[eEpP][+-]|'(?=[0-9a-zA-Z_])|[\w.])*`;
const STRING = String.raw`(?:u8|[uUL])?"(?:[^"\\]|\\[^])*"`;
const CHARACTER = String.raw`(?:u8|[uUL])?'(?:[^'\\]|\\[^])*'`;
/** A quote that stays open takes all that follows, as in gcc; or text could be searched for its end again and again. */
const SIGN = String.raw`["'][^]*|\.\.\.|<<=|>>=|<=>|##|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|->|::|%:%:|%:|[^]`;
const TOKEN = new RegExp(`(${SPACE})|(${STRING})|(${CHARACTER})|(${NAME})|(${NUMBER})|(${SIGN})`, 'y');
const KINDS: readonly TokenKind[] = ['string', 'character', 'name', 'number', 'sign'];

/** Tables of bytes in a macro are longer, but stand in no condition. */
export const MOST_BYTES = 100_000;

/** @throws {Doubt} when it is too long to be looked at. */
export function tokenize(text: ByteString): Token[] {
  if (text.length > MOST_BYTES) throw new Doubt('too-large', `${text.slice(0, 40)}…`);
  const tokens: Token[] = [];
  let isSpaced = false;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    if (match[1] === undefined) {
      const group = match.findIndex((found, index) => index > 1 && found !== undefined);
      tokens.push({ kind: KINDS[group - 2] ?? 'sign', text: match[0], isSpaced, leads: isSpaced });
      isSpaced = false;
    } else {
      isSpaced = true;
    }
    if (TOKEN.lastIndex === text.length) break;
  }
  return tokens;
}

/** Without white space at its ends. Not trim(), which takes 0xA0 for a blank, the last byte of many a letter. */
export function trimBlanks(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0;
}

/** What `#` makes of a macro's argument. */
export function stringize(tokens: readonly Token[]): ByteString {
  const words = tokens.map(({ kind, text, leads }, index) => {
    const isQuoted = kind === 'string' || kind === 'character';
    return (leads && index > 0 ? ' ' : '') + (isQuoted ? text.replaceAll(/[\\"]/g, String.raw`\$&`) : text);
  });
  return `"${words.join('')}"`;
}
