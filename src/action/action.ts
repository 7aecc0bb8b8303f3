/**
 * The complete statement of one compile: what a door makes of what arrived, and what an Executor runs.
 *
 * It is told with one preprocessed text (distcc's protocols 1 and 2), or with the tree of files from which
 * the executor is to preprocess it (protocol 3).
 */
import type { Digest } from '../base/digest.ts';
import type { ByteString } from '../base/byte-string.ts';
import type { WaitStatus } from '../base/wait-status.ts';
import type { EncodedTree, TreeEntry } from '../wire/distcc/tree.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';

export interface TextAction {
  readonly kind: 'text';
  /** The compiler and its arguments, as the caller named its input and output. */
  readonly argv: readonly ByteString[];
  /** The preprocessed text. */
  readonly source: Uint8Array;
  /** As it came, where it came over the wire. */
  readonly received?: { readonly protocol: number; readonly body: Uint8Array };
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

/** A compile as the Remote Execution API has it: its digest says all of it. */
export interface BlobAction {
  readonly kind: 'blobs';
  readonly action: Blob;
  readonly command: Blob;
  /** Of the input root. */
  readonly directories: readonly Blob[];
  readonly files: readonly Blob[];
  readonly toolchain: StatedToolchain;
  /** Below the Command's working directory. */
  readonly outputs: { readonly object: string; readonly dependencies: string | undefined };
  /** For people. */
  readonly argv: readonly string[];
}

/** The same for a server of any make, which runs it below a root of its own: to be stated as that one wants it. */
export interface PlainAction {
  readonly kind: 'plain';
  readonly state: (terms: PlainTerms) => BlobAction;
  readonly toolchain: StatedToolchain;
  /** For people. */
  readonly argv: readonly string[];
}

export interface PlainTerms {
  /** The compiler's own headers are there, and not sent. */
  readonly hasHeaders: boolean;
  readonly platform: ReadonlyMap<string, string>;
}

/** What a worker has to have to run it. */
export interface StatedToolchain {
  readonly root: Digest;
  /** Without which it does not even get a text. */
  readonly version: string;
}

/** What can be sent to another machine. */
export type SentAction = BlobAction | PlainAction | TextAction | EncodedTreeAction;

/** The same, in distcc's protocols. */
export type DistccAction = TextAction | EncodedTreeAction;

export interface ActionResult {
  readonly waitStatus: WaitStatus;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The object (or assembler text); empty unless waitStatus is 0. */
  readonly object: Uint8Array;
  /** What -MMD (or -MD) writes; only of trees, and there a stock worker may leave it out. */
  readonly dependencies?: Uint8Array;
}
