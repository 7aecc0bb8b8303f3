/**
 * What this worker and its machine do, as a page in the form of distcc's --stats: for people with curl, for
 * tools that read distcc's, and for tests that want to know what was compiled here.
 *
 * Source: the page of a stock distccd, byte by byte. Ours has some more lines at its end.
 */
import type { Activity } from './activity.ts';
import type { Counts } from './counts.ts';
import type { Machine } from './machine.ts';

/** The longest of all jobs since the start. */
export interface LongestJob {
  readonly input: string;
  readonly compiler: string;
  readonly timeMs: number;
}

export interface StatusSources {
  readonly counts: Counts;
  readonly longestJob: () => LongestJob | undefined;
  readonly activity: Activity;
  readonly machine: Machine;
  readonly jobs: number;
  /** More lines, of our own. */
  readonly gauges: () => Readonly<Record<string, number>>;
}

const PERIODS_MINUTES = [1, 5, 15] as const;

/** All lines between the tags, in distcc's order. */
export async function collectStatus(sources: StatusSources): Promise<Record<string, string | number>> {
  const { counts, activity, machine } = sources;
  const { manyhands_denied, manyhands_refused, ...distccs } = counts;
  const longest = sources.longestJob();
  return {
    ...distccs,
    dcc_longest_job: longest?.input ?? 'none',
    dcc_longest_job_compiler: longest?.compiler ?? 'none',
    dcc_longest_job_time_msecs: longest === undefined ? -1 : Math.round(longest.timeMs),
    dcc_max_kids: sources.jobs,
    ...perPeriod('dcc_avg_kids', (minutes) => Math.round(activity.averageWithin(minutes))),
    ...machine.describeLoad(),
    ...perPeriod('dcc_num_compiles', (minutes) => activity.endedWithin(minutes)),
    ...(await machine.describeResources()),
    manyhands_refused,
    manyhands_denied,
    ...sources.gauges(),
  };
}

function perPeriod(name: string, value: (minutes: number) => number): Record<string, number> {
  return Object.fromEntries(PERIODS_MINUTES.map((minutes, index) => [`${name}${index + 1}`, value(minutes)]));
}

/** The page with its header, whose lines a stock distccd ends with LF alone. */
export function formatStatusPage(lines: StatusLines): string {
  const header = ['HTTP/1.0 200 OK', 'Content-Type: text/plain', 'Connection: close', '', ''];
  return `${header.join('\n')}${formatStatusBody(lines)}`;
}

export function formatStatusBody(lines: StatusLines): string {
  const entries = Object.entries(lines).map(([name, value]) => `${name} ${value}\n`);
  return `argv /distccd\n<distccstats>\n${entries.join('')}</distccstats>\n`;
}

type StatusLines = Readonly<Record<string, string | number>>;
