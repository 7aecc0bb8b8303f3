/** What `manyhands top` shows, as lines of a terminal. Names of files and hosts are not to command it. */
import { tameLine } from '../base/tame.ts';
import type { BuildModel, Group, Job } from './build-model.ts';
import { HERE } from './build-model.ts';

export const SORTS = ['host', 'time', 'file'] as const;
export type Sort = (typeof SORTS)[number];

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly sort: Sort;
  /** Only what has this in its file, host or reason. */
  readonly filter: string;
  /** While it is being typed. */
  readonly isTyping: boolean;
  readonly isPaused: boolean;
  /** Instead of numbers, where there is no agent. */
  readonly trouble: string | undefined;
}

/** Of the rows: what runs, then what has ended. */
const RUNNING_SHARE = 0.65;
const RATE_SECONDS = 10;
const FRAME_ROWS = 5;

/** Exactly `rows` lines, none longer than `columns`. */
export function renderScreen(model: BuildModel, options: ScreenOptions): string[] {
  const { columns, rows, trouble } = options;
  const space = Math.max(0, rows - FRAME_ROWS);
  const running = linesOfRunning(model, options);
  const mostRunning = Math.max(1, Math.floor(space * RUNNING_SHARE));
  const shown = running.slice(0, mostRunning);
  const hidden = running.length - shown.length;
  if (hidden > 0) shown.splice(-1, 1, `  … ${hidden + 1} more`);
  const ended = endedJobs(model, options, space - shown.length).map((job) => lineOfEnded(job));
  const lines = [
    trouble ?? lineOfTotals(model, options),
    lineOfState(options),
    ...shown,
    '',
    'Last ended',
    ...ended,
  ].slice(0, rows - 1);
  while (lines.length < rows - 1) lines.push('');
  lines.push(lineOfKeys(options));
  return lines.map((line) => fit(line, columns));
}

function lineOfTotals(model: BuildModel, { nowMs }: ScreenOptions): string {
  const { totals, running, bytesSent, bytesReceived } = model;
  const second = Math.floor(nowMs / 1000);
  let ended = 0;
  for (let back = 1; back <= RATE_SECONDS; back++) {
    const { remote = 0, cached = 0, local = 0 } = model.seconds.get(second - back) ?? {};
    ended += remote + cached + local;
  }
  return [
    `${running} under way`,
    `${totals.remote} remote`,
    `${totals.cached} cached`,
    `${totals.local} here`,
    `${totals.failed} failed`,
    `${(ended / RATE_SECONDS).toFixed(1)}/s`,
    `${mebibytes(bytesSent)} sent`,
    `${mebibytes(bytesReceived)} received`,
  ].join('  ');
}

function lineOfState({ isPaused, isTyping, filter }: ScreenOptions): string {
  const words = [
    isPaused && 'PAUSED',
    (isTyping || filter !== '') && `filter: ${filter}${isTyping ? '_' : ''}`,
  ];
  return words.filter(Boolean).join('  ');
}

function lineOfKeys({ sort }: ScreenOptions): string {
  return `q quit  p pause  s sort: ${sort}  / filter`;
}

function linesOfRunning(model: BuildModel, options: ScreenOptions): string[] {
  const { sort } = options;
  if (sort === 'host') return [...model.shown].flatMap((group) => linesOfGroup(group, options));
  const jobs = [...model.jobs.values()].filter((job) => job.ending === undefined && isWanted(job, options));
  jobs.sort((one, other) =>
    sort === 'time' ? one.startedMs - other.startedMs : one.source < other.source ? -1 : 1,
  );
  return jobs.map((job) => lineOfRunning(job, options, true));
}

/** A host with a line for each lane: what it compiles now, or nothing. */
function linesOfGroup(group: Group, options: ScreenOptions): string[] {
  const { name, lanes, running, done, sumMs, troubles } = group;
  const busy = lanes.flatMap(({ isTaken, bars }) => {
    const job = isTaken ? bars.at(-1)?.job : undefined;
    return job !== undefined && isWanted(job, options) ? [lineOfRunning(job, options, false)] : [];
  });
  if (name === HERE && busy.length === 0) return [];
  const facts = [
    `${running} of ${lanes.length}`,
    done > 0 && `${done} files`,
    done > 0 && `mean ${seconds(sumMs / done)}`,
    troubles > 0 && `${troubles} failures`,
  ];
  return [`${name}  ${facts.filter(Boolean).join('  ')}`, ...busy];
}

function lineOfRunning(job: Job, { nowMs }: ScreenOptions, withHost: boolean): string {
  const host = withHost && job.host !== '' ? `  ${job.host}` : '';
  return `  ${job.phase.padEnd(10)} ${seconds(Math.max(0, nowMs - job.startedMs)).padStart(8)}  ${job.source}${host}`;
}

function endedJobs(model: BuildModel, options: ScreenOptions, most: number): Job[] {
  const ended: Job[] = [];
  if (most <= 0) return ended;
  const jobs = [...model.jobs.values()];
  for (let at = jobs.length - 1; at >= 0 && ended.length < most; at--) {
    const job = jobs[at];
    if (job?.ending !== undefined && isWanted(job, options)) ended.push(job);
  }
  return ended;
}

/** One line of a job that has ended, for the screen and for pipes. */
export function lineOfEnded({ ending, reason, elapsedMs, source, host, hadTrouble }: Job): string {
  const why = reason === '' ? '' : `  (${reason})`;
  const where = host === '' ? '' : `  ${host}`;
  const mark = hadTrouble || ending === 'failed' ? '!' : ' ';
  return `${mark} ${(ending ?? '').padEnd(10)} ${seconds(elapsedMs).padStart(8)}  ${source}${where}${why}`;
}

function isWanted({ source, host, reason }: Job, { filter }: ScreenOptions): boolean {
  return filter === '' || `${source} ${host} ${reason}`.includes(filter);
}

/** A line as a terminal may have it. */
export function fit(line: string, columns: number): string {
  const text = tameLine(line);
  if (text.length <= columns) return text;
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
