/** A directory for one test, and a world of its own in it: home, state, sockets and temporary files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export class Scratch implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'manyhands-test-'));

  constructor() {
    // Daemons that are started by root give up being root, and have to get in here.
    chmodSync(this.directory, 0o755);
  }

  path(...names: readonly string[]): string {
    return path.join(this.directory, ...names);
  }

  /** A new directory that everybody may write into. */
  openDirectory(name: string): string {
    const directory = this.path(name);
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o777);
    return directory;
  }

  /** A new directory of one's own, as HOME and XDG_RUNTIME_DIR have to be. */
  privateDirectory(name: string): string {
    const directory = this.path(name);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What every program is started with: nothing of the caller's that could change what it does. */
export const PLAIN_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};
