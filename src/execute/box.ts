/**
 * What a box is asked for: one command, with just its inputs and its compiler in sight.
 *
 * How a box is made is the business of the other files that begin so; doors and tests know only this.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Digest } from '../base/digest.ts';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { WaitStatus } from '../base/wait-status.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';

/** What is run. `plain`: anything, and all of it in its input root, as on other servers: no toolchain is looked for. */
export type Admits = 'compiles' | 'any-command' | 'plain';

export interface BoxedCommand {
  /** argv[0] as it is to be called; looked up in the PATH of `environment` where it has no slash. */
  readonly argv: readonly ByteString[];
  /** `NAME=value`, all of it, but what the box adds (TMPDIR). */
  readonly environment: readonly ByteString[];
  /** A Directory; the store has it, and what it names, or the answer is MissingBlobs. */
  readonly inputRoot: Digest;
  /** Below the input root, without a slash at either end; empty for the root itself. */
  readonly workingDirectory: ByteString;
  /** Below the working directory: files, links or directories, of which the box tells what is there in the end. */
  readonly outputPaths: readonly ByteString[];
  readonly room: BoxRoom;
  /** 0: no limit. */
  readonly timeoutMs: number;
}

export type BoxRoom =
  /**
   * The input root is `/`, with the toolchain's files in it, which win over inputs of their names, and nothing
   * else of this machine. Only outputs' directories can be written to; these are made if they are not there.
   */
  | { readonly kind: 'compile'; readonly toolchain: ToolchainTree }
  /** The input root stands in a directory of its own, which can be written to, on this machine's read-only system. */
  | { readonly kind: 'any-command' };

export type BoxedOutput =
  | {
      readonly kind: 'file';
      readonly path: ByteString;
      readonly bytes: Uint8Array;
      readonly isExecutable: boolean;
    }
  | { readonly kind: 'link'; readonly path: ByteString; readonly target: ByteString }
  /** Its content, as entries below it. */
  | { readonly kind: 'directory'; readonly path: ByteString; readonly entries: readonly BoxedOutput[] };

export interface BoxedResult {
  readonly waitStatus: WaitStatus;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** What was there of the outputs asked for, in their order. */
  readonly outputs: readonly BoxedOutput[];
  readonly userUs: number;
  readonly systemUs: number;
  readonly maxRssKib: number;
}

export interface MissingBlobs {
  readonly kind: 'missing-blobs';
  readonly digests: readonly Digest[];
}

/**
 * Runs the command to its end. Aborting ends its whole group; the outcome is then a Failure of kind
 * `cancelled`. A tree that is no proper one (names, order, loops) is `refused`.
 */
export type RunBoxed = (
  command: BoxedCommand,
  signal: AbortSignal,
) => Promise<Result<BoxedResult, Failure | MissingBlobs>>;
