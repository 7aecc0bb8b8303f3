/**
 * The conditions of `#if` and `#elif`: integers of 64 bits, signed or not, as the compiler computes them.
 *
 * Conditions are computed for their truth alone, and what a short circuit leaves out is read but does not
 * count: a division by zero there is none. Their numbers are in constant.ts, what two of them make in operator.ts.
 *
 * Source: C17 6.10.1; GCC's cpp manual, "Conditional Syntax"; cppinternals for what `defined` does inside of macros.
 */
import type { ByteString } from '../base/byte-string.ts';
import { readCharacter, readNumber, truth, wrap, type Value } from './constant.ts';
import { Doubt } from './doubt.ts';
import { Expander, type MacroTable } from './expand.ts';
import { applyOperator, OPERATOR_STRENGTHS, OPERATOR_WORDS } from './operator.ts';
import { trimBlanks, type Token } from './token.ts';

export interface ConditionContext extends MacroTable {
  /** Whether `#ifdef` holds. */
  isDefined(name: ByteString): boolean;
  /**
   * `__has_include` and what is like it: whether there is such a file. `name` has its quotes or brackets.
   *
   * @param counts or whether it is left out by a short circuit.
   */
  hasFile(operator: ByteString, name: ByteString, counts: boolean): boolean;
  /** What the compiler says to `__has_builtin(x)` and the like. */
  ask(operator: ByteString, operand: ByteString): bigint;
  /** What computed tokens say as a header's name, in its quotes or brackets. */
  nameHeader(tokens: readonly Token[]): ByteString;
  /** Whether a name asks the compiler about itself. */
  isQuery(name: ByteString): boolean;
  /** `and`, `not` and the like are operators, as in C++. */
  readonly hasWords: boolean;
  /** In C it depends on the standard's age, and on the compiler's. */
  readonly hasTrue: boolean;
  /** Of plain characters beyond 127. */
  readonly hasUnsignedCharacters: boolean;
}

export const FILE_OPERATORS: ReadonlySet<string> = new Set(['__has_include', '__has_include_next']);

/** Parentheses and signs in one another. */
const DEEPEST = 300;
const MOST_SHOWN = 200;

/** @throws {Doubt} when it is no condition, or cannot be computed here. */
export function isTrue(tokens: readonly Token[], context: ConditionContext): boolean {
  return new Condition(tokens, context).whole().bits !== 0n;
}

class Condition {
  readonly #context: ConditionContext;
  readonly #tokens: Expander;
  readonly #all: readonly Token[];
  #ahead: Token | undefined;
  #depth = 0;

  constructor(tokens: readonly Token[], context: ConditionContext) {
    this.#context = context;
    this.#all = tokens;
    this.#tokens = new Expander(context, tokens);
  }

  whole(): Value {
    this.#advance();
    const value = this.#comma(true);
    if (this.#ahead !== undefined) this.#fail();
    return value;
  }

  #advance(): void {
    this.#ahead = this.#tokens.next();
  }

  #fail(): never {
    throw new Doubt('bad-condition', spell(this.#all.slice(0, MOST_SHOWN)).slice(0, MOST_SHOWN));
  }

  #sign(): string {
    const token = this.#ahead;
    if (token === undefined) return '';
    if (token.kind === 'sign') return token.text;
    return token.kind === 'name' && this.#context.hasWords ? (OPERATOR_WORDS[token.text] ?? '') : '';
  }

