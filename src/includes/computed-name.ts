/**
 * The name of a header that macros say: `#include HEADER`.
 *
 * Source: GCC's cpp manual, "Computed Includes".
 */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import { Expander, type MacroTable } from './expand.ts';
import type { Token } from './token.ts';
import type { Translation } from './translation.ts';

/**
 * @returns the name in its quotes or brackets.
 * @throws {Doubt} where it is none, or not for each compiler the same.
 */
export function computeName(
  tokens: readonly Token[],
  macros: MacroTable,
  { isClang }: Pick<Translation, 'isClang'>,
): ByteString {
  const expander = new Expander(macros, tokens);
  const expanded = expander.rest();
  const [first] = expanded;
  const end = expanded.findIndex(({ text }) => text === '>');
  const isString = first?.kind === 'string' && first.text.startsWith('"');
  const inside = isString ? [first] : expanded.slice(0, end + 1);
  const isSpaced = inside.some((token, index) => index > 0 && (token.isSpaced || token.leads));
  // Compilers do not agree about the blanks that macros leave.
  const isSure = isString
    ? !expander.hasMadeString || !(expander.hasMetNothing || expander.hasMetSpecial)
    : first?.text === '<' && !expander.hasMetSpecial && !(isClang && (isSpaced || expander.hasMetNothing));
  if (inside.length === 0 || !isSure)
    throw new Doubt(
      'bad-directive',
      tokens
        .slice(0, 50)
        .map(({ text }) => text)
        .join(' '),
    );
  const isLast = (index: number): boolean => index === inside.length - 1;
  return inside
    .map((token, index) => (token.isSpaced && index > 0 && !isLast(index) ? ' ' : '') + token.text)
    .join('');
}
