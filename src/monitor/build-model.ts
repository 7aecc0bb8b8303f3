/** A build as monitors show it: jobs, and lanes, in each of which one job at a time has its bar. */
import { endingAt, phaseAt, type EventRow, type Greeting, type StoryRow } from './web/feed-rows.ts';
import type { Ending, Phase } from '../events/event.ts';

/** What a bar is coloured by. */
export const COLOURS = ['scan', 'queue', 'send', 'compile', 'receive', 'cache', 'local'] as const;
export type Colour = (typeof COLOURS)[number];

export interface Stretch {
  readonly colour: Colour;
  readonly fromMs: number;
}

/** A job's time in one lane. */
export interface Bar {
  readonly job: Job;
  readonly stretches: Stretch[];
  /** undefined while it is there. */
  toMs: number | undefined;
}

export interface Lane {
  readonly bars: Bar[];
  isTaken: boolean;
}

export interface Group {
  /** A host's token, or HERE. */
  readonly name: string;
  readonly lanes: Lane[];
  running: number;
  done: number;
  troubles: number;
  /** Of those that are done. */
  sumMs: number;
}

export interface Job {
  readonly number: number;
  readonly source: string;
  readonly startedMs: number;
  phase: Phase;
  host: string;
  ending: Ending | undefined;
  reason: string;
  elapsedMs: number;
  bytesSent: number;
  bytesReceived: number;
  hadTrouble: boolean;
  place: { readonly group: Group; readonly lane: Lane; readonly bar: Bar } | undefined;
}

/** What became of the jobs that ended within one second. */
export type Tally = Record<Ending, number>;

/** The group of jobs that no host has yet. */
export const HERE = 'before a host has it';
export const MOST_JOBS = 20_000;
const LOCALHOST = 'localhost';
const BEFORE: readonly Phase[] = ['startup', 'preprocess', 'blocked'];

export class BuildModel {
  readonly jobs = new Map<number, Job>();
  readonly groups = new Map<string, Group>();
  /** By second since 1970. */
  readonly seconds = new Map<number, Tally>();
  readonly totals = noTally();
  running = 0;
  bytesSent = 0;
  bytesReceived = 0;
  firstMs = Infinity;
  lastMs = 0;
  /** Counts what has changed, for those who draw it. */
  version = 0;

  constructor() {
    this.#group(HERE);
  }

  greet({ stories }: Pick<Greeting, 'stories'>): void {
    const rows = stories.flatMap(rowsOf);
    rows.sort((one, other) => one[2] - other[2]);
    for (const row of rows) this.add(row);
  }

  add(row: EventRow): void {
    this.version++;
    const [kind, number, atMs] = row;
    this.lastMs = Math.max(this.lastMs, atMs);
    if (kind === 'started') return this.#start(number, row[3], atMs);
    const job = this.jobs.get(number);
    if (job === undefined || job.ending !== undefined) return;
    switch (kind) {
      case 'phase':
        return this.#advance(job, phaseAt(row[3]), row[4], atMs);
      case 'trouble':
      case 'demotion':
        job.hadTrouble = true;
        if (kind === 'trouble' && row[3] !== '') this.#group(row[3]).troubles++;
        return;
      case 'finished': {
        [, , , , job.host, job.reason, job.elapsedMs, job.bytesSent, job.bytesReceived] = row;
        return this.#end(job, endingAt(row[3]) ?? 'cancelled', atMs);
      }
    }
  }

  /** The groups that have had a job, this machine's first. */
  get shown(): readonly Group[] {
    return [...this.groups.values()].filter(({ lanes }) => lanes.length > 0);
  }

