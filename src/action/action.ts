/**
 * The complete statement of one compile: what a door makes of what arrived, and what an Executor runs.
 *
 * It is told with one preprocessed text (distcc's protocols 1 and 2), or with the tree of files from which
 * the executor is to preprocess it (protocol 3).
 */
import type { ByteString } from '../base/byte-string.ts';
import type { WaitStatus } from '../base/wait-status.ts';
import type { EncodedTree, TreeEntry } from '../wire/distcc/tree.ts';

export interface TextAction {
  readonly kind: 'text';
  /** The compiler and its arguments, as the caller named its input and output. */
  readonly argv: readonly ByteString[];
  /** The preprocessed text. */
  readonly source: Uint8Array;
}

export interface TreeAction {
  readonly kind: 'tree';
  /** As in TextAction, with all that is the preprocessor's. */
  readonly argv: readonly ByteString[];
  /** Where the caller calls the compiler; absolute. */
  readonly directory: ByteString;
  /** The source and what it includes, under the caller's names. */
  readonly entries: readonly TreeEntry[];
}

export type Action = TextAction | TreeAction;

/** A TreeAction as its sender has it: packets that are kept for as long as their files stay as they are. */
export interface EncodedTreeAction {
  readonly kind: 'tree';
  readonly argv: readonly ByteString[];
  readonly directory: ByteString;
  readonly tree: EncodedTree;
}

/** What can be sent to another machine. */
export type SentAction = TextAction | EncodedTreeAction;

export interface ActionResult {
  readonly waitStatus: WaitStatus;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The object (or assembler text); empty unless waitStatus is 0. */
  readonly object: Uint8Array;
  /** What -MMD (or -MD) writes; only of trees, and there a stock worker may leave it out. */
  readonly dependencies?: Uint8Array;
}
