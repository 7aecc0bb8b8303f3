/** What happened to a job, as values: each transition, for whoever watches. */

import type { TraceTarget } from '../base/trace-target.ts';

/** Where a job is on its way, in order; `blocked` is waiting for a slot. */
export const PHASES = [
  'startup',
  'blocked',
  'preprocess',
  'connect',
  'send',
  'compile',
  'receive',
  'deliver',
] as const;
export type Phase = (typeof PHASES)[number];

/** How a job ended, seen from the caller. */
export const ENDINGS = ['remote', 'cached', 'local', 'failed', 'cancelled'] as const;
export type Ending = (typeof ENDINGS)[number];

export type Event =
  | {
      readonly kind: 'started';
      readonly job: number;
      readonly atMs: number;
      readonly pid: number;
      readonly directory: string;
      readonly source: string;
      /** The command as it was called. */
      readonly argv: readonly string[];
      readonly traces?: TraceTarget | undefined;
    }
  | {
      readonly kind: 'phase';
      readonly job: number;
      readonly atMs: number;
      readonly phase: Phase;
      /** Verbatim host token, or `localhost`. */
      readonly host: string;
    }
  | {
      /** A step down that the caller does not see: another host is tried, or the job comes home. */
      readonly kind: 'trouble';
      readonly job: number;
      readonly atMs: number;
      readonly host: string;
      readonly reason: string;
      readonly detail: string;
    }
  | {
      /** The job is sent in a lesser form than its host would take: not as blobs, or preprocessed here. */
      readonly kind: 'demotion';
      readonly job: number;
      readonly atMs: number;
      readonly host: string;
      readonly reason: string;
      readonly detail: string;
    }
  | {
      readonly kind: 'finished';
      readonly job: number;
      readonly atMs: number;
      readonly ending: Ending;
      readonly host: string;
      /** Why it was not compiled remotely; empty when it was, or its result was here already. */
      readonly reason: string;
      readonly detail: string;
      readonly elapsedMs: number;
      readonly bytesSent: number;
      readonly bytesReceived: number;
    };
