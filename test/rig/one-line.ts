/** What a user sees of a mistake: one line of ours. */
import assert from 'node:assert/strict';

const OUR_LINE = /^distcc(?:\[\d+\])?:? .+$/;

/** One line of ours that says all of this, and nothing else. */
export function assertOneLine(text: string, ...patterns: readonly RegExp[]): void {
  const lines = text.split('\n');
  assert.equal(lines.length, 2, `not one line: ${text}`);
  assert.match(lines[0] ?? '', OUR_LINE);
  for (const pattern of patterns) assert.match(text, pattern);
}
