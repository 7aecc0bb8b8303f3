/** One line of the page: something of distcc, what distcc does there, what we do, and the test that shows it. */

/**
 * - same: nobody sees a difference, but for what is said;
 * - better: what the user of distcc wanted;
 * - other: different on purpose, or not needed here;
 * - later: still to come; what is said is today's answer.
 */
type Likeness = 'same' | 'better' | 'other' | 'later';

export interface Row {
  /** As one types it: an option with its value, a variable, a file, an exit code. */
  readonly names: readonly string[];
  readonly theirs: string;
  readonly likeness: Likeness;
  readonly ours: string;
  /** `path › title` of the test. */
  readonly test: string;
}

export interface Section {
  readonly title: string;
  /** What one has to know before the table. */
  readonly text?: string;
  /** What the first column holds. */
  readonly noun: string;
  readonly rows: readonly Row[];
}

type MakeRow = (names: string | readonly string[], theirs: string, test: string, ours?: string) => Row;

export const same = maker('same');
export const better = maker('better');
export const other = maker('other');
export const later = maker('later');

function maker(likeness: Likeness): MakeRow {
  return (names, theirs, test, ours = '') => ({
    names: typeof names === 'string' ? [names] : names,
    theirs,
    likeness,
    ours,
    test,
  });
}
