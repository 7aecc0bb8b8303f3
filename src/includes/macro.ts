/** Macros: what `#define` and `-D` say. Most are never used, so a text is cut into tokens at its first use. */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import { tokenize, trimBlanks, type Token } from './token.ts';

/** What follows the name in `#define`. */
const PARAMETERS = /^\(([^)]*)\)/;
const NAME = /^[A-Za-z_$\x80-\xff][\w$\x80-\xff]*/;

export class Macro {
  readonly name: ByteString;
  readonly #text: ByteString;
  #body: readonly Token[] | undefined;
  #parameters: readonly ByteString[] | undefined;
  #isVariadic = false;

  /** @param text what follows the name: a parameter list, if `(` is its first character, and the body. */
  constructor(name: ByteString, text: ByteString) {
    this.name = name;
    this.#text = text;
  }

  /** As in `#define`, without that word; undefined where it is none. */
  static parse(text: ByteString): Macro | undefined {
    const trimmed = trimBlanks(text);
    const name = NAME.exec(trimmed)?.[0];
    return name === undefined ? undefined : new Macro(name, trimmed.slice(name.length));
  }

  /**
   * As in `-D`: `NAME`, `NAME=BODY` or `NAME(A,B)=BODY`.
   *
   * @throws {Doubt} where it has lines or comments, of which compilers make different things.
   */
  static parseOption(operand: ByteString): Macro | undefined {
    const equals = operand.indexOf('=');
    const text = equals < 0 ? `${operand} 1` : `${operand.slice(0, equals)} ${operand.slice(equals + 1)}`;
    const signs = /[\n\r]|\/[/*]/.test(text) ? tokenize(text) : [];
    const isComment = signs.some(
      (sign, at) => sign.text === '/' && !signs[at + 1]?.isSpaced && /^[/*]/.test(signs[at + 1]?.text ?? ''),
    );
    if (isComment || /[\n\r]/.test(text)) throw new Doubt('preprocessor-options', `-D${operand}`);
    return Macro.parse(text);
  }

  get isFunctionLike(): boolean {
    return this.#text.startsWith('(');
  }

  get body(): readonly Token[] {
    return this.#body ?? this.#read();
  }

  /** Of a function-like one; the last is `__VA_ARGS__`, or what the author calls it, where it is variadic. */
  get parameters(): readonly ByteString[] {
    if (this.#parameters === undefined) this.#read();
    return this.#parameters ?? [];
  }

  get isVariadic(): boolean {
    if (this.#body === undefined) this.#read();
    return this.#isVariadic;
  }

  /** The body where it is one number or name alone, which is what conditions mostly ask for. */
  get soleToken(): Token | undefined {
    return !this.isFunctionLike && this.body.length === 1 ? this.body[0] : undefined;
  }

  #read(): readonly Token[] {
    const [list, inside = ''] = PARAMETERS.exec(this.#text) ?? [''];
    const [first, ...others] = tokenize(this.#text.slice(list.length)).map(withoutDigraph);
    // What stands before the body is not part of it.
    this.#body = first === undefined ? [] : [{ ...first, isSpaced: false, leads: false }, ...others];
    const names = inside.split(',').map(trimBlanks);
    const last = names.at(-1) ?? '';
    this.#isVariadic = last.endsWith('...');
    if (this.#isVariadic) names.splice(-1, 1, trimBlanks(last.slice(0, -3)) || '__VA_ARGS__');
    this.#parameters = trimBlanks(inside) === '' ? [] : names;
    return this.#body;
  }
}

/** `%:` is `#`, where it has a meaning. */
function withoutDigraph(token: Token): Token {
  if (token.text === '%:') return { ...token, text: '#' };
  return token.text === '%:%:' ? { ...token, text: '##' } : token;
}
