/**
 * Macro expansion, for what stands in conditions and in computed includes.
 *
 * A stack of token lists, as in gcc: a macro is out of use while its own list is on the stack, and a name
 * that is met meanwhile stays as it is for ever. Arguments are expanded apart, unless `#` or `##` takes them.
 *
 * Source: C17 6.10.3; GCC's cpp manual, "Macros", and cppinternals, "Macro Expansion Algorithm".
 */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import type { Macro } from './macro.ts';
import { stringize, tokenize, type Token } from './token.ts';

export interface MacroTable {
  /** A macro of that name, or undefined. */
  get(name: ByteString): Macro | undefined;
  /**
   * What a macro stands for that is no text of anybody's: `__FILE__`, `__INCLUDE_LEVEL__`.
   *
   * @throws {Doubt} where that cannot be told: `__COUNTER__`.
   */
  special(name: ByteString): Token | undefined;
}

interface Level {
  readonly tokens: readonly Token[];
  readonly macro: Macro | undefined;
  at: number;
}

/** Boost's deepest stay below 200; without a bound a few lines of text could keep us busy for ever. */
const MOST_STEPS = 400_000;

export class Expander {
  readonly #macros: MacroTable;
  readonly #levels: Level[] = [];
  readonly #active = new Set<Macro>();
  /** Levels below this one belong to whoever collects arguments. */
  #floor = 0;
  #steps = 0;

  constructor(macros: MacroTable, tokens: readonly Token[]) {
    this.#macros = macros;
    this.#levels.push({ tokens, macro: undefined, at: 0 });
  }

  /** The next token, expanded; undefined at the end. */
  next(): Token | undefined {
    for (;;) {
      const token = this.nextPlain();
      if (token === undefined) return undefined;
      if (token.kind !== 'name' || token.isFinal === true) return token;
      if (++this.#steps > MOST_STEPS) throw new Doubt('bad-macro', `${token.text} expands to too much`);
      const macro = this.#macros.get(token.text);
      if (macro === undefined) {
        const special = this.#macros.special(token.text);
        if (special === undefined) return token;
        return { ...special, isSpaced: token.isSpaced, leads: token.leads };
      }
      if (this.#active.has(macro)) return { ...token, isFinal: true };
      if (!macro.isFunctionLike) this.#enter(macro, withLead(macro.body, token));
      else if (this.#peekIsOpening())
        this.#enter(macro, withLead(this.#substitute(macro, this.#collect(macro)), token));
      else return token;
    }
  }

  /** The next token as it is. */
  nextPlain(): Token | undefined {
    while (this.#levels.length > this.#floor) {
      const level = this.#levels.at(-1);
      if (level === undefined) return undefined;
      const token = level.tokens[level.at];
      if (token !== undefined) {
        level.at++;
        return token;
      }
      if (this.#levels.length === this.#floor + 1) return undefined;
      this.#leave();
    }
    return undefined;
  }

  /** All that is left, expanded. */
  rest(): Token[] {
    const tokens: Token[] = [];
    for (let token = this.next(); token !== undefined; token = this.next()) tokens.push(token);
    return tokens;
  }

  #enter(macro: Macro, tokens: readonly Token[]): void {
    this.#active.add(macro);
    this.#levels.push({ tokens, macro, at: 0 });
  }

  #leave(): void {
    const level = this.#levels.pop();
    if (level?.macro !== undefined) this.#active.delete(level.macro);
  }

  #peekIsOpening(): boolean {
    while (this.#levels.length > this.#floor) {
      const level = this.#levels.at(-1);
      const token = level?.tokens[level.at];
      if (token !== undefined) return token.text === '(';
      if (this.#levels.length === this.#floor + 1) return false;
      this.#leave();
    }
    return false;
  }

  /** The arguments behind a macro's name, whose parenthesis is next. */
  #collect(macro: Macro): Token[][] {
    const { parameters, isVariadic } = macro;
    const all: Token[][] = [[]];
    let depth = 0;
    for (let token = this.nextPlain(); token !== undefined; token = this.nextPlain()) {
      const { text } = token;
      if (text === '(' && token.kind === 'sign' && depth++ === 0) continue;
      if (text === ')' && token.kind === 'sign' && --depth === 0) return all;
      const isInVariadic = isVariadic && all.length >= parameters.length;
      if (text === ',' && token.kind === 'sign' && depth === 1 && !isInVariadic) all.push([]);
      else all.at(-1)?.push(token);
    }
    throw new Doubt('bad-macro', `the arguments of ${macro.name} do not end`);
  }

  #substitute(macro: Macro, collected: readonly Token[][]): Token[] {
    const { parameters, isVariadic } = macro;
    const most = parameters.length;
    const isNone = most === 0 && collected.length === 1 && collected[0]?.length === 0;
    const tooFew = collected.length < (isVariadic ? most - 1 : most);
    if (!isNone && (collected.length > most || tooFew))
      throw new Doubt('bad-macro', `${macro.name} is given ${collected.length} arguments`);
    const args = new Arguments(parameters, collected, (tokens) => this.#expandApart(tokens));
    return new Substitution(macro, args).run();
  }

  #expandApart(tokens: readonly Token[]): Token[] {
    const floor = this.#floor;
    this.#floor = this.#levels.length;
    this.#levels.push({ tokens, macro: undefined, at: 0 });
    const expanded = this.rest();
    while (this.#levels.length > this.#floor) this.#leave();
    this.#floor = floor;
    return expanded;
  }
}

/** The first token stands where the macro's name or the parameter stood. */
function withLead(tokens: readonly Token[], { leads }: Token): readonly Token[] {
  const [first, ...others] = tokens;
  return first === undefined || first.leads === leads ? tokens : [{ ...first, leads }, ...others];
}

class Arguments {
  readonly #parameters: readonly ByteString[];
  readonly #collected: readonly (readonly Token[])[];
  readonly #expand: (tokens: readonly Token[]) => Token[];
  readonly #expanded = new Map<number, readonly Token[]>();

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

