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

const CONTINUED = ' \\\n';
const CLANG_CONTINUED = ' \\\n  ';
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

function breakAsGcc(words: readonly ByteString[]): ByteString {
  let text = '';
  let column = 0;
  let hasColon = false;
  for (const word of words) {
    // The colon is written behind the last target, whatever the column.
    const isLastTarget: boolean = !hasColon && word.endsWith(':');
    hasColon ||= isLastTarget;
    if (column > 0) {
      if (column + word.length - (isLastTarget ? 1 : 0) > 72) {
        text += CONTINUED;
        column = 0;
      }
      text += ' ';
      column++;
    }
    text += word;
    column += word.length;
  }
  return `${text}\n`;
}

function breakAsClang(words: readonly ByteString[]): ByteString {
  let text = '';
  let columns = 0;
  let hasColon = false;
  for (const word of words) {
    // Names are counted as they are, targets as they are written.
    const length = hasColon ? unescaped(word).length : word.length - (word.endsWith(':') ? 1 : 0);
    if (columns > 0 && columns + length + (hasColon ? 3 : 2) > 75) {
      text += hasColon ? `${CONTINUED} ` : CLANG_CONTINUED;
      columns = hasColon ? 2 : 1;
    }
    if (columns > 0) {
      text += hasColon || columns > 1 ? ' ' : '';
      columns++;
    }
    text += word;
    columns += length;
    if (!hasColon && word.endsWith(':')) {
      hasColon = true;
      columns++;
    }
  }
  return `${text}\n`;
}

/** As both write names: blanks and # with a backslash, $ doubled. */
function escaped(name: ByteString): ByteString {
  return name.replaceAll(/[ \t#]/g, String.raw`\$&`).replaceAll('$', '$$$$');
}

function unescaped(word: ByteString): ByteString {
  return word.replaceAll('$$', '$').replaceAll(/\\(.)/gs, '$1');
}
