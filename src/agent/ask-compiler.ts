/** Has a caller's launcher run its compiler for us, and reads what it said. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Caller } from './caller.ts';

export interface Asking {
  readonly caller: Caller;
  /** The agent's private directory. */
  readonly spool: string;
}

export interface CompilerQuestion {
  /** The program, absolute; empty for the one that the caller called. */
  readonly program: string;
  /** @param source the name of the file with `text`, where there is one. */
  readonly argv: (source: string) => readonly string[];
  /** What the compiler is to read; in bytes. */
  readonly text?: { readonly content: string; readonly suffix: string };
}

export interface Said {
  readonly isWell: boolean;
  /** In bytes. */
  readonly stdout: string;
  readonly stderr: string;
}

let serial = 0;

/**
 * @throws {CallerGone} when the launcher goes away meanwhile; what the file system says, where the question
 * cannot be written down.
 */
export async function askCompiler(
  { caller, spool }: Asking,
  { program, argv, text }: CompilerQuestion,
): Promise<Said> {
  const stem = path.join(spool, `question-${process.pid}-${serial++}`);
  const source = `${stem}${text?.suffix ?? ''}`;
  const [stdoutPath, stderrPath] = [path.join(stem, 'out'), path.join(stem, 'err')];
  caller.announce([...(text === undefined ? [] : [source]), stdoutPath, stderrPath, stem]);
  try {
    // Somebody who cleans up may have removed it.
    mkdirSync(spool, { recursive: true, mode: 0o700 });
    if (text !== undefined)
      writeFileSync(source, text.content, { encoding: 'latin1', flag: 'wx', mode: 0o600 });
    const ended = await caller.spawn({
      program,
      argv: argv(source),
      environment: ['LC_ALL=C'],
      stdoutPath,
      stderrPath,
    });
    return {
      isWell: ended.errno === 0 && ended.status === 0,
      stdout: readFileSync(stdoutPath, 'latin1'),
      stderr: readFileSync(stderrPath, 'latin1'),
    };
  } finally {
    rmSync(source, { force: true, recursive: true });
    rmSync(stem, { recursive: true, force: true });
  }
}

/** A disk that is full, say. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