  #comma(counts: boolean): Value {
    let value = this.#choice(counts);
    while (this.#sign() === ',') {
      this.#advance();
      value = this.#choice(counts);
    }
    return value;
  }

  #choice(counts: boolean): Value {
    if (++this.#depth > DEEPEST) this.#fail();
    const value = this.#chosen(counts);
    this.#depth--;
    return value;
  }

  #chosen(counts: boolean): Value {
    const condition = this.#binary(1, counts);
    if (this.#sign() !== '?') return condition;
    const holds = condition.bits !== 0n;
    this.#advance();
    const first = this.#comma(counts && holds);
    if (this.#sign() !== ':') this.#fail();
    this.#advance();
    const second = this.#choice(counts && !holds);
    const isUnsigned = first.isUnsigned || second.isUnsigned;
    return wrap((holds ? first : second).bits, isUnsigned);
  }

  #binary(least: number, counts: boolean): Value {
    let left = this.#unary(counts);
    for (;;) {
      const operator = this.#sign();
      const strength = OPERATOR_STRENGTHS[operator] ?? 0;
      if (strength < least) return left;
      this.#advance();
      const isDecided = (operator === '&&' && left.bits === 0n) || (operator === '||' && left.bits !== 0n);
      const right = this.#binary(strength + 1, counts && !isDecided);
      left = this.#apply(operator, left, right, counts);
    }
  }

  /** What no compiler computes counts for nothing where it is left out. */
  #apply(operator: string, left: Value, right: Value, counts: boolean): Value {
    const value = applyOperator(operator, left, right);
    if (value === undefined && counts) this.#fail();
    const isShift = operator === '<<' || operator === '>>';
    return value ?? { bits: 0n, isUnsigned: left.isUnsigned || (right.isUnsigned && !isShift) };
  }

  #unary(counts: boolean): Value {
    if (++this.#depth > DEEPEST) this.#fail();
    const value = this.#signed(counts);
    this.#depth--;
    return value;
  }

  #signed(counts: boolean): Value {
    const operator = this.#sign();
    switch (operator) {
      case '!':
        this.#advance();
        return truth(this.#unary(counts).bits === 0n);
      case '-':
      case '+':
      case '~': {
        this.#advance();
        const { bits, isUnsigned } = this.#unary(counts);
        return wrap(operator === '-' ? -bits : operator === '~' ? ~bits : bits, isUnsigned);
      }
      case '(': {
        this.#advance();
        const value = this.#comma(counts);
        if (this.#sign() !== ')') this.#fail();
        this.#advance();
        return value;
      }
      default:
        return this.#primary(counts);
    }
  }

  #primary(counts: boolean): Value {
    const token = this.#ahead;
    if (token === undefined) return this.#fail();
    if (token.kind === 'name') return this.#named(token.text, counts);
    const value =
      token.kind === 'number'
        ? readNumber(token.text)
        : token.kind === 'character'
          ? readCharacter(token.text, this.#context.hasUnsignedCharacters)
          : undefined;
    if (value === undefined) return this.#fail();
    this.#advance();
    return value;
  }

  #named(name: ByteString, counts: boolean): Value {
    if (name === 'defined') return this.#defined();
    if (FILE_OPERATORS.has(name) && this.#context.isDefined(name)) return this.#file(name, counts);
    if (this.#context.isQuery(name)) return this.#query(name, counts);
    this.#advance();
    // A name that is no macro is 0; with arguments it is nothing.
    if (this.#sign() === '(') this.#fail();
    return truth(name === 'true' && this.#context.hasTrue);
  }

  #defined(): Value {
    let token = this.#tokens.nextPlain();
    const isBracketed = token?.text === '(';
    if (isBracketed) token = this.#tokens.nextPlain();
    if (token?.kind !== 'name') return this.#fail();
    if (isBracketed && this.#tokens.nextPlain()?.text !== ')') this.#fail();
    this.#advance();
    return truth(this.#context.isDefined(token.text));
  }

  #file(operator: ByteString, counts: boolean): Value {
    const name = this.#operand(true);
    this.#advance();
    return truth(this.#context.hasFile(operator, name, counts));
  }

  #query(operator: ByteString, counts: boolean): Value {
    const operand = this.#operand(false);
    this.#advance();
    return { bits: counts ? this.#context.ask(operator, operand) : 0n, isUnsigned: false };
  }

  /** What stands between the parentheses that follow. */
  #operand(isFile: boolean): ByteString {
    if (this.#tokens.nextPlain()?.text !== '(') this.#fail();
    const tokens: Token[] = [];
    let depth = 1;
    for (let token = this.#tokens.nextPlain(); token !== undefined; token = this.#tokens.nextPlain()) {
      if (token.kind === 'sign' && token.text === '(') depth++;
      if (token.kind === 'sign' && token.text === ')' && --depth === 0)
        return isFile ? this.#fileName(tokens) : spell(tokens);
      tokens.push(token);
    }
    return this.#fail();
  }

  /** One that was written in quotes or brackets stands for itself. */
  #fileName(tokens: readonly Token[]): ByteString {
    const [first, ...others] = tokens;
    const isWritten = first?.kind === 'string' && others.length === 0;
    return isWritten ? first.text : this.#context.nameHeader(tokens);
  }
}

function spell(tokens: readonly Token[]): ByteString {
  return trimBlanks(tokens.map(({ text, isSpaced }) => (isSpaced ? ' ' : '') + text).join(''));
}
