/**
 * What the page is told, as it travels: rows, since a build has many. Names are read once, here, by both sides.
 *
 *    stories   what became of the jobs so far, once: a row each
 *    events    what has happened since the last time, some times a second
 */
import { ENDINGS, PHASES, type Ending, type Event, type Phase } from '../../events/event.ts';
import type { Story } from '../../events/history.ts';

/** Of a phase: its place in PHASES, and when it began, in milliseconds since the job did. */
export type StoryRow = readonly [
  job: number,
  source: string,
  startedMs: number,
  marks: readonly number[],
  /** Its place in ENDINGS; −1 of one under way. */
  ending: number,
  host: string,
  reason: string,
  elapsedMs: number,
  bytesSent: number,
  bytesReceived: number,
];

export type EventRow =
  | readonly ['started', job: number, atMs: number, source: string]
  | readonly ['phase', job: number, atMs: number, phase: number, host: string]
  | readonly ['trouble' | 'demotion', job: number, atMs: number, host: string, reason: string]
  | readonly [
      'finished',
      job: number,
      atMs: number,
      ending: number,
      host: string,
      reason: string,
      elapsedMs: number,
      bytesSent: number,
      bytesReceived: number,
    ];

export interface Greeting {
  readonly version: string;
  readonly pid: number;
  /** The clock of what follows. */
  readonly nowMs: number;
  readonly stories: readonly StoryRow[];
}

export function rowOfStory(story: Story): StoryRow {
  const { job, source, startedMs, phases, ending, host, reason, elapsedMs, bytesSent, bytesReceived } = story;
  const marks = phases.flatMap(([phase, beganMs]) => [PHASES.indexOf(phase), beganMs]);
  const end = ending === undefined ? -1 : ENDINGS.indexOf(ending);
  const rounded = Math.round(elapsedMs);
  return [job, source, Math.round(startedMs), marks, end, host, reason, rounded, bytesSent, bytesReceived];
}

export function rowOfEvent(event: Event): EventRow {
  const { job } = event;
  const atMs = Math.round(event.atMs);
  switch (event.kind) {
    case 'started':
      return ['started', job, atMs, event.source];
    case 'phase':
      return ['phase', job, atMs, PHASES.indexOf(event.phase), event.host];
    case 'trouble':
    case 'demotion':
      return [event.kind, job, atMs, event.host, event.reason];
    case 'finished': {
      const { ending, host, reason, elapsedMs, bytesSent, bytesReceived } = event;
      const end = ENDINGS.indexOf(ending);
      return ['finished', job, atMs, end, host, reason, Math.round(elapsedMs), bytesSent, bytesReceived];
    }
  }
}

export function phaseAt(place: number): Phase {
  return PHASES[place] ?? 'startup';
}

export function endingAt(place: number): Ending | undefined {
  return ENDINGS[place];
}
