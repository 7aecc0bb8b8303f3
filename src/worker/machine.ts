/** How the machine is: its load, its disks, its memory, as a page of statistics tells it. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';

import type { Clock } from '../base/clock.ts';
import { surveyProcesses } from '../process/process-table.ts';

/** Whole disks, by the names that Linux gives them. */
const DISK = /^(sd[a-z]+|hd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;
const MIB = 2 ** 20;
/** A look at all processes is good for this long. */
const SURVEY_MS = 2000;

export class Machine {
  readonly #directory: string;
  readonly #clock: Clock;
  #sectors: { readonly count: number; readonly atMs: number } | undefined;
  #survey: { readonly result: ReturnType<typeof surveyProcesses>; readonly atMs: number } | undefined;

  /** `directory` is the one whose file system's room is told. */
  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** In distcc's words and order. */
  describeLoad(): Record<string, string | number> {
    const [load1 = '0', load2 = '0', load3 = '0', tasks = '0'] = read('/proc/loadavg').split(' ');
    return {
      dcc_current_load: Number(tasks.split('/')[0]),
      dcc_load1: load1,
      dcc_load2: load2,
      dcc_load3: load3,
    };
  }

  /** The rest of the same. */
  async describeResources(): Promise<Record<string, string | number>> {
    const { stuck, largest } = await this.#surveyProcesses();
    return {
      dcc_num_procstate_D: stuck,
      dcc_max_RSS: largest.residentKib,
      dcc_max_RSS_name: `(${largest.name})`,
      dcc_io_rate: this.#sectorsPerSecond(),
      dcc_free_space: `${await this.#freeMib()} MB`,
      dcc_free_mem: `${Math.floor(Number(/^MemAvailable:\s+(\d+)/m.exec(read('/proc/meminfo'))?.[1] ?? 0) / 1024)} MB`,
    };
  }

  #surveyProcesses(): ReturnType<typeof surveyProcesses> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#survey === undefined || nowMs - this.#survey.atMs > SURVEY_MS) {
      this.#survey = { result: surveyProcesses(), atMs: nowMs };
    }
    return this.#survey.result;
  }

  /** Read and written since the last time that somebody asked; −1 the first time. */
  #sectorsPerSecond(): number {
    const before = this.#sectors;
    const lines = read('/proc/diskstats').split('\n');
    const fields = lines.map((line) => line.trim().split(/\s+/)).filter(([, , name = '']) => DISK.test(name));
    const count = fields.reduce((sum, field) => sum + Number(field[5]) + Number(field[9]), 0);
    const now = { count, atMs: this.#clock.monotonicMs() };
    this.#sectors = now;
    if (before === undefined || now.atMs <= before.atMs) return -1;
    return Math.round(((now.count - before.count) * 1000) / (now.atMs - before.atMs));
  }

  async #freeMib(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#directory).catch(() => ({ bavail: 0, bsize: 0 }));
    return Math.floor((bavail * bsize) / MIB);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
