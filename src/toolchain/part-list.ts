/**
 * The files that a compiler is made of, as they are collected: under the names by which they are opened, with each
 * symbolic link on the way, and with the names that would be opened first if they were there.
 */
import { lstatSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Parts {
  /** Real names. */
  readonly files: ReadonlySet<string>;
  /** From their own real names to their targets' real names. */
  readonly links: ReadonlyMap<string, string>;
  /** Names at which there is nothing, where something would count. */
  readonly absent: ReadonlySet<string>;
}

const MOST_LINKS = 40;

export class PartList implements Parts {
  readonly files = new Set<string>();
  readonly links = new Map<string, string>();
  readonly absent = new Set<string>();

  /** Adds a file that has to be there. @returns its real name. @throws when it is not. */
  add(name: string): string {
    const real = this.#resolve(name);
    if (!statSync(real).isFile()) throw new Error(`${real} is no file`);
    this.files.add(real);
    return real;
  }

  /** Adds a file that counts where it is there. */
  addIfThere(name: string): string | undefined {
    if (isFile(name)) return this.add(name);
    this.absent.add(name);
    return undefined;
  }

  #resolve(name: string): string {
    let real = '/';
    let left = path.resolve('/', name).split('/').filter(Boolean);
    for (let links = 0; left.length > 0;) {
      const [first = '', ...rest] = left;
      const here = path.join(real, first);
      left = rest;
      if (!lstatSync(here).isSymbolicLink()) {
        real = here;
        continue;
      }
      if (++links > MOST_LINKS) throw new Error(`${name} leads in a circle`);
      const target = path.resolve(real, readlinkSync(here));
      this.links.set(here, this.#resolve(target));
      left = [...target.split('/').filter(Boolean), ...left];
      real = '/';
    }
    return real;
  }
}

/** What cannot be looked at is not there for who starts the compiler either. */
function isFile(name: string): boolean {
  try {
    return statSync(name, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}
