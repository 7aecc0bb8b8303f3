/** Publishes what happens to one job. */
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import type { TraceTarget } from '../base/trace-target.ts';
import type { Ending, Phase } from '../events/event.ts';
import type { Journal } from '../events/journal.ts';
import { findSourceKind } from '../command/language.ts';
import type { InvocationFrame } from '../wire/launcher/launcher-message.ts';

export interface Finish {
  readonly ending: Ending;
  readonly host: string;
  /** Why it was not compiled remotely; empty when it was. */
  readonly reason: string;
  readonly detail: string;
}

export interface RecordedJob {
  readonly job: number;
  /** Of the agent: no other one has it. */
  readonly agent: string;
  readonly invocation: InvocationFrame;
  readonly traces: TraceTarget | undefined;
}

export class JobRecord {
  /** For logs, here and at the worker. */
  readonly name: string;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #job: number;
  readonly #startedMs: number;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(journal: Journal, clock: Clock, { job, agent, invocation, traces }: RecordedJob) {
    const { pid, directory, argv } = invocation;
    this.#journal = journal;
    this.#clock = clock;
    this.#job = job;
    this.name = `${agent}-${job}`;
    this.#startedMs = clock.monotonicMs();
    const what = { pid, directory, source: sourceOf(argv), argv, traces };
    journal.publish({ kind: 'started', ...this.#stamp(), ...what });
  }

  /** Since the job came. */
  get elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  phase(phase: Phase, host: string): void {
    this.#journal.publish({ kind: 'phase', ...this.#stamp(), phase, host });
  }

  trouble(host: string, { kind, message }: Failure): void {
    this.#journal.publish({ kind: 'trouble', ...this.#stamp(), host, reason: kind, detail: message });
  }

  /** Its text is sent where its files would have been. `host` is empty where none has failed with them. */
  demotion(host: string, reason: string, detail: string): void {
    this.#journal.publish({ kind: 'demotion', ...this.#stamp(), host, reason, detail });
  }

  /** Bytes on the wire, both ways, of an attempt that was answered. */
  traffic(bytesSent: number, bytesReceived: number): void {
    this.#bytesSent += bytesSent;
    this.#bytesReceived += bytesReceived;
  }

  finish(finish: Finish): void {
    this.#journal.publish({
      kind: 'finished',
      ...this.#stamp(),
      ...finish,
      elapsedMs: this.elapsedMs,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    });
  }

  #stamp(): { job: number; atMs: number } {
    return { job: this.#job, atMs: this.#clock.wallMs() };
  }
}

/** What monitors call the job: the command line is understood later, if at all. */
function sourceOf([compiler = '', ...words]: readonly string[]): string {
  return (
    words.findLast((word) => findSourceKind(word, false) !== undefined) ??
    words.findLast((word) => !word.startsWith('-')) ??
    compiler
  );
}
