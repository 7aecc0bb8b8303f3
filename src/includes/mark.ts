/** What a whole file makes doubtful, or may make so, wherever it stands in it. */
import { namesAssemblerFile } from '../command/assembler-text.ts';
import type { CutText } from './cutter.ts';
import type { DoubtReason } from './doubt.ts';

export type Mark =
  | DoubtReason
  /** Comments that begin with two slashes, which the oldest standard does not have. */
  | 'line-comments'
  /** `#elifdef` and `#elifndef`, which are passed over where they are not known. */
  | 'new-branches'
  /** A `_Pragma` may set options, and macros with them. */
  | 'pragma-options';

const WORDS: readonly (readonly [string, DoubtReason])[] = [
  ['__DATE__', 'clock'],
  ['__TIME__', 'clock'],
  ['__TIMESTAMP__', 'clock'],
  ['__BASE_FILE__', 'base-file'],
];

export function findMarks(
  bytes: Buffer,
  { texts, isModule, hasLineComments, isWhole }: CutText,
): readonly Mark[] {
  const marks = new Set<Mark>();
  for (const [word, reason] of WORDS) if (bytes.includes(word, 0, 'latin1')) marks.add(reason);
  if (namesAssemblerFile(bytes)) marks.add('assembler-file');
  if (!isWhole) marks.add('too-large');
  if (isModule) marks.add('modules');
  if (hasLineComments) marks.add('line-comments');
  if (texts.some((text) => /^elifn?def\b/.test(text))) marks.add('new-branches');
  // A raw string may go on on the next line, but not inside of a directive, says gcc only.
  if (texts.some((text) => text.includes('\n')) || hasLoneReturn(bytes)) marks.add('bad-directive');
  return [...marks];
}

/** A carriage return that ends a line alone: what then is a line's end, and what is not? */
function hasLoneReturn(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] !== 0x0a) return true;
  }
  return false;
}
