/** What a whole file makes doubtful, or may make so, wherever it stands in it. */
import { namesAssemblerFile } from '../command/assembler-text.ts';
import type { CutText } from './cutter.ts';
import type { DoubtReason } from './doubt.ts';

export type Mark =
  | DoubtReason
  /** A comment that begins with two slashes matters, which is none in the oldest standard. */
  | 'line-comments'
  /** `#elifdef` and `#elifndef`, which are passed over where they are not known. */
  | 'new-branches'
  /** A `_Pragma` may set options, and macros with them. */
  | 'pragma-target'
  /** The same, of optimization only; or it brings options back. */
  | 'pragma-optimize';

const WORDS: readonly (readonly [string, DoubtReason])[] = [
  ['__DATE__', 'clock'],
  ['__TIME__', 'clock'],
  ['__TIMESTAMP__', 'clock'],
  ['__BASE_FILE__', 'base-file'],
];

export function findMarks(
  bytes: Buffer,
  { texts, isModule, needsLineComments, isWhole }: CutText,
): readonly Mark[] {
  const marks = new Set<Mark>();
  for (const [word, reason] of WORDS) if (bytes.includes(word, 0, 'latin1')) marks.add(reason);
  if (namesAssemblerFile(bytes)) marks.add('assembler-file');
  if (!isWhole) marks.add('too-large');
  if (isModule) marks.add('modules');
  if (needsLineComments) marks.add('line-comments');
  if (texts.some((text) => /^elifn?def\b/.test(text))) marks.add('new-branches');
  // A raw string may go on on the next line, but not inside of a directive, says gcc only.
  if (texts.some((text) => text.includes('\n'))) marks.add('bad-directive');
  return [...marks];
}
