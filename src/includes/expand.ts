/**
 * Macro expansion, for what stands in conditions and in computed includes.
 *
 * A stack of token lists, as in gcc: a macro is out of use while its own list is on the stack, and a name
 * that is met meanwhile stays as it is for ever. Arguments are expanded apart, unless `#` or `##` takes them (substitution.ts).
 *
 * Source: C17 6.10.3; GCC's cpp manual, "Macros", and cppinternals, "Macro Expansion Algorithm".
 */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import type { Macro } from './macro.ts';
import { Arguments, Substitution, withLead } from './substitution.ts';
import type { Token } from './token.ts';

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

/** Without a bound a few lines of text could keep us busy for ever. */
const MOST_STEPS = 1_000_000;
/** Arguments in arguments. */
const DEEPEST = 300;

export class Expander {
  readonly #macros: MacroTable;
  readonly #levels: Level[] = [];
  readonly #active = new Set<Macro>();
  /** Levels below this one belong to whoever collects arguments. */
  #floor = 0;
  #depth = 0;
  #steps = 0;
  /** What stands for nothing may leave a blank, of which compilers make different things. */
  hasMetNothing = false;
  /** What the compiler itself puts in loses the blank before it, says gcc only. */
  hasMetSpecial = false;
  /** Something was made a string. */
  hasMadeString = false;

  constructor(macros: MacroTable, tokens: readonly Token[]) {
    this.#macros = macros;
    this.#levels.push({ tokens, macro: undefined, at: 0 });
  }

  /** Whether the token that came last was written in a macro. */
  get isInMacro(): boolean {
    return this.#levels.length > 1;
  }

  /** The next token, expanded; undefined at the end. */
  next(): Token | undefined {
    for (;;) {
      const token = this.nextPlain();
      if (token === undefined) return undefined;
      if (token.kind !== 'name' || token.isFinal === true) return token;
      const macro = this.#macros.get(token.text);
      if (macro === undefined) {
        const special = this.#macros.special(token.text);
        if (special === undefined) return token;
        this.hasMetSpecial ||= token.isSpaced || token.leads;
        return { ...special, isSpaced: token.isSpaced, leads: token.leads };
      }
      if (this.#active.has(macro)) return { ...token, isFinal: true };
      if (!macro.isFunctionLike) this.#enter(macro, withLead(this.#objectBody(macro), token));
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
        if (++this.#steps > MOST_STEPS) throw new Doubt('bad-macro', `${token.text} is too much`);
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
    if (tokens.length === 0) this.hasMetNothing = true;
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

  #objectBody(macro: Macro): readonly Token[] {
    if (!macro.body.some(({ text }) => text === '##')) return macro.body;
    return new Substitution(macro, new Arguments([], [], () => []), MOST_STEPS).run();
  }

  #substitute(macro: Macro, collected: readonly Token[][]): Token[] {
    const { parameters, isVariadic } = macro;
    const most = parameters.length;
    const isNone = most === 0 && collected.length === 1 && collected[0]?.length === 0;
    const tooFew = collected.length < (isVariadic ? most - 1 : most);
    if (!isNone && (collected.length > most || tooFew))
      throw new Doubt('bad-macro', `${macro.name} is given ${collected.length} arguments`);
    const args = new Arguments(parameters, collected, (tokens) => this.#expandApart(tokens));
    this.hasMadeString ||= macro.body.some(({ text }) => text === '#');
    const tokens = new Substitution(macro, args, MOST_STEPS - this.#steps).run();
    this.#steps += tokens.length;
    this.hasMetNothing ||= args.hasMetNothing;
    return tokens;
  }

  #expandApart(tokens: readonly Token[]): Token[] {
    if (this.#depth >= DEEPEST) throw new Doubt('bad-macro', 'arguments in arguments are too deep');
    this.#depth++;
    const floor = this.#floor;
    this.#floor = this.#levels.length;
    this.#levels.push({ tokens, macro: undefined, at: 0 });
    const expanded = this.rest();
    while (this.#levels.length > this.#floor) this.#leave();
    this.#floor = floor;
    this.#depth--;
    return expanded;
  }
}
