/**
 * Runs an Action on this machine: its text in a directory of its own, the compiler with the runner's
 * help, the object back out of the directory, and the directory away.
 *
 * Files are written and read in one go and not beside each other: so only one restored text is in memory
 * at any time, however many jobs run, and for the usual megabyte it costs less than handing it around.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getSystemErrorMap } from 'node:util';

import type { ActionResult } from '../action/action.ts';
import { fromText, toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { EXIT } from '../base/exit-code.ts';
import { err, ok } from '../base/result.ts';
import { exited } from '../base/wait-status.ts';
import type { Ended, Runner } from '../process/runner.ts';
import type { Executor } from './executor.ts';
import { place } from './placement.ts';
import type { Placement } from './placement.ts';

export interface LocalOptions {
  readonly runner: Runner;
  /** An empty directory that is nobody else's. */
  readonly directory: string;
  /** `NAME=value`; what belongs to one job (TMPDIR, PWD) is added. */
  readonly environment: readonly ByteString[];
  readonly niceness: number;
  readonly maxOutputBytes: number;
}

const NOTHING = new Uint8Array(0);
/** Results do not depend on it; the directory above is closed to everybody else. */
const UMASK = 0o022;

export function local(options: LocalOptions): Executor {
  let jobs = 0;
  return async (action, signal) => {
    const placement = place(action.argv);
    if (placement === undefined) return err({ kind: 'refused', message: 'The command names no source file' });
    const directory = path.join(options.directory, `${++jobs}`);
    const captured = path.join(options.directory, `${jobs}.captured`);
    try {
      mkdirSync(directory, { mode: 0o700 });
      mkdirSync(captured, { mode: 0o700 });
      writeFileSync(path.join(directory, placement.inputName), action.source, { mode: 0o600, flag: 'wx' });
      const ended = await options.runner.run(
        {
          argv: placement.argv,
          directory: fromText(directory),
          environment: [...options.environment, ...ownEnvironment(directory)],
          stdoutPath: fromText(path.join(captured, 'stdout')),
          stderrPath: fromText(path.join(captured, 'stderr')),
          umask: UMASK,
          niceness: options.niceness,
          maxFileSizeBytes: options.maxOutputBytes,
        },
        signal,
      );
      if (signal.aborted) return err({ kind: 'cancelled', message: 'The compile was stopped' });
      return ok(collect({ ended, placement, directory, captured }));
    } finally {
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
      rmSync(captured, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

/** Compilers keep their own temporary files in the job's directory, so that killing them leaves none. */
function ownEnvironment(directory: string): ByteString[] {
  return [`TMPDIR=${fromText(directory)}`, `PWD=${fromText(directory)}`];
}

interface Run {
  readonly ended: Ended;
  readonly placement: Placement;
  readonly directory: string;
  readonly captured: string;
}

function collect({ ended, placement, directory, captured }: Run): ActionResult {
  if (ended.failedAt !== undefined) return neverRan(placement.argv[0] ?? '', ended);
  const stdout = readFileSync(path.join(captured, 'stdout'));
  const stderr = readFileSync(path.join(captured, 'stderr'));
  if (ended.waitStatus !== 0) return { waitStatus: ended.waitStatus, stdout, stderr, object: NOTHING };
  const object = readOutput(path.join(directory, placement.outputName));
  if (object !== undefined) return { waitStatus: 0, stdout, stderr, object };
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
