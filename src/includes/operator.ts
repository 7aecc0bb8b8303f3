/**
 * What binary operators make of two numbers in a condition, and how tightly they bind.
 *
 * Source: C17 6.5, 6.10.1; C++20 [lex.digraph] for those that are words.
 */
import { shift, truth, wrap, type Value } from './constant.ts';

export const OPERATOR_WORDS: Readonly<Record<string, string>> = {
  and: '&&',
  or: '||',
  not: '!',
  bitand: '&',
  bitor: '|',
  xor: '^',
  compl: '~',
  not_eq: '!=',
};

/** `?` and `,` are apart. */
export const OPERATOR_STRENGTHS: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '==': 6,
  '!=': 6,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '%': 10,
};

/** undefined for what no compiler computes, or not each the same. */
export function applyOperator(operator: string, left: Value, right: Value): Value | undefined {
  const isUnsigned = left.isUnsigned || right.isUnsigned;
  const a = wrap(left.bits, isUnsigned).bits;
  const b = wrap(right.bits, isUnsigned).bits;
  switch (operator) {
    case '||':
      return truth(left.bits !== 0n || right.bits !== 0n);
    case '&&':
      return truth(left.bits !== 0n && right.bits !== 0n);
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '|':
      return wrap(a | b, isUnsigned);
    case '^':
      return wrap(a ^ b, isUnsigned);
    case '&':
      return wrap(a & b, isUnsigned);
    case '+':
      return wrap(a + b, isUnsigned);
    case '-':
      return wrap(a - b, isUnsigned);
    case '*':
      return wrap(a * b, isUnsigned);
    case '<<':
    case '>>':
      return shift(left, right, operator === '<<');
    default:
      return b === 0n ? undefined : wrap(operator === '/' ? a / b : a % b, isUnsigned);
  }
}
