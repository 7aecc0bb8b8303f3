/**
 * Headers that somebody edits while a build goes on, by a rule that make knows nothing of; and what an
 * object may have read, given when its compile began and ended.
 *
 * Each text of a header has a number, greater than those of all its texts before, and tells it in the object.
 * Each stands in `late`, or in `linked`, which is a link to a directory. An edit writes it there, or covers
 * it by one in `early`, a file or a link, or writes it anew and takes the cover away; or turns `linked` to
 * another directory. So whatever is found at any time, greater numbers are of later.
 *
 * There are also headers that come and go, of which only is asked whether they are there.
 */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Chance } from '../chaos/chance.ts';

/** In the order in which they are searched. */
export const MOVING_WAY = ['early', 'linked', 'late'];
const LATE = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'];
const LINKED = ['n0', 'n1', 'n2', 'n3'];
/** To be included. */
export const MOVING_HEADERS: readonly string[] = [...LATE, ...LINKED];
/** To be asked for; the object tells 1 or 0. */
export const OPTIONAL_HEADERS: readonly string[] = ['p0', 'p1'];

/** Numbers count the texts; of an optional header, odd ones are that it is there. */
interface Change {
  readonly number: number;
  /** When it could be found for the first time, in ms since 1970. */
  readonly fromMs: number;
  /** When nothing older could any more. */
  readonly certainMs: number;
}

export interface Span {
  readonly beganMs: number;
  readonly endedMs: number;
}

export class MovingHeaders {
  readonly #root: string;
  readonly #chance: Chance;
  readonly #changes = new Map<string, Change[]>();
  readonly #covered = new Set<string>();
  #store = 0;
  #serial = 0;

  constructor(root: string, chance: Chance) {
    this.#root = root;
    this.#chance = chance;
    for (const name of ['early', 'late', 'texts', 'store-0', 'store-1']) mkdirSync(this.#path(name));
    symlinkSync('store-0', this.#path('linked'));
    for (const name of MOVING_HEADERS) this.#change(name, (text) => this.#writeBase(name, text));
  }

  /** How many there were. */
  get count(): number {
    return [...this.#changes.values()].reduce((total, { length }) => total + length, 0);
  }

  edit(): void {
    const kinds = [
      () => this.#write(),
      () => this.#write(),
      () => this.#cover(),
      () => this.#cover(),
      () => this.#turnLink(),
      () => this.#comeOrGo(),
    ];
    this.#chance.pick(kinds)?.();
  }

  /** Why a compile of that time cannot have read what its object says; undefined where it can. */
  objectionTo(name: string, said: number, { beganMs, endedMs }: Span): string | undefined {
    const changes = this.#changes.get(name) ?? [];
    const oldest = changes.findLast(({ certainMs }) => certainMs < beganMs)?.number ?? 0;
    const newest = changes.findLast(({ fromMs }) => fromMs <= endedMs)?.number ?? 0;
    const isRight = OPTIONAL_HEADERS.includes(name)
      ? newest > oldest || newest % 2 === said
      : said >= oldest && said <= newest;
    return isRight ? undefined : `${name}.h: ${said} is none of ${oldest} to ${newest}`;
  }

  /** Where it is found now. */
  #write(): void {
    const name = this.#pick(MOVING_HEADERS);
    this.#change(name, (text) =>
      this.#covered.has(name) ? this.#writeCover(name, text) : this.#writeBase(name, text),
    );
  }

  #cover(): void {
    const name = this.#pick(MOVING_HEADERS);
    const isCovered = this.#covered.delete(name);
    if (!isCovered) this.#covered.add(name);
    this.#change(name, (text) => {
      if (!isCovered) return this.#writeCover(name, text);
      this.#writeBase(name, text);
      rmSync(this.#path('early', `${name}.h`));
    });
  }

  #turnLink(): void {
    const fromMs = Date.now();
    this.#store = 1 - this.#store;
    const numbers = LINKED.map((name) => this.#next(name));
    for (const [index, name] of LINKED.entries())
      this.#replace(this.#path(`store-${this.#store}`, `${name}.h`), (file) =>
        writeFileSync(file, textOf(name, numbers[index] ?? 0)),
      );
    this.#replace(this.#path('linked'), (file) => symlinkSync(`store-${this.#store}`, file));
    const certainMs = Date.now() + 1;
    for (const [index, name] of LINKED.entries()) {
      const isSeen = !this.#covered.has(name);
      this.#note(name, {
        number: numbers[index] ?? 0,
        fromMs,
        certainMs: isSeen ? certainMs : Number.POSITIVE_INFINITY,
      });
    }
  }

  #comeOrGo(): void {
    const name = this.#pick(OPTIONAL_HEADERS);
    const file = this.#path('early', `${name}.h`);
    const isComing = this.#next(name) % 2 === 1;
    this.#change(name, () =>
      isComing ? this.#replace(file, (fresh) => writeFileSync(fresh, '')) : rmSync(file),
    );
  }

  #change(name: string, act: (text: string) => void): void {
    const number = this.#next(name);
    const fromMs = Date.now();
    act(textOf(name, number));
    this.#note(name, { number, fromMs, certainMs: Date.now() + 1 });
  }

  #note(name: string, change: Change): void {
    this.#changes.set(name, [...(this.#changes.get(name) ?? []), change]);
  }

  #next(name: string): number {
    return (this.#changes.get(name)?.length ?? 0) + 1;
  }

  #writeBase(name: string, text: string): void {
    const directory = LATE.includes(name) ? 'late' : `store-${this.#store}`;
    this.#replace(this.#path(directory, `${name}.h`), (file) => writeFileSync(file, text));
  }

  #writeCover(name: string, text: string): void {
    const isLink = this.#chance.isLess(0.5);
    this.#replace(this.#path('early', `${name}.h`), (file) => {
      if (!isLink) return writeFileSync(file, text);
      const target = `../texts/${name}-${this.#serial}.h`;
      writeFileSync(this.#path('early', target), text);
      symlinkSync(target, file);
    });
  }

  /** At once. */
  #replace(file: string, make: (fresh: string) => void): void {
    const fresh = path.join(path.dirname(file), `fresh-${this.#serial++}`);
    make(fresh);
    renameSync(fresh, file);
  }

  #pick(names: readonly string[]): string {
    return this.#chance.pick(names) ?? '';
  }

  #path(...names: readonly string[]): string {
    return path.join(this.#root, ...names);
  }
}

/** All texts of a header are equally long. */
function textOf(name: string, number: number): string {
  return `__asm__(".ascii \\"${name}=${String(number).padStart(6, '0')};\\"");\n`;
}
