/**
 * A header without the comments that have lines to themselves: half of what system headers weigh. Lines and
 * columns of all that is left stay what they were, so nothing that a compiler makes of it is different, and
 * nothing that it says, as long as it says nothing of that file.
 */
import { Cutter, type Dialect } from './cutter.ts';

/** In every language in which these comments are comments. */
const ANY: Dialect = { hasRawStrings: true, hasDigitSeparators: true, hasTrigraphs: false };
const LINE = 0x0a;

/** @returns the bytes themselves where there is nothing to leave out, or languages differ about it. */
export function withoutComments(content: Uint8Array): Uint8Array {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.includes('R"', 0, 'latin1') || bytes.includes('??', 0, 'latin1')) return content;
  const { comments } = new Cutter(bytes, ANY).cut();
  if (comments.length === 0) return content;
  const bare = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let from = 0;
  for (let index = 0; index < comments.length; index += 2) {
    const start = comments[index] ?? 0;
    const end = comments[index + 1] ?? start;
    length += bytes.copy(bare, length, from, start);
    for (let at = bytes.indexOf(LINE, start); at >= 0 && at < end; at = bytes.indexOf(LINE, at + 1))
      bare[length++] = LINE;
    from = end;
  }
  length += bytes.copy(bare, length, from);
  return bare.subarray(0, length);
}
