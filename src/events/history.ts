/** What became of the latest jobs, one story each: what `manyhands explain` tells. */
import path from 'node:path';
import { PHASES, type Ending, type Event, type Phase } from './event.ts';

/** Something that went otherwise than meant. */
export interface Step {
  readonly kind: 'trouble' | 'demotion';
  /** Empty where no host has to do with it. */
  readonly host: string;
  readonly reason: string;
  readonly detail: string;
}

export interface Story {
  readonly job: number;
  /** The launcher's. */
  readonly pid: number;
  readonly directory: string;
  readonly source: string;
  /** The command; empty for all but the latest jobs. */
  readonly argv: readonly string[];
  /** Since 1970. */
  readonly startedMs: number;
  /** In their order, with when each began, in milliseconds since the start. */
  readonly phases: readonly (readonly [phase: Phase, sinceStartMs: number])[];
  readonly steps: readonly Step[];
  /** undefined while it is under way. */
  readonly ending: Ending | undefined;
  readonly host: string;
  readonly reason: string;
  readonly detail: string;
  readonly elapsedMs: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Which stories somebody wants to hear. */
export type StoryQuestion =
  /** The last one of that file; where there is none, of one with its base name. */
  | { readonly kind: 'file'; readonly file: string; readonly directory: string }
  /** That of the job that ended last. */
  | { readonly kind: 'last' }
  /** All that were compiled here, or not at all. */
  | { readonly kind: 'local' }
  /** All in which something went otherwise than meant. */
  | { readonly kind: 'trouble' }
  | { readonly kind: 'all' };

/** Some 400 bytes each. */
const MOST_STORIES = 20_000;
/** Some 2 kB each. */
const MOST_COMMANDS = 1000;

/** As it is kept: numbers in place of phases. */
interface Kept extends Omit<Story, 'phases' | 'steps' | 'argv'> {
  argv: readonly string[];
  /** Two of each phase: its place in PHASES, and when it began. */
  readonly marks: number[];
  steps: readonly Step[];
  ending: Ending | undefined;
  host: string;
  reason: string;
  detail: string;
  elapsedMs: number;
  bytesSent: number;
  bytesReceived: number;
}

const NONE: readonly never[] = [];
/** Hosts may say much of why they refuse. */
const MOST_DETAIL_CHARACTERS = 500;

export class History {
  /** By job, the oldest first. */
  readonly #stories = new Map<number, Kept>();
  readonly #mostStories: number;
  readonly #mostCommands: number;

  constructor({ mostStories = MOST_STORIES, mostCommands = MOST_COMMANDS } = {}) {
    this.#mostStories = mostStories;
    this.#mostCommands = mostCommands;
  }

  add(event: Event): void {
    if (event.kind === 'started') return this.#begin(event);
    const story = this.#stories.get(event.job);
    if (story === undefined) return;
    switch (event.kind) {
      case 'phase':
        story.marks.push(PHASES.indexOf(event.phase), Math.round(event.atMs - story.startedMs));
        story.host = event.host;
        return;
      case 'trouble':
      case 'demotion': {
        const { kind, host, reason, detail } = event;
        story.steps = [...story.steps, { kind, host, reason, detail: short(detail) }];
        return;
      }
      case 'finished': {
        const { ending, host, reason, elapsedMs, bytesSent, bytesReceived } = event;
        const detail = short(event.detail);
        Object.assign(story, { ending, host, reason, detail, elapsedMs, bytesSent, bytesReceived });
        return;
      }
    }
  }

  /** The oldest first; jobs under way among them. */
  find(question: StoryQuestion): readonly Story[] {
    return this.#select(question).map(toStory);
  }

  /** undefined where it is not remembered. */
  story(job: number): Story | undefined {
    const kept = this.#stories.get(job);
    return kept && toStory(kept);
  }

  #select(question: StoryQuestion): readonly Kept[] {
    const kept = [...this.#stories.values()];
    switch (question.kind) {
      case 'all':
        return kept;
      case 'last':
        return last(kept, ({ ending }) => ending !== undefined);
      case 'local':
        return kept.filter(({ ending }) => ending === 'local' || ending === 'failed');
      case 'trouble':
        return kept.filter(({ steps }) => steps.length > 0);
      case 'file': {
        const wanted = path.resolve(question.directory, question.file);
        const same = last(kept, ({ directory, source }) => path.resolve(directory, source) === wanted);
        const base = path.basename(wanted);
        return same.length > 0 ? same : last(kept, ({ source }) => path.basename(source) === base);
      }
    }
  }

  #begin({ job, pid, directory, source, argv, atMs }: Extract<Event, { kind: 'started' }>): void {
    const none = { host: '', reason: '', detail: '', elapsedMs: 0, bytesSent: 0, bytesReceived: 0 };
    const what = { job, pid, directory, source, argv, startedMs: atMs };
    this.#stories.set(job, { ...what, marks: [], steps: NONE, ending: undefined, ...none });
    // Jobs are numbered as they come.
    const old = this.#stories.get(job - this.#mostCommands);
    if (old !== undefined) old.argv = NONE;
    if (this.#stories.size <= this.#mostStories) return;
    const [oldest] = this.#stories.keys();
    if (oldest !== undefined) this.#stories.delete(oldest);
  }
}

/** A copy where it is cut: a part of a text keeps all of it in memory. */
function short(text: string): string {
  return text.length <= MOST_DETAIL_CHARACTERS
    ? text
    : `${Buffer.from(text.slice(0, MOST_DETAIL_CHARACTERS)).toString()}…`;
}

function last(stories: readonly Kept[], isMeant: (story: Kept) => boolean): readonly Kept[] {
  const found = stories.findLast(isMeant);
  return found === undefined ? [] : [found];
}

function toStory({ marks, ...story }: Kept): Story {
  return { ...story, phases: phasesOf(marks) };
}

function phasesOf(marks: readonly number[]): Story['phases'] {
  const phases: [Phase, number][] = [];
  for (let at = 0; at < marks.length; at += 2) {
    const phase = PHASES[marks[at] ?? 0];
    if (phase !== undefined) phases.push([phase, marks[at + 1] ?? 0]);
  }
  return phases;
}
