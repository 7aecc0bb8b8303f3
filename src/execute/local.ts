/**
 * Runs an Action on this machine: its text in a directory of its own, the compiler with the runner's
 * help, the object back out of the directory, and the directory away.
 *
 * Files are written and read in one go and not beside each other: so only one restored text is in memory
 * at any time, however many jobs run, and for the usual megabyte it costs less than handing it around.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getSystemErrorMap } from 'node:util';

import type { ActionResult } from '../action/action.ts';
import { fromText, toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { EXIT } from '../base/exit-code.ts';
import { err, ok } from '../base/result.ts';
import { exited } from '../base/wait-status.ts';
import type { TempDirectories } from '../files/temp-directories.ts';
import type { Ended, Runner } from '../process/runner.ts';
import type { Executor } from './executor.ts';
import { place } from './placement.ts';

export interface LocalOptions {
  readonly runner: Runner;
  readonly directories: TempDirectories;
  /** `NAME=value`; what belongs to one job (TMPDIR, PWD) is added. */
  readonly environment: readonly ByteString[];
  readonly niceness: number;
  readonly maxOutputBytes: number;
}

const NOTHING = new Uint8Array(0);
/** Results do not depend on it; the directory is closed to everybody else. */
const UMASK = 0o022;
/**
 * The same for all jobs, because clang writes it into debug information; and one where nobody but root can
 * put a file or find one, should an option do so.
 */
const WORKING_DIRECTORY = '/';

export function local(options: LocalOptions): Executor {
  return async (action, signal) => {
    if (action.kind === 'tree') return err({ kind: 'refused', message: 'Trees are not compiled here' });
    using directory = options.directories.make();
    const placement = place(action.argv, fromText(directory.path));
    if (placement === undefined) return err({ kind: 'refused', message: 'The command names no source file' });
    const paths: Paths = {
      input: toText(placement.inputPath),
      output: toText(placement.outputPath),
      // They cannot meet the placement's: these begin with a dot.
      stdout: path.join(directory.path, '.stdout'),
      stderr: path.join(directory.path, '.stderr'),
    };
    writeFileSync(paths.input, action.source, { mode: 0o600, flag: 'wx' });
    const ended = await options.runner.run(
      {
        argv: placement.argv,
        directory: WORKING_DIRECTORY,
        // Compilers keep their own temporary files in the job's directory, so that killing them leaves none.
        environment: [
          ...options.environment,
          `TMPDIR=${fromText(directory.path)}`,
          `PWD=${WORKING_DIRECTORY}`,
        ],
        stdoutPath: fromText(paths.stdout),
        stderrPath: fromText(paths.stderr),
        umask: UMASK,
        niceness: options.niceness,
        maxFileSizeBytes: options.maxOutputBytes,
      },
      signal,
    );
    if (signal.aborted) return err({ kind: 'cancelled', message: 'The compile was stopped' });
    return ok(
      ended.failedAt === undefined ? collect(ended, paths) : neverRan(placement.argv[0] ?? '', ended),
    );
  };
}

interface Paths {
  readonly input: string;
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

function collect({ waitStatus }: Ended, paths: Paths): ActionResult {
  const stdout = readFileSync(paths.stdout);
  const stderr = readFileSync(paths.stderr);
  if (waitStatus !== 0) return { waitStatus, stdout, stderr, object: NOTHING };
  const object = readOutput(paths.output);
  if (object !== undefined) return { waitStatus, stdout, stderr, object };
  return {
    waitStatus: exited(EXIT.failed),
    stdout,
    stderr: Buffer.concat([stderr, sentence('the compiler said that all went well, but wrote no output')]),
    object: NOTHING,
  };
}

function readOutput(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function neverRan(compiler: ByteString, { failedAt, errno }: Ended): ActionResult {
  const why = getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
  return {
    waitStatus: exited(failedAt === 'exec' ? EXIT.compilerMissing : EXIT.failed),
    stdout: NOTHING,
    stderr: sentence(`cannot run ${toText(compiler)} on the worker: ${why}. Is it installed there?`),
    object: NOTHING,
  };
}

function sentence(text: string): Buffer {
  return Buffer.from(`distccd: ${text}\n`);
}
