/** What a worker's page shows: figures alone, since what clients compile is nobody else's business. */
export interface WorkerFigures {
  readonly version: string;
  /** In ms since 1970. */
  readonly nowMs: number;
  readonly startedMs: number;
  /** How many it runs at most at a time. */
  readonly jobs: number;
  readonly running: number;
  readonly queued: number;
  readonly connections: number;
  /** Since the start, by how they ended. */
  readonly ended: Readonly<Record<string, number>>;
  readonly uploadedBytes: number;
  /** Of the machine, for 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  readonly processors: number;
  readonly freeMemoryBytes: number;
  /** Of the last seconds, the oldest first: how many ended, and how many ran on average. */
  readonly endedEach: readonly number[];
  readonly runningEach: readonly number[];
}
