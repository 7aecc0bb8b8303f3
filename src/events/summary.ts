/** Events made into the totals that `manyhands status` shows. */
import type { Ending, Event, Phase } from './event.ts';

export interface RunningJob {
  readonly job: number;
  readonly pid: number;
  readonly source: string;
  readonly directory: string;
  readonly phase: Phase;
  readonly host: string;
  readonly sinceMs: number;
}

export interface Totals {
  readonly endings: Readonly<Record<Ending, number>>;
  /** Jobs that were not compiled remotely, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Jobs compiled remotely, by host token. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Steps down on the way, by reason. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Jobs that were sent in a lesser form than their host would take, by reason. */
  readonly demotions: Readonly<Record<string, number>>;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Distinct names remembered per table: hosts and reasons come from callers' settings. */
const NAMES_MAX = 1000;

export class Summary {
  readonly #running = new Map<number, RunningJob>();
  readonly #endings: Record<Ending, number> = { remote: 0, cached: 0, local: 0, failed: 0, cancelled: 0 };
  readonly #reasons = new Map<string, number>();
  readonly #hosts = new Map<string, number>();
  readonly #troubles = new Map<string, number>();
  readonly #demotions = new Map<string, number>();
  #bytesSent = 0;
  #bytesReceived = 0;

  add(event: Event): void {
    switch (event.kind) {
      case 'started': {
        const { job, pid, source, directory, atMs } = event;
        this.#running.set(job, { job, pid, source, directory, phase: 'startup', host: '', sinceMs: atMs });
        return;
      }
      case 'phase': {
        const running = this.#running.get(event.job);
        if (running === undefined) return;
        this.#running.set(event.job, {
          ...running,
          phase: event.phase,
          host: event.host,
          sinceMs: event.atMs,
        });
        return;
      }
      case 'trouble':
        count(this.#troubles, event.reason);
        return;
      case 'demotion':
        count(this.#demotions, event.reason);
        return;
      case 'finished':
        this.#running.delete(event.job);
        this.#endings[event.ending]++;
        if (event.ending === 'remote') count(this.#hosts, event.host);
        else if (event.ending !== 'cached') count(this.#reasons, event.reason);
        this.#bytesSent += event.bytesSent;
        this.#bytesReceived += event.bytesReceived;
        return;
    }
  }

  get running(): readonly RunningJob[] {
    return [...this.#running.values()];
  }

  get totals(): Totals {
    return {
      endings: { ...this.#endings },
      reasons: Object.fromEntries(this.#reasons),
      hosts: Object.fromEntries(this.#hosts),
      troubles: Object.fromEntries(this.#troubles),
      demotions: Object.fromEntries(this.#demotions),
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
    };
  }
}

function count(table: Map<string, number>, name: string): void {
  if (!table.has(name) && table.size >= NAMES_MAX) return;
  table.set(name, (table.get(name) ?? 0) + 1);
}
