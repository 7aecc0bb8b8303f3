import type { ByteString } from '../base/byte-string.ts';

/**
 * One call of the compiler as the caller made it. The launcher sends it (docs/protocol/launcher.md); the
 * fields here are those that decide what the compile means and makes.
 */
export interface Invocation {
  /** argv[0] is the compiler's name as typed. */
  readonly argv: readonly ByteString[];
  /** The physical directory, absolute. */
  readonly directory: ByteString;
  /** $PWD where it names that same directory, else empty. Debug information follows it. */
  readonly pwd: ByteString;
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  readonly umask: number;
}
