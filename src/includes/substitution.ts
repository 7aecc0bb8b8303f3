/**
 * What a function-like macro's body becomes with the arguments of one use: `#`, `##`, `__VA_OPT__`.
 *
 * Source: C17 6.10.3.1-3; C++20 [cpp.subst]; GCC's cpp manual, "Variadic Macros", for the comma that goes; tried
 * with gcc 12 and clang 14: it goes where there are no variadic arguments, and stays where they are empty.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import type { Macro } from './macro.ts';
import { MOST_BYTES, stringize, tokenize, type Token } from './token.ts';

export class Arguments {
  readonly #parameters: readonly ByteString[];
  readonly #collected: readonly (readonly Token[])[];
  readonly #expand: (tokens: readonly Token[]) => Token[];
  readonly #expanded = new Map<number, readonly Token[]>();
  /** One of them stood for nothing where it was used. */
  hasMetNothing = false;

  constructor(
    parameters: readonly ByteString[],
    collected: readonly (readonly Token[])[],
    expand: (tokens: readonly Token[]) => Token[],
  ) {
    this.#parameters = parameters;
    this.#collected = collected;
    this.#expand = expand;
  }

  /** -1 where it is none. */
  indexOf({ kind, text }: Token): number {
    return kind === 'name' ? this.#parameters.indexOf(text) : -1;
  }

  /** There is a comma, or a parenthesis, before it. */
  isGiven(index: number): boolean {
    return index < this.#collected.length;
  }

  plain(index: number): readonly Token[] {
    const tokens = this.#collected[index] ?? [];
    this.hasMetNothing ||= tokens.length === 0;
    return tokens;
  }

  expanded(index: number): readonly Token[] {
    let tokens = this.#expanded.get(index);
    if (tokens === undefined) {
      tokens = this.#expand(this.plain(index));
      this.#expanded.set(index, tokens);
      this.hasMetNothing ||= tokens.length === 0;
    }
    return tokens;
  }
}

/** One expansion of a function-like macro's body. */
export class Substitution {
  readonly #body: readonly Token[];
  readonly #macro: Macro;
  readonly #args: Arguments;
  readonly #most: number;
  #count = 0;
  /** What the next `##` joins to is nothing. */
  #isLeftEmpty = false;

  /** @param most tokens that may come of it. */
  constructor(macro: Macro, args: Arguments, most: number) {
    this.#macro = macro;
    this.#body = macro.body;
    this.#args = args;
    this.#most = most;
  }

  /** @throws {Doubt} when too much comes of it, or something that compilers differ about. */
  run(from = 0, to = this.#body.length): Token[] {
    const out: Token[] = [];
    for (let at = from; at < to; at++) {
      const token = this.#body[at];
      if (token === undefined) break;
      if (token.text === '##' && at > from) {
        at = this.#paste(out, at);
      } else if (token.text === '#' && this.#isParameter(at + 1)) {
        this.#isLeftEmpty = false;
        this.#push(out, [this.#makeString(token, this.#indexAt(++at))]);
      } else if (this.#isOption(at)) {
        at = this.#option(out, at);
      } else if (this.#isParameter(at)) {
        const index = this.#indexAt(at);
        const isPasted = this.#body[at + 1]?.text === '##';
        const tokens = isPasted ? this.#args.plain(index) : this.#args.expanded(index);
        this.#isLeftEmpty = tokens.length === 0;
        this.#push(out, withLead(tokens, token));
      } else {
        this.#isLeftEmpty = false;
        this.#push(out, [token]);
      }
    }
    return out;
  }

  #push(out: Token[], tokens: readonly Token[]): void {
    this.#count += tokens.length;
    if (this.#count > this.#most) throw new Doubt('bad-macro', `${this.#macro.name} expands to too much`);
    for (const token of tokens) out.push(token);
  }

