/** Medians, with an interval that assumes nothing about the distribution. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  /** Covers the true median with 90 % confidence, where `n` is at least 5; before that it is the range. */
  readonly low: number;
  readonly high: number;
}

/**
 * The interval's ends are order statistics: as far inward as the binomial distribution allows while at
 * most 5 % are left out on either side.
 */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const skipped = skippable(n);
  return {
    n,
    median: ((sorted[(n - 1) >> 1] ?? Number.NaN) + (sorted[n >> 1] ?? Number.NaN)) / 2,
    low: sorted[skipped] ?? Number.NaN,
    high: sorted[n - 1 - skipped] ?? Number.NaN,
  };
}

/** How many values may be left out at each end. */
function skippable(n: number): number {
  let tail = 0;
  let probability = 0.5 ** n;
  for (let k = 0; k < n; k++) {
    tail += probability;
    if (tail > 0.05) return Math.max(0, k - 1);
    probability *= (n - k) / (k + 1);
  }
  return 0;
}
