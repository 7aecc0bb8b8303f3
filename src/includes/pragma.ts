/**
 * Pragmas that are no directives: `_Pragma("…")`, and `P(…)` where P makes a `_Pragma` of it. They are not
 * followed, only found; what they change is not known from there on.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Mark } from './mark.ts';

export interface Pragmas {
  /** Macros that are set aside or brought back. */
  readonly macros: readonly ByteString[];
  readonly marks: readonly Mark[];
}

const MACRO = /(?:push|pop)_macro\s*\((?:\s*\\?"([\w$]+)\\?"\s*\))?/g;
const OPTIONS = /\bGCC[ \t]+(target|optimize|pop_options|reset_options)\b/g;
const OTHER =
  /_Pragma\s*\(\s*(?:u8|[LuU])?"\s*(?:once|GCC\s+(?:dependency|pch_preprocess)|clang\s+module|include_alias)/;
const NONE: Pragmas = { macros: [], marks: [] };

export function findPragmas(bytes: Buffer): Pragmas {
  if (!['_macro', '_Pragma', 'GCC'].some((word) => bytes.includes(word, 0, 'latin1'))) return NONE;
  const text = bytes.toString('latin1');
  const marks = new Set<Mark>();
  const macros = new Set<ByteString>();
  for (const { index, 1: name } of text.matchAll(MACRO)) {
    if (name === undefined) marks.add('odd-macro');
    else if (!isDirective(text, index)) macros.add(name);
  }
  for (const { index, 1: word } of text.matchAll(OPTIONS)) {
    if (!isDirective(text, index)) marks.add(word === 'target' ? 'pragma-target' : 'pragma-optimize');
  }
  if (OTHER.test(text)) marks.add('odd-macro');
  return { macros: [...macros], marks: [...marks] };
}

/** Whether `#pragma` stands before it. */
function isDirective(text: ByteString, at: number): boolean {
  return /#[ \t]*pragma[ \t]+$/.test(text.slice(Math.max(0, at - 40), at));
}
