/**
 * A rule of a dependency file, its lines broken where the compiler breaks them: gcc after 72 columns, clang
 * after 75.
 *
 * Source: what gcc 12 and clang 14 write (test/e2e/pump-worker.test.ts compares).
 */
import type { ByteString } from '../base/byte-string.ts';

/** Between two lines of a rule; clang begins the next one with two blanks. */
export const CONTINUED = ' \\\n';
export const CLANG_CONTINUED = ' \\\n  ';

/** @param words escaped for make; the last target has its colon. */
export function breakAsGcc(words: readonly ByteString[]): ByteString {
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

/** The same of clang's. */
export function breakAsClang(words: readonly ByteString[]): ByteString {
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

function unescaped(word: ByteString): ByteString {
  return word.replaceAll('$$', '$').replaceAll(/\\(.)/gs, '$1');
}
