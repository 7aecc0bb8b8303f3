/** What is told about a group of compiles after the scanner's answers were compared with the compiler's. */
export interface GroupFigures {
  readonly name: string;
  readonly language: string;
  /** Units that the compiler reads well. */
  readonly asked: number;
  /** Those that it does not. */
  readonly refused: number;
  /** For each unit answered: files named by those that are read. */
  readonly ratios: readonly number[];
  /** For each that was not: the source and the reason. */
  readonly doubts: readonly string[];
  readonly misses: number;
  /** All units by the compiler, on all cores. */
  readonly compilerMs: number;
  /** All units by the scanner, on one core: with an empty memory, and once more. */
  readonly coldMs: number;
  readonly warmMs: number;
}

const SHOWN_DOUBTS = 3;

export function formatGroup(figures: GroupFigures): string {
  const { name, asked, refused, ratios, doubts, misses, compilerMs, coldMs, warmMs } = figures;
  return [
    `${name}: ${asked} units (${refused} refused by the compiler), ${ratios.length} answered, ${misses} files missing`,
    `  ${formatRatios(ratios)}; scanner ${seconds(coldMs)} cold, ${seconds(warmMs)} warm, compiler ${seconds(compilerMs)}`,
    ...doubts.slice(0, SHOWN_DOUBTS).map((doubt) => `  unsure: ${doubt}`),
  ].join('\nfigure: ');
}

export function formatShare(groups: readonly GroupFigures[]): string {
  const sum = (of: (group: GroupFigures) => number): number =>
    groups.reduce((total, group) => total + of(group), 0);
  const asked = sum((group) => group.asked);
  const ratios = groups.flatMap((group) => group.ratios);
  const reasons = Map.groupBy(
    groups.flatMap((group) => group.doubts),
    (doubt) => doubt.replace(/^.*?: ([\w-]*).*$/s, '$1'),
  );
  return [
    `all: ${asked} units, ${((100 * ratios.length) / asked).toFixed(2)} % answered, ${sum((group) => group.misses)} files missing`,
    `  ${formatRatios(ratios)}; scanner ${seconds(sum((group) => group.coldMs))} cold, ${seconds(sum((group) => group.warmMs))} warm, compiler ${seconds(sum((group) => group.compilerMs))}`,
    ...[...reasons].map(([reason, doubts]) => `  unsure ${doubts.length} times: ${reason}`),
  ].join('\nfigure: ');
}

export function summarizeRatios(ratios: readonly number[]): {
  readonly median: number;
  readonly p95: number;
} {
  const sorted = ratios.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { median: at(0.5), p95: at(0.95) };
}

function formatRatios(ratios: readonly number[]): string {
  const { median, p95 } = summarizeRatios(ratios);
  return `${median.toFixed(3)} times as many files as read, 95th percentile ${p95.toFixed(3)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
