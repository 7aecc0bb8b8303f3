/**
 * The log lines of one job, in distcc's format and under the caller's name: to the file that
 * `DISTCC_LOG` names, or to the caller's standard error together with its outcome.
 *
 * Levels as distcc: warnings on standard error; with a file everything from info on; with
 * `DISTCC_VERBOSE` all.
 */
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createLog, type Log } from '../base/log.ts';
import type { ClientSettings } from '../command/client-settings.ts';

/** Without O_NONBLOCK a fifo that nobody reads would stop the agent, and every build with it. */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** What one job may say on standard error. */
const TEXT_MAX_LENGTH = 1 << 20;

export class JobLog {
  readonly say: Log;
  readonly #logFile: string;
  #text = '';

  constructor(pid: number, directory: string, settings: ClientSettings) {
    const { logFile, verbose } = settings;
    this.#logFile = logFile === '' ? '' : path.resolve(directory, logFile);
    const level = verbose ? 'debug' : logFile === '' ? 'warning' : 'info';
    this.say = createLog({ program: 'distcc', pid, level, write: (line) => this.#add(line) });
  }

  /** Ends the job's log; returns what is for standard error. */
  flush(umask: number): string {
    const text = this.#text;
    this.#text = '';
    if (this.#logFile === '' || text === '') return text;
    const ours = process.umask(umask);
    try {
      append(this.#logFile, text);
      return '';
    } catch {
      // As distcc: a log file that cannot be opened turns the lines to standard error.
      return text;
    } finally {
      process.umask(ours);
    }
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
