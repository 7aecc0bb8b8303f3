/** One content of a file: its bytes, and what the scanner sees in them. */
import { digestOf, type Digest } from '../base/digest.ts';
import type { Dialect } from './cutter.ts';
import type { ScannedText } from './directive.ts';
import { scanText } from './scan.ts';

export class Content {
  readonly bytes: Uint8Array;
  #digest: Digest | undefined;
  readonly #scanned = new Map<string, ScannedText>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get digest(): Digest {
    this.#digest ??= digestOf(this.bytes);
    return this.#digest;
  }

  /** Read once for each dialect, of which a build has one or two. */
  scannedAs(dialect: Dialect): ScannedText {
    const key = `${dialect.hasRawStrings} ${dialect.hasDigitSeparators} ${dialect.hasTrigraphs}`;
    let scanned = this.#scanned.get(key);
    if (scanned === undefined) {
      scanned = scanText(this.bytes, dialect);
      this.#scanned.set(key, scanned);
    }
    return scanned;
  }

  /** Whether both say the same to the scanner, in every dialect in which the other one was read. */
  meansTheSameAs(other: Content): boolean {
    if (this === other || this.digest.hash === other.digest.hash) return true;
    // Only what was read matters to those who stand on it.
    for (const [key, scanned] of other.#scanned) {
      const [hasRawStrings, hasDigitSeparators, hasTrigraphs] = key.split(' ').map((word) => word === 'true');
      const dialect = {
        hasRawStrings: hasRawStrings === true,
        hasDigitSeparators: hasDigitSeparators === true,
        hasTrigraphs: hasTrigraphs === true,
      };
      if (this.scannedAs(dialect).shape !== scanned.shape) return false;
    }
    return true;
  }
}
