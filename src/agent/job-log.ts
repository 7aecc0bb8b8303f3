/**
 * The log lines of one job, in distcc's format and under the caller's name: to the file that
 * `DISTCC_LOG` names, or to the caller's standard error together with its outcome.
 *
 * Levels as distcc: warnings on standard error; with a file everything from info on; with
 * `DISTCC_VERBOSE` all.
 */
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLog, type Log, type LogOptions } from '../base/log.ts';
import type { ClientSettings } from '../command/client-settings.ts';

/** Without O_NONBLOCK a fifo that nobody reads would stop the agent, and every build with it. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** What one job may say. */
const TEXT_MAX_LENGTH = 1 << 20;

export interface JobLogOptions {
  /** What a relative name of a log is relative to. */
  readonly directory: string;
  readonly settings: ClientSettings;
  /** The job's name. */
  readonly job: string;
}

export class JobLog {
  readonly say: Log;
  /** The same for what the compiler itself says on the terminal: in a file, or with DISTCC_VERBOSE. */
  readonly record: Log;
  readonly #logFile: string;
  readonly #forFile: Lines;
  readonly #forTerminal: Lines;

  constructor(pid: number, { directory, settings, job }: JobLogOptions) {
    const { logFile, verbose, logFormat: format } = settings;
    const where = { program: 'distcc', pid, format, fields: { job } } as const;
    this.#logFile = logFile === '' ? '' : path.resolve(directory, logFile);
    this.#forFile = new Lines({ ...where, level: verbose ? 'debug' : 'info' });
    this.#forTerminal = new Lines({ ...where, level: verbose ? 'debug' : 'warning' });
    const inFile: Log = logFile === '' ? () => undefined : this.#forFile.say;
    this.say = (level, text) => {
      this.#forTerminal.say(level, text);
      inFile(level, text);
    };
    this.record = verbose ? this.say : inFile;
  }

  /** Writes what was said so far; returns what is for standard error. */
  flush(umask: number): string {
    const [inFile, onTerminal] = [this.#forFile.take(), this.#forTerminal.take()];
    if (this.#logFile === '') return onTerminal;
    if (inFile === '') return '';
    const ours = process.umask(umask);
    try {
      append(this.#logFile, inFile);
      return '';
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      this.#forTerminal.say('error', `failed to open logfile ${this.#logFile}: ${why}`);
      return this.#forTerminal.take() + onTerminal;
    } finally {
      process.umask(ours);
    }
  }
}

/** The lines for one place, from one level on. */
class Lines {
  readonly say: Log;
  #text = '';

  constructor(options: Omit<LogOptions, 'write'>) {
    this.say = createLog({ ...options, write: (line) => this.#add(line) });
  }

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #add(line: string): void {
    if (this.#text.length < TEXT_MAX_LENGTH) this.#text += line;
  }
}

function append(name: string, text: string): void {
  const file = openSync(name, APPEND, 0o666);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}
