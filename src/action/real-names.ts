/**
 * Where a name leads, through symbolic links and `..`, and what a copy of the tree needs so that it leads
 * there again.
 */
import { dirname } from 'node:path/posix';

export interface RealName {
  /** Absolute, and through no link. */
  readonly name: string;
  /** Links on the way, from their own real names to their targets' real names. */
  readonly links: readonly { readonly name: string; readonly target: string }[];
  /** Directories that are gone through and left again by `..`. */
  readonly passed: readonly string[];
}

/** As the system has it. */
const MOST_LINKS = 40;
const MOST_NAMES = 400_000;

export class RealNames {
  readonly #linkAt: (path: string) => string | undefined;
  readonly #known = new Map<string, RealName>();

  /** @param linkAt gives a symbolic link's text; undefined for what is none. */
  constructor(linkAt: (path: string) => string | undefined) {
    this.#linkAt = linkAt;
  }

  /** Forgets all: some name may lead elsewhere now. */
  clear(): void {
    this.#known.clear();
  }

  /**
   * @param path absolute.
   * @throws {RangeError} when links lead in a circle.
   */
  find(path: string, linksLeft = MOST_LINKS): RealName {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    if (linksLeft === 0) throw new RangeError(`${path} leads in a circle`);
    const found = this.#look(path, linksLeft);
    if (this.#known.size >= MOST_NAMES) this.#known.clear();
    this.#known.set(path, found);
    return found;
  }

  #look(path: string, linksLeft: number): RealName {
    const slash = path.lastIndexOf('/');
    if (path === '/' || slash < 0) return { name: '/', links: [], passed: [] };
    const parent = this.find(slash === 0 ? '/' : path.slice(0, slash), linksLeft);
    const base = path.slice(slash + 1);
    if (base === '' || base === '.') return parent;
    if (base === '..')
      return { ...parent, name: dirname(parent.name), passed: [...parent.passed, parent.name] };
    const name = within(parent.name, base);
    const text = this.#linkAt(name);
    if (text === undefined) return { ...parent, name };
    const target = this.find(text.startsWith('/') ? text : within(parent.name, text), linksLeft - 1).name;
    return { ...parent, name: target, links: [...parent.links, { name, target }] };
  }
}

function within(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
