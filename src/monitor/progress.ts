/** A bar on a terminal for work that takes long; nothing where there is none. */

import { tameLine } from '../base/tame.ts';

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 30;

export class Progress {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @param what is not to command the terminal. */
  show(done: number, all: number, what = ''): void {
    if (this.#terminal.isTTY !== true) return;
    const bar = '#'.repeat(Math.round((Math.min(done, all) / Math.max(1, all)) * WIDTH)).padEnd(WIDTH, '.');
    this.#terminal.write(`\r[${bar}] ${done} of ${all}${what && ` ${tameLine(what)}`}\u001b[K`);
  }

  end(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write('\r\u001b[K');
  }
}
