/** A small project that changes: some thirty headers in six directories, and three units that read them. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Chance } from '../chaos/chance.ts';
import type { Unit } from '../unit.ts';
import { NAMES, newHeader, newSource } from './header-text.ts';

/** Where headers stand; each is on the way of some unit. */
const PLACES = ['src', 'inc/one', 'inc/two', 'inc/two/deep', 'sys', 'late'];
/** Those that are moved about as a whole. */
export const MOVED_PLACES: readonly string[] = ['inc/one', 'inc/two', 'sys', 'inc'];
const SOURCES = ['src/main.c', 'src/other.c', 'src/more.cc'];
const WAY = ['-Iinc/one', '-Iinc/two', '-isystem', 'sys', '-idirafter', 'late'];

/** What tells one text from another that includes the same. */
type Stamp = (chance: Chance) => string;

export class HeaderTree {
  readonly root: string;
  readonly chance: Chance;
  readonly #stamp: Stamp;

  /** @param stamp ends each text. */
  constructor(root: string, chance: Chance, stamp: Stamp = () => '') {
    this.root = root;
    this.chance = chance;
    this.#stamp = stamp;
    for (const place of [...PLACES, 'inc/one/deep', 'sys/deep', 'late/deep']) {
      mkdirSync(this.path(place), { recursive: true });
    }
    for (const name of NAMES) {
      const others = PLACES.filter((place) => place !== 'late' && chance.isLess(0.3));
      for (const place of ['late', ...others]) this.write(`${place}/${name}`);
    }
    for (const source of SOURCES) this.writeSource(source);
  }

  get units(): readonly Unit[] {
    const directory = this.root;
    return [
      { compiler: 'gcc', flags: WAY, source: 'src/main.c', directory },
      {
        compiler: 'gcc',
        flags: ['-DA', '-iquote', 'sys', '-Iinc/two/deep', ...WAY],
        source: 'src/other.c',
        directory,
      },
      {
        compiler: 'g++',
        flags: ['-Iinc/one/../two', '-include', 'h00.h', ...WAY],
        source: 'src/more.cc',
        directory,
      },
    ];
  }

  path(name: string): string {
    return path.join(this.root, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** A new text in place, through whatever links lead there. */
  write(name: string): void {
    const text = newHeader(this.ownName(name), this.chance);
    writeFileSync(this.path(name), text + this.#stamp(this.chance));
  }

  writeSource(source = this.chance.pick(SOURCES) ?? ''): void {
    writeFileSync(this.path(source), newSource(this.chance) + this.#stamp(this.chance));
  }

  /** The name of the file itself: that of a link is never greater, so what the text may include is clear. */
  ownName(name: string): string {
    try {
      return path.basename(realpathSync(this.path(name)));
    } catch {
      return path.basename(name);
    }
  }

  /** A header that can be read now. */
  pickHeader(isWanted: (name: string) => boolean = () => true): string | undefined {
    const found = this.#places().flatMap((place) =>
      readdirSync(this.path(place))
        .filter((name) => NAMES.includes(name))
        .map((name) => `${place}/${name}`),
    );
    return this.chance.pick(found.filter((name) => this.#isFile(name) && isWanted(name)));
  }

  /** A place for a header where nothing stands yet, not even a link that leads nowhere. */
  pickFree(): string | undefined {
    const names = this.#places().flatMap((place) => NAMES.map((name) => `${place}/${name}`));
    return this.chance.pick(names.filter((name) => !this.#isThere(name)));
  }

  pickPlace(): string {
    return this.chance.pick(this.#places()) ?? 'src';
  }

  /** A header that the compiler missed, without any text, as late on the way as there is a place. */
  heal(name: string): void {
    const target = ['late', 'src'].map((place) => `${place}/${name}`).find((file) => !this.#isThere(file));
    if (target !== undefined) writeFileSync(this.path(target), '');
  }

  /** Takes away the headers' links that lead to no file. */
  removeDeadLinks(): void {
    for (const place of this.#places()) {
      for (const name of readdirSync(this.path(place)).filter((entry) => NAMES.includes(entry))) {
        const file = this.path(`${place}/${name}`);
        if (lstatSync(file).isSymbolicLink() && !this.#isFile(`${place}/${name}`)) rmSync(file);
      }
    }
  }

  #places(): readonly string[] {
    return PLACES.filter((place) => statSync(this.path(place), { throwIfNoEntry: false })?.isDirectory());
  }

  #isFile(name: string): boolean {
    try {
      return statSync(this.path(name)).isFile();
    } catch {
      // Nothing, or links that lead to each other.
      return false;
    }
  }

  #isThere(name: string): boolean {
    return lstatSync(this.path(name), { throwIfNoEntry: false }) !== undefined;
  }
}
