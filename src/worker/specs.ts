/**
 * `-specs=NAME`: a file that can make a compiler start any program. A client may name those that the
 * worker's owner has put into one directory (--sysroot), and gets these very files, whatever else the
 * compiler would find under that name.
 */
import { statSync } from 'node:fs';
import path from 'node:path';

import { fromText, toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';

export interface SpecsPlacement {
  /** What to run. */
  readonly argv: readonly ByteString[];
  /** What is still to be judged: allowed words have a harmless one in their place. */
  readonly judged: readonly ByteString[];
}

const HARMLESS = '-Wall';

export function placeSpecs(argv: readonly ByteString[], sysroot: string | undefined): SpecsPlacement {
  const files = argv.map((word) => (sysroot === undefined ? undefined : findSpecs(word, sysroot)));
  return {
    argv: argv.map((word, index) => {
      const file = files[index];
      return file === undefined ? word : fromText(`-specs=${file}`);
    }),
    judged: argv.map((word, index) => (files[index] === undefined ? word : HARMLESS)),
  };
}

function findSpecs(word: ByteString, sysroot: string): string | undefined {
  const name = /^--?specs=([^\0]+)$/.exec(toText(word))?.[1];
  if (name === undefined || path.isAbsolute(name) || name.split('/').includes('..')) return undefined;
  const file = path.join(sysroot, name);
  try {
    return statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined; // there is none, or its name cannot be one
  }
}
