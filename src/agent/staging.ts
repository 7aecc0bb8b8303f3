/**
 * Files under temporary names, until the launcher moves them into place. They stand beside their targets,
 * because a rename does not cross file systems.
 */
import { existsSync, lstatSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const NAME_MAX_BYTES = 255;

let serial = 0;

export class Staging implements Disposable {
  readonly #umask: number;
  readonly #names: string[] = [];
  #isDisposed = false;

  constructor(umask: number) {
    this.#umask = umask;
  }

  /** All names handed out so far. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** A name that nobody uses, beside `target`. Nothing is created. */
  nameBeside(target: string): string {
    const { dir, base } = path.parse(target);
    const suffix = `.${process.pid}-${serial++}.manyhands`;
    const room = NAME_MAX_BYTES - suffix.length - 1;
    const stem = Buffer.byteLength(base) <= room ? base : 'output';
    const name = path.join(dir, `.${stem}${suffix}`);
    this.#names.push(name);
    return name;
  }

  /**
   * Writes an output as its compiler would: mode 0666 less the caller's umask.
   *
   * @throws when the directory is not writable or the disk is full.
   */
  write(name: string, content: Uint8Array): void {
    // The agent's own umask is strict; the caller's is in force for this one call.
    const ours = process.umask(this.#umask);
    try {
      writeFileSync(name, content, { flag: 'wx', mode: 0o666 });
    } finally {
      process.umask(ours);
    }
  }

  /** Removes what is still there under its temporary name. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const name of this.#names) removeIfThere(name);
  }
}

/**
 * Whether a rename onto `target` does what a compiler does: it is absent, or a plain file with one name.
 * Devices, fifos, symbolic links and hard links must be written through, so they are the compiler's own.
 */
export function canReplace(target: string): boolean {
  const stats = lstatSync(target, { throwIfNoEntry: false });
  return stats === undefined || (stats.isFile() && stats.nlink === 1);
}

function removeIfThere(name: string): void {
  // Usually it is not: the launcher has moved it. To ask is cheaper than an exception.
  if (!existsSync(name)) return;
  try {
    unlinkSync(name);
  } catch {
    // It has gone meanwhile; or it cannot be removed, as it could not be made: no reason to fail a job.
  }
}
