/**
 * Runs an Action on this machine: its files in a directory of its own, the compiler with the runner's
 * help, the object back out of the directory, and the directory away.
 *
 * Files are written and read in one go and not beside each other: so only one restored text is in memory
 * at any time, however many jobs run, and for the usual megabyte it costs less than handing it around.
 */
import { realpathSync, writeFileSync } from 'node:fs';

import type { ActionResult, TextAction } from '../action/action.ts';
import { fromText, toBytes } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import type { Failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { TempDirectories } from '../files/temp-directories.ts';
import { runCompiler } from './compiler-run.ts';
import type { CompilerSettings } from './compiler-run.ts';
import type { Executor } from './executor.ts';
import { TreeCompiles } from './local-tree.ts';
import { place } from './placement.ts';

export interface LocalOptions extends CompilerSettings {
  readonly directories: TempDirectories;
  /** For all files of a tree, restored. */
  readonly maxSourceBytes: number;
}

/**
 * The same for all texts, because clang writes it into debug information; and one where nobody but root can
 * put a file or find one, should an option do so.
 */
const WORKING_DIRECTORY = '/';

export function local(options: LocalOptions): Executor {
  const trees = new TreeCompiles(options);
  return async (action, signal) => {
    using directory = options.directories.make();
    // Compilers resolve links in some names, and these must be recognised.
    const home = fromText(realpathSync(directory.path));
    return action.kind === 'tree'
      ? await trees.run(action, home, signal)
      : await runText(action, home, options, signal);
  };
}

async function runText(
  action: TextAction,
  home: ByteString,
  options: LocalOptions,
  signal: AbortSignal,
): Promise<Result<ActionResult, Failure>> {
  const placement = place(action.argv, home);
  if (placement === undefined) return err({ kind: 'refused', message: 'The command names no source file' });
  writeFileSync(toBytes(placement.inputPath), action.source, { mode: 0o600, flag: 'wx' });
  const { argv, outputPath } = placement;
  return runCompiler({ argv, home, outputPath, workingDirectory: WORKING_DIRECTORY }, options, signal);
}
