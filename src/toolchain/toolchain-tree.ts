/**
 * Exactly which compiler: all files that it is made of, as a tree of the Remote Execution API. Two machines
 * have the same compiler when the trees' roots have one digest.
 */
import type { Digest } from '../base/digest.ts';

export interface ToolchainTree {
  /** The driver's path as the client calls it, absolute; a link of the tree where it is one: argv[0] of what is run. */
  readonly compiler: string;
  /** For people, and to tell another build from another version: `gcc 12.2.0 x86_64-linux-gnu`. */
  readonly version: string;
  /** All that it says to `-v`, in English. */
  readonly banner: string;
  /** The PATH with which the driver finds its programs (`as`) in the tree. */
  readonly searchPath: string;
  /** The root Directory, of `/`. */
  readonly root: Digest;
  /** All encoded Directories of the tree, by hash. */
  readonly directories: ReadonlyMap<string, Uint8Array>;
  /** Where each file of the tree is on this machine, by hash. */
  readonly files: ReadonlyMap<string, string>;
}

/** The compilers of a machine that may run what is sent to it. */
export interface Toolchains {
  /** This machine's compiler of that path, if it is that very one. */
  find(compiler: string, root: Digest): Promise<FoundToolchain>;
}

export type FoundToolchain =
  | { readonly kind: 'found'; readonly toolchain: ToolchainTree }
  /** Another one is there, by its version; undefined where there is none, or it must not be run. */
  | { readonly kind: 'other'; readonly version: string | undefined };
