/**
 * The scanner of src/includes as the oracle asks it: one compile in, the files that it will read out.
 * The only file of the oracle that knows the scanner's interface.
 */
import type { ByteString } from '../../src/base/byte-string.ts';
import { compileArgv, type Unit } from './unit.ts';

export type Scanned =
  /** Absolute names. */
  | { readonly files: readonly ByteString[] }
  /** Why the preprocessor has to be asked: the reason's word, a colon, and more. */
  | { readonly unsure: string };

/** One scanner, with all that it remembers from one compile to the next. */
export type Scan = (unit: Unit) => Promise<Scanned>;

/** A new scanner that remembers nothing yet. */
export function openScan(): Scan {
  return (unit) => Promise.reject(new Error(`No scanner yet: ${compileArgv(unit).join(' ')}`));
}
