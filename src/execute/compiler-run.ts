/**
 * Runs a compiler in a job's own directory, and collects what it has made: its output, and what it said.
 */
import { readFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

import type { ActionResult } from '../action/action.ts';
import { toBytes, toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { EXIT } from '../base/exit-code.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { exited } from '../base/wait-status.ts';
import type { Ended, Runner } from '../process/runner.ts';

export interface CompilerSettings {
  readonly runner: Runner;
  /** `NAME=value`; what belongs to one job (TMPDIR, PWD) is added. */
  readonly environment: readonly ByteString[];
  readonly niceness: number;
  readonly maxOutputBytes: number;
}

export interface CompilerRun {
  readonly argv: readonly ByteString[];
  /** Where it runs. */
  readonly workingDirectory: ByteString;
  /** The job's own directory. */
  readonly home: ByteString;
  readonly outputPath: ByteString;
}

const NOTHING = new Uint8Array(0);
/** Results do not depend on it; the directory is closed to everybody else. */
const UMASK = 0o022;

export async function runCompiler(
  run: CompilerRun,
  settings: CompilerSettings,
  signal: AbortSignal,
): Promise<Result<ActionResult, Failure>> {
  // They cannot meet the placement's names: these begin with a dot.
  const stdoutPath = `${run.home}/.stdout`;
  const stderrPath = `${run.home}/.stderr`;
  const ended = await start({ ...run, stdoutPath, stderrPath }, settings, signal);
  if (signal.aborted) return err({ kind: 'cancelled', message: 'The compile was stopped' });
  if (ended.failedAt !== undefined) return ok(neverRan(run.argv[0] ?? '', ended));
  const stdout = readFileSync(toBytes(stdoutPath));
  const stderr = readFileSync(toBytes(stderrPath));
  return ok(collect(ended, { stdout, stderr }, run.outputPath));
}

/** Whether the compiler does with these words as it is told. @returns undefined when it could not be tried. */
export async function succeeds(
  { argv, home }: Pick<CompilerRun, 'argv' | 'home'>,
  settings: CompilerSettings,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const paths = { stdoutPath: `${home}/.trial-stdout`, stderrPath: `${home}/.trial-stderr` };
  const ended = await start({ argv, home, workingDirectory: home, ...paths }, settings, signal);
  return signal.aborted || ended.failedAt !== undefined ? undefined : ended.waitStatus === 0;
}

interface Start extends Omit<CompilerRun, 'outputPath'> {
  readonly stdoutPath: ByteString;
  readonly stderrPath: ByteString;
}

function start(
  { argv, workingDirectory, home, stdoutPath, stderrPath }: Start,
  { runner, environment, niceness, maxOutputBytes }: CompilerSettings,
  signal: AbortSignal,
): Promise<Ended> {
  const program = {
    argv,
    directory: workingDirectory,
    // Compilers keep their own temporary files in the job's directory, so that killing them leaves none.
    environment: [...environment, `TMPDIR=${home}`, `PWD=${workingDirectory}`],
    stdoutPath,
    stderrPath,
    umask: UMASK,
    niceness,
    maxFileSizeBytes: maxOutputBytes,
  };
  return runner.run(program, signal);
}

function collect(
  { waitStatus }: Ended,
  { stdout, stderr }: Pick<ActionResult, 'stdout' | 'stderr'>,
  outputPath: ByteString,
): ActionResult {
  if (waitStatus !== 0) return { waitStatus, stdout, stderr, object: NOTHING };
  const object = readIfThere(outputPath);
  if (object !== undefined) return { waitStatus, stdout, stderr, object };
  return {
    waitStatus: exited(EXIT.failed),
    stdout,
    stderr: Buffer.concat([stderr, sentence('the compiler said that all went well, but wrote no output')]),
    object: NOTHING,
  };
}

export function readIfThere(file: ByteString): Uint8Array | undefined {
  try {
    return readFileSync(toBytes(file));
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
