/**
 * The preprocessed text of a source: made by the caller's own compiler, started by the launcher, because
 * starting a process from here would stop the agent for as long as a fork of it takes.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { preprocessArgv } from '../command/rewrite.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { Caller } from './caller.ts';
import type { Staging } from './staging.ts';

export interface Preprocessed {
  readonly text: Uint8Array;
  /** What the preprocessor had to say, for the caller's standard error. */
  readonly warnings: Uint8Array;
}

export interface PreprocessOptions {
  readonly caller: Caller;
  readonly staging: Staging;
  /** The agent's private directory. */
  readonly spool: string;
  /** Where the dependency file goes, if one is wanted. */
  readonly dependencyFile?: string;
}

let serial = 0;

/**
 * Runs the preprocessor, or reads a source that has been through it already.
 *
 * @returns undefined when the preprocessor failed: the compiler itself will say why.
 * @throws {CallerGone} when the launcher goes away meanwhile.
 */
export async function preprocess(
  command: CompileCommand,
  { caller, staging, spool, dependencyFile }: PreprocessOptions,
): Promise<Preprocessed | undefined> {
  const { directory } = caller.invocation;
  if (command.isPreprocessed) {
    caller.announce(staging.names);
    return { text: readFileSync(path.resolve(directory, command.source)), warnings: new Uint8Array() };
  }
  const stem = path.join(spool, String(serial++));
  const stdoutPath = staging.add(`${stem}.i`);
  const stderrPath = staging.add(`${stem}.err`);
  caller.announce(staging.names);
  const ended = await caller.spawn({
    argv: preprocessArgv(command, dependencyFile === undefined ? {} : { dependencyFile }),
    environment: [],
    stdoutPath,
    stderrPath,
  });
  if (ended.errno !== 0) {
    // Somebody who cleans up may have removed the directory: the next job finds it again.
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    return undefined;
  }
  if (ended.status !== 0) return undefined;
  return { text: readFileSync(stdoutPath), warnings: readFileSync(stderrPath) };
}
