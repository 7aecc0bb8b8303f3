/**
 * A dependency file (make's syntax) as the compiler would have written it at the client.
 *
 * The root goes out of all names; but lines are broken by their lengths, so they are broken anew, as the
 * compiler does it: gcc after 72 columns, clang after 75. Which of the two wrote it shows where it broke
 * a line: clang begins the next one with two blanks.
 *
 * Source: what gcc 12 and clang 14 write (test/e2e/pump-worker.test.ts compares).
 */
import type { ByteString } from '../base/byte-string.ts';
import { breakAsClang, breakAsGcc, CLANG_CONTINUED, CONTINUED } from '../command/dependency-rule.ts';

/** A word; blanks in it have a backslash before them. */
const WORDS = /(?:\\.|[^ \t\n\\])+/gs;

export function withoutRoot(text: ByteString, root: ByteString): ByteString {
  const end = endOfRule(text);
  const rule = text.slice(0, end);
  const shorten = (part: ByteString): ByteString => part.replaceAll(root, '').replaceAll(escaped(root), '');
  // What follows are rules of -MP, one to a line.
  const rest = shorten(text.slice(end));
  if (!rule.includes(CONTINUED)) return shorten(rule) + rest;
  const words = shorten(rule.replaceAll('\\\n', ' ')).match(WORDS) ?? [];
  return (rule.includes(CLANG_CONTINUED) ? breakAsClang(words) : breakAsGcc(words)) + rest;
}

/** Behind the first line that does not continue. */
function endOfRule(text: ByteString): number {
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at - 1] !== '\\') return at + 1;
  }
  return text.length;
}

/** As both write names: blanks and # with a backslash, $ doubled. */
function escaped(name: ByteString): ByteString {
  return name.replaceAll(/[ \t#]/g, String.raw`\$&`).replaceAll('$', '$$$$');
}
