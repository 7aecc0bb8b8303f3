/**
 * Shows what each job is doing in distcc's state files, so that its monitors see our jobs: distccmon-text,
 * distccmon-gnome. Listens to events, and never makes a job wait: what cannot be written is not shown.
 *
 * Nothing is written when a phase begins but when it has lasted for a while: connecting, sending and
 * receiving are over in a millisecond or two, monitors look twice a second, and a configure script's
 * thousand tiny compiles are not to pay for a picture that nobody could see. bench/state-files.ts has the
 * price.
 *
 * Other than distcc: a job that waits for a slot is shown as Blocked, a preprocessor has its file's name,
 * and a phase of more than a minute is written again, because monitors remove what is older.
 */
import path from 'node:path';
import { fromText, type ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Event, Phase } from '../events/event.ts';
import { parseHosts } from '../hosts/parse.ts';
import { encodeState, type StateLayout, type StatePhase } from '../wire/monitor/state-file.ts';
import { sweepStateDirectory } from './state-directory.ts';
import { StateFilePool, type StateFile } from './state-file-pool.ts';

const LOOK_EVERY_MS = 100;
const LASTING_MS = 50;
/** Well before monitors give a file up. */
const AGAIN_EVERY_MS = 20_000;
/** More than once, for whoever was killed with its agent may take a moment to end. */
const SWEEP_EVERY_MS = 2000;
const REST_MS = 60_000;
/** What one look may take; the rest is for the next one. */
const LOOK_MAX_MS = 10;
/** A disk that takes longer over one file hangs, and is left alone; less may be a machine that is busy. */
const SLOW_MS = 2000;
/** Distinct hosts remembered: they come from callers' settings. */
const NAMES_MAX = 1000;

const PHASE_NAMES: Readonly<Record<Phase, StatePhase>> = {
  startup: 'Startup',
  blocked: 'Blocked',
  preprocess: 'Preprocess',
  connect: 'Connect',
  send: 'Send',
  compile: 'Compile',
  receive: 'Receive',
  deliver: 'Receive',
};

interface ShownJob {
  readonly pid: number;
  readonly source: ByteString;
  phase: Phase;
  host: string;
  sinceMs: number;
  /** When the phase that it is in was written; undefined before that. */
  writtenMs?: number | undefined;
  file?: StateFile | undefined;
  place?: Place | undefined;
}

/** Monitors have a row for each slot of a host. */
interface Place extends Disposable {
  readonly host: ByteString;
  readonly slot: number;
}

export interface StateBoardOptions {
  readonly distccDir: string;
  readonly layout: StateLayout;
  readonly clock: Clock;
  readonly log: Log;
}

export class StateBoard implements Disposable {
  readonly #options: StateBoardOptions;
  readonly #jobs = new Map<number, ShownJob>();
  readonly #places = new Places();
  readonly #files: StateFilePool;
  #timer: NodeJS.Timeout | undefined;
  #restUntilMs = 0;
  #sweepAtMs = 0;

  constructor(options: StateBoardOptions) {
    this.#options = options;
    this.#files = new StateFilePool(options.distccDir);
  }

  add(event: Event): void {
    switch (event.kind) {
      case 'started': {
        const source = fromText(path.basename(event.source));
        const sinceMs = this.#options.clock.monotonicMs();
        this.#jobs.set(event.job, { pid: event.pid, source, phase: 'startup', host: '', sinceMs });
        // Stays until a look finds no job: sequential builds would start and stop it all the time.
        this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
        return;
      }
      case 'phase': {
        const job = this.#jobs.get(event.job);
        if (job === undefined) return;
        job.phase = event.phase;
        job.host = event.host;
        job.sinceMs = this.#options.clock.monotonicMs();
        job.writtenMs = undefined;
        return;
      }
      case 'finished': {
        const job = this.#jobs.get(event.job);
        if (job !== undefined) this.#hide(job);
        this.#jobs.delete(event.job);
        return;
      }
      case 'trouble':
        return;
    }
  }

  /** Brings the files up to date. */
  look(): void {
    if (this.#jobs.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const { clock, log } = this.#options;
    const startMs = clock.monotonicMs();
    if (startMs < this.#restUntilMs) return;
    try {
      for (const job of this.#jobs.values()) {
        this.#update(job);
        const tookMs = clock.monotonicMs() - startMs;
        if (tookMs > SLOW_MS) throw new Error(`it took ${Math.round(tookMs)} ms`);
        if (tookMs > LOOK_MAX_MS) return;
      }
      this.#sweep();
    } catch (error) {
      log('info', `monitors are told nothing for a minute: ${(error as Error).message}`);
      this.#clear();
      this.#restUntilMs = clock.monotonicMs() + REST_MS;
    }
  }

  /** Removes all files. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clear();
    this.#jobs.clear();
  }

  #update(job: ShownJob): void {
    const nowMs = this.#options.clock.monotonicMs();
    const isNew = job.writtenMs === undefined;
    if (isNew && nowMs - job.sinceMs < LASTING_MS) return;
    if (job.writtenMs !== undefined && nowMs - job.writtenMs < AGAIN_EVERY_MS) return;
    // Somebody cleaned up; it is made again, by this or by a later look.
    if (job.file?.isThere === false) this.#hide(job);
    job.file ??= this.#files.acquire();
    if (job.file === undefined) return;
    const { pid, source: file, phase } = job;
    const { host, slot } = this.#placeOf(job);
    const state = { pid, file, host, slot, phase: PHASE_NAMES[phase] };
    job.file.show(pid, encodeState(state, this.#options.layout));
    job.writtenMs = nowMs;
  }

  #placeOf(job: ShownJob): Place {
    const host = this.#places.nameOf(job.host);
    if (job.place?.host === host) return job.place;
    job.place?.[Symbol.dispose]();
    return (job.place = this.#places.take(host));
  }

  #hide(job: ShownJob): void {
    if (job.file !== undefined) this.#files.release(job.file);
    job.place?.[Symbol.dispose]();
    job.file = job.place = job.writtenMs = undefined;
  }

  #clear(): void {
    for (const job of this.#jobs.values()) this.#hide(job);
    this.#files[Symbol.dispose]();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + SWEEP_EVERY_MS;
    const own = new Set([...this.#jobs.values()].map(({ pid }) => pid));
    sweepStateDirectory(this.#options.distccDir, own);
  }
}

/** Which slots of which hosts are shown just now; the lowest free one is the next. */
class Places {
  readonly #taken = new Map<ByteString, Set<number>>();
  readonly #names = new Map<string, ByteString>();

  take(host: ByteString): Place {
    const taken = this.#taken.get(host) ?? new Set();
    this.#taken.set(host, taken);
    let slot = 0;
    while (taken.has(slot)) slot++;
    taken.add(slot);
    const leave = (): void => {
      taken.delete(slot);
      if (taken.size === 0) this.#taken.delete(host);
    };
    return { host, slot, [Symbol.dispose]: leave };
  }

  /** The name alone of a host as the list has it. */
  nameOf(token: string): ByteString {
    const known = this.#names.get(token);
    if (known !== undefined) return known;
    const name = parseName(token);
    if (this.#names.size < NAMES_MAX) this.#names.set(token, name);
    return name;
  }
}

/** A job that has no host yet waits here. */
function parseName(token: string): ByteString {
  const list = parseHosts(token);
  const host = list.ok ? list.value.hosts[0] : undefined;
  return host === undefined || host.kind === 'local' ? 'localhost' : fromText(host.host);
}
