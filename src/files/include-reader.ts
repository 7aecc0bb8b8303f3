/** The files of this machine, as the include scanner reads them. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';

const QUIETLY = { throwIfNoEntry: false } as const;
/** A file that changes each time we look is left to the preprocessor. */
const MOST_TRIES = 3;

export const INCLUDE_READER = {
  stat(path: string): Stats | undefined {
    try {
      return statSync(path, QUIETLY);
    } catch {
      return undefined;
    }
  },

  read(path: string): { readonly bytes: Uint8Array; readonly stat: Stats } | undefined {
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const read = readOnce(path);
        if (read !== undefined) return read;
      }
    } catch {
      // It has gone, or must not be read.
    }
    return undefined;
  },

  names(path: string): readonly string[] | undefined {
    try {
      return readdirSync(path);
    } catch {
      return undefined;
    }
  },

  link(path: string): string | undefined {
    try {
      // An exception for each that is none would be dear.
      return lstatSync(path, QUIETLY)?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
    } catch {
      return undefined;
    }
  },

  realName(path: string): string | undefined {
    try {
      return realpathSync.native(path);
    } catch {
      return undefined;
    }
  },
};

function readOnce(path: string): { readonly bytes: Uint8Array; readonly stat: Stats } | undefined {
  // A pipe may have taken the file's place since: to open it would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const before = fstatSync(file);
    if (!before.isFile()) return undefined;
    const bytes = readFileSync(file);
    const stat = fstatSync(file);
    // Read again where it changed meanwhile.
    const isWhole =
      stat.ctimeMs === before.ctimeMs && stat.size === before.size && bytes.length === stat.size;
    return isWhole ? { bytes, stat } : undefined;
  } finally {
    closeSync(file);
  }
}