  plain(index: number): readonly Token[] {
    return this.#collected[index] ?? [];
  }

  expanded(index: number): readonly Token[] {
    let tokens = this.#expanded.get(index);
    if (tokens === undefined) {
      tokens = this.#expand(this.plain(index));
      this.#expanded.set(index, tokens);
    }
    return tokens;
  }
}

/** One expansion of a function-like macro's body. */
class Substitution {
  readonly #body: readonly Token[];
  readonly #macro: Macro;
  readonly #args: Arguments;
  /** What the next `##` joins to is nothing. */
  #isLeftEmpty = false;

  constructor(macro: Macro, args: Arguments) {
    this.#macro = macro;
    this.#body = macro.body;
    this.#args = args;
  }

  run(from = 0, to = this.#body.length): Token[] {
    const out: Token[] = [];
    for (let at = from; at < to; at++) {
      const token = this.#body[at];
      if (token === undefined) break;
      if (token.text === '##' && at > from) {
        at = this.#paste(out, at);
      } else if (token.text === '#' && this.#isParameter(at + 1)) {
        out.push({ ...token, kind: 'string', text: stringize(this.#args.plain(this.#indexAt(++at))) });
      } else if (token.text === '__VA_OPT__' && this.#macro.isVariadic && this.#body[at + 1]?.text === '(') {
        const end = this.#closing(at + 1);
        if (this.#hasVariadic()) out.push(...this.run(at + 2, end));
        at = end;
      } else if (this.#isParameter(at)) {
        const index = this.#indexAt(at);
        const isPasted = this.#body[at + 1]?.text === '##';
        const tokens = isPasted ? this.#args.plain(index) : this.#args.expanded(index);
        this.#isLeftEmpty = tokens.length === 0;
        out.push(...withLead(tokens, token));
      } else {
        this.#isLeftEmpty = false;
        out.push(token);
      }
    }
    return out;
  }

  /** Joins what is there with what follows the `##` at `at`; gives the place of the last token used. */
  #paste(out: Token[], at: number): number {
    const token = this.#body[at + 1];
    if (token === undefined) return at;
    const isParameter = this.#isParameter(at + 1);
    const right = isParameter ? this.#args.plain(this.#indexAt(at + 1)) : [token];
    // GNU: a comma before the variadic arguments goes when there are none, and is not joined otherwise.
    if (isParameter && this.#isVariadicAt(at + 1) && this.#body[at - 1]?.text === ',') {
      if (right.length === 0) out.pop();
      else out.push(...this.#args.expanded(this.#indexAt(at + 1)));
      return at + 1;
    }
    const [first, ...others] = right;
    if (first === undefined) return at + 1;
    const left = this.#isLeftEmpty ? undefined : out.pop();
    this.#isLeftEmpty = false;
    if (left === undefined) {
      out.push(...right);
      return at + 1;
    }
    const [joined, excess] = tokenize(left.text + first.text);
    if (joined === undefined || excess !== undefined)
      throw new Doubt('bad-macro', `${left.text} ## ${first.text}`);
    out.push({ ...joined, isSpaced: left.isSpaced, leads: left.leads }, ...others);
    return at + 1;
  }

  #isParameter(at: number): boolean {
    return this.#indexAt(at) >= 0;
  }

  #indexAt(at: number): number {
    const token = this.#body[at];
    return token === undefined ? -1 : this.#args.indexOf(token);
  }

  #isVariadicAt(at: number): boolean {
    return this.#macro.isVariadic && this.#indexAt(at) === this.#macro.parameters.length - 1;
  }

  #hasVariadic(): boolean {
    return this.#args.expanded(this.#macro.parameters.length - 1).length > 0;
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
