/**
 * The complete statement of one compile: what a door makes of what arrived, and what an Executor runs.
 *
 * Today an Action holds one preprocessed text (distcc's protocols 1 and 2). Closures of headers join
 * with the include scanner.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { WaitStatus } from '../base/wait-status.ts';

export interface Action {
  /** The compiler and its arguments, as the caller named its input and output. */
  readonly argv: readonly ByteString[];
  /** The preprocessed text. */
  readonly source: Uint8Array;
}

export interface ActionResult {
  readonly waitStatus: WaitStatus;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The object (or assembler text); empty unless waitStatus is 0. */
  readonly object: Uint8Array;
}
