/**
 * Preprocessing tokens of one directive, comments and line continuations gone.
 *
 * Source: C17 6.4; C++20 [lex.pptoken]. Digraphs other than `%:` need no care here: what they stand for does
 * not occur in conditions and names of headers.
 */
import type { ByteString } from '../base/byte-string.ts';

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

const SPACE = String.raw`[ \t\v\f\r\n]+`;
const NAME = String.raw`[A-Za-z_$\x80-\xff][\w$\x80-\xff]*`;
const NUMBER = String.raw`\.?\d(?:[eEpP][+-]|'(?=[0-9a-zA-Z_])|[\w.])*`;
const STRING = String.raw`(?:u8|[uUL])?"(?:[^"\\]|\\[^])*"`;
const CHARACTER = String.raw`(?:u8|[uUL])?'(?:[^'\\]|\\[^])*'`;
const SIGN = String.raw`\.\.\.|<<=|>>=|<=>|##|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|->|::|%:%:|[^]`;
const TOKEN = new RegExp(`(${SPACE})|(${STRING})|(${CHARACTER})|(${NAME})|(${NUMBER})|(${SIGN})`, 'y');
const KINDS: readonly TokenKind[] = ['string', 'character', 'name', 'number', 'sign'];

export function tokenize(text: ByteString): Token[] {
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

/** What `#` makes of a macro's argument. */
export function stringize(tokens: readonly Token[]): ByteString {
  const words = tokens.map(({ kind, text, leads }, index) => {
    const isQuoted = kind === 'string' || kind === 'character';
    return (leads && index > 0 ? ' ' : '') + (isQuoted ? text.replaceAll(/[\\"]/g, String.raw`\$&`) : text);
  });
  return `"${words.join('')}"`;
}