  #start(number: number, source: string, atMs: number): void {
    if (this.jobs.has(number)) return;
    const job: Job = {
      number,
      source,
      startedMs: atMs,
      phase: 'startup',
      host: '',
      ending: undefined,
      reason: '',
      elapsedMs: 0,
      bytesSent: 0,
      bytesReceived: 0,
      hadTrouble: false,
      place: undefined,
    };
    this.jobs.set(number, job);
    this.running++;
    this.firstMs = Math.min(this.firstMs, atMs);
    this.#enter(job, this.#group(HERE), atMs);
    this.#mark(job, 'scan', atMs);
    if (this.jobs.size > MOST_JOBS) this.#forgetOldest();
  }

  #advance(job: Job, phase: Phase, host: string, atMs: number): void {
    job.phase = phase;
    job.host = host;
    const isBefore = host === '' || BEFORE.includes(phase);
    const group = this.#group(isBefore ? HERE : host);
    if (job.place?.group !== group) {
      this.#leave(job, atMs);
      this.#enter(job, group, atMs);
    }
    this.#mark(job, colourOf(phase, host), atMs);
  }

  #end(job: Job, ending: Ending, atMs: number): void {
    const { place } = job;
    job.ending = ending;
    this.running--;
    this.totals[ending]++;
    this.bytesSent += job.bytesSent;
    this.bytesReceived += job.bytesReceived;
    const second = Math.floor(atMs / 1000);
    const tally = this.seconds.get(second) ?? noTally();
    tally[ending]++;
    this.seconds.set(second, tally);
    if (place !== undefined && ending === 'cached')
      place.bar.stretches.splice(0, Infinity, {
        colour: 'cache',
        fromMs: place.bar.stretches[0]?.fromMs ?? atMs,
      });
    if (place !== undefined && ending !== 'cached' && place.group.name !== HERE) {
      place.group.done++;
      place.group.sumMs += job.elapsedMs;
    }
    this.#leave(job, atMs);
  }

  #enter(job: Job, group: Group, atMs: number): void {
    let lane = group.lanes.find(({ isTaken }) => !isTaken);
    if (lane === undefined) group.lanes.push((lane = { bars: [], isTaken: false }));
    lane.isTaken = true;
    group.running++;
    const bar: Bar = { job, stretches: [], toMs: undefined };
    // A clock that was set back does not put bars above each other.
    const before = lane.bars.at(-1)?.toMs ?? 0;
    if (before > atMs) bar.stretches.push({ colour: 'queue', fromMs: before });
    lane.bars.push(bar);
    job.place = { group, lane, bar };
  }

  #mark(job: Job, colour: Colour, atMs: number): void {
    const stretches = job.place?.bar.stretches;
    if (stretches?.at(-1)?.colour !== colour) stretches?.push({ colour, fromMs: atMs });
  }

  #leave(job: Job, atMs: number): void {
    if (job.place === undefined) return;
    const { group, lane, bar } = job.place;
    bar.toMs = atMs;
    lane.isTaken = false;
    group.running--;
    job.place = undefined;
  }

  #group(name: string): Group {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { name, lanes: [], running: 0, done: 0, troubles: 0, sumMs: 0 };
      this.groups.set(name, group);
    }
    return group;
  }

  #forgetOldest(): void {
    const [oldest] = this.jobs.values();
    if (oldest === undefined || oldest.ending === undefined) return;
    this.jobs.delete(oldest.number);
    for (const { lanes } of this.groups.values())
      for (const { bars } of lanes)
        while (bars[0] !== undefined && !this.jobs.has(bars[0].job.number)) bars.shift();
  }
}

function noTally(): Tally {
  return { remote: 0, cached: 0, local: 0, failed: 0, cancelled: 0 };
}

function colourOf(phase: Phase, host: string): Colour {
  switch (phase) {
    case 'startup':
    case 'preprocess':
      return 'scan';
    case 'blocked':
      return 'queue';
    case 'connect':
    case 'send':
      return 'send';
    case 'compile':
      return host === LOCALHOST ? 'local' : 'compile';
    case 'receive':
    case 'deliver':
      return 'receive';
  }
}

/** What a story would have been told as. Which host had a job before the last one is not known any more. */
function rowsOf(story: StoryRow): EventRow[] {
  const [job, source, startedMs, marks, ending, host, reason, elapsedMs, bytesSent, bytesReceived] = story;
  const rows: EventRow[] = [['started', job, startedMs, source]];
  for (let at = 0; at < marks.length; at += 2) {
    const phase = marks[at] ?? 0;
    rows.push([
      'phase',
      job,
      startedMs + (marks[at + 1] ?? 0),
      phase,
      BEFORE.includes(phaseAt(phase)) ? '' : host,
    ]);
  }
  if (ending >= 0) {
    const counts = [elapsedMs, bytesSent, bytesReceived] as const;
    rows.push(['finished', job, startedMs + elapsedMs, ending, host, reason, ...counts]);
  }
  return rows;
}