  #makeString(token: Token, index: number): Token {
    const tokens = this.#args.plain(index);
    this.#count += tokens.length;
    const sizeBytes = tokens.reduce((sum, { text }) => sum + text.length, 0);
    if (sizeBytes > MOST_BYTES) throw new Doubt('bad-macro', `${this.#macro.name} makes too long a string`);
    return { ...token, kind: 'string', text: stringize(tokens) };
  }

  /** Joins what is there with what follows the `##` at `at`; gives the place of the last token used. */
  #paste(out: Token[], at: number): number {
    const token = this.#body[at + 1];
    if (token === undefined) return at;
    if (this.#isOption(at + 1)) throw new Doubt('bad-macro', `__VA_OPT__ in ${this.#macro.name}`);
    if (token.text === '#' && this.#isParameter(at + 2))
      throw new Doubt('bad-macro', `## and # in ${this.#macro.name}`);
    const index = this.#indexAt(at + 1);
    const right = index < 0 ? [token] : this.#args.plain(index);
    if (this.#isVariadic(index) && this.#body[at - 1]?.text === ',') {
      this.#pasteComma(out, at, index);
      return at + 1;
    }
    const [first, ...others] = right;
    if (first === undefined) return at + 1;
    const left = this.#isLeftEmpty ? undefined : out.pop();
    this.#isLeftEmpty = false;
    if (left === undefined) {
      this.#push(out, right);
      return at + 1;
    }
    const [joined, excess] = tokenize(left.text + first.text);
    if (joined === undefined || excess !== undefined)
      throw new Doubt('bad-macro', `${left.text} ## ${first.text}`);
    this.#push(out, [{ ...joined, isSpaced: left.isSpaced, leads: left.leads }, ...others]);
    return at + 1;
  }

  /** GNU: a comma before variadic arguments goes when there are none, and is not joined otherwise. */
  #pasteComma(out: Token[], at: number, index: number): void {
    if (this.#body[at + 2]?.text === '##') throw new Doubt('bad-macro', `## twice in ${this.#macro.name}`);
    // Whether F() has no arguments or an empty one depends on the standard that is kept to.
    if (index === 0 && this.#args.plain(0).length === 0)
      throw new Doubt('bad-macro', `nothing for ${this.#macro.name}`);
    if (this.#args.isGiven(index)) this.#push(out, this.#args.expanded(index));
    else out.pop();
  }

  #isOption(at: number): boolean {
    return this.#body[at]?.text === '__VA_OPT__' && this.#macro.isVariadic;
  }

  /** Gives the place of the parenthesis that ends `__VA_OPT__(…)`. */
  #option(out: Token[], at: number): number {
    const end = this.#closing(at + 1);
    const isJoined = this.#body[end + 1]?.text === '##' || this.#body[at - 1]?.text === '#';
    const inside = this.#body.slice(at + 1, end);
    if (
      inside[0]?.text !== '(' ||
      isJoined ||
      inside.some(({ text }) => text === '__VA_OPT__' || text === '##')
    )
      throw new Doubt('bad-macro', `__VA_OPT__ in ${this.#macro.name}`);
    const index = this.#macro.parameters.length - 1;
    const isThere = this.#args.expanded(index).length > 0;
    // Some ask for arguments, others for what they expand to.
    if (isThere !== this.#args.plain(index).length > 0)
      throw new Doubt('bad-macro', `__VA_OPT__ in ${this.#macro.name}`);
    if (isThere) this.#push(out, this.run(at + 2, end));
    return end;
  }

  #isParameter(at: number): boolean {
    return this.#indexAt(at) >= 0;
  }

  #indexAt(at: number): number {
    const token = this.#body[at];
    return token === undefined ? -1 : this.#args.indexOf(token);
  }

  #isVariadic(index: number): boolean {
    return this.#macro.isVariadic && index === this.#macro.parameters.length - 1;
  }

  #closing(opening: number): number {
    let depth = 0;
    for (let at = opening; at < this.#body.length; at++) {
      const { text } = this.#body[at] ?? { text: '' };
      if (text === '(') depth++;
      if (text === ')' && --depth === 0) return at;
    }
    return this.#body.length;
  }
}

/** The first token stands where the macro's name or the parameter stood. */
export function withLead(tokens: readonly Token[], { leads }: Token): readonly Token[] {
  const [first] = tokens;
  return first === undefined || first.leads === leads ? tokens : [{ ...first, leads }, ...tokens.slice(1)];
}
