/**
 * `DISTCC_SAVE_TEMPS`: what a job leaves behind for whoever looks into it, in the caller's TMPDIR and under
 * the names that distcc uses: `distcc_*.i`, `distcc_server_stdout_*.txt`, `distcc_server_stderr_*.txt`.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ActionResult } from '../action/action.ts';
import type { Log } from '../base/log.ts';

export class SavedTemps {
  readonly #directory: string | undefined;
  readonly #log: Log;

  /** Keeps nothing where `directory` is undefined. */
  constructor(directory: string | undefined, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** `suffix` tells the language: `.i`, `.ii` … */
  keepText(text: Uint8Array, suffix: string): void {
    this.#keep('distcc_', suffix, text);
  }

  keepAnswer({ stdout, stderr }: ActionResult): void {
    this.#keep('distcc_server_stdout_', '.txt', stdout);
    this.#keep('distcc_server_stderr_', '.txt', stderr);
  }

  #keep(prefix: string, suffix: string, content: Uint8Array): void {
    if (this.#directory === undefined) return;
    const name = path.join(this.#directory, prefix + randomBytes(4).toString('hex') + suffix);
    try {
      writeFileSync(name, content, { flag: 'wx', mode: 0o600 });
      this.#log('info', `saved ${name}`);
    } catch (error) {
      this.#log('warning', `cannot save ${name}: ${(error as Error).message}`);
    }
  }
}
