/**
 * The real paths of files, each looked up once: compiles read the same headers over and over. For as long
 * as nothing changes; where files do, each look takes a new one.
 */
import { realpathSync } from 'node:fs';
import { toBytes, type ByteString } from '../../src/base/byte-string.ts';
import { toAbsolute } from './unit.ts';

export type RealPath = ByteString;

export class RealPaths {
  readonly #known = new Map<ByteString, RealPath | undefined>();

  /** Nothing where nothing is there. */
  find(name: ByteString, directory: ByteString): RealPath | undefined {
    const absolute = toAbsolute(name, directory);
    const known = this.#known.get(absolute);
    if (known !== undefined || this.#known.has(absolute)) return known;
    const found = lookUp(absolute);
    this.#known.set(absolute, found);
    return found;
  }

  /** Of those that are there. */
  findAll(names: Iterable<ByteString>, directory: ByteString): Set<RealPath> {
    const found = new Set<RealPath>();
    for (const name of names) {
      const real = this.find(name, directory);
      if (real !== undefined) found.add(real);
    }
    return found;
  }
}

function lookUp(absolute: ByteString): RealPath | undefined {
  try {
    return realpathSync.native(toBytes(absolute), 'latin1');
  } catch {
    return undefined;
  }
}
