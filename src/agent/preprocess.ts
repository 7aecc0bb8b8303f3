/**
 * The preprocessed text of a source: made by the caller's own compiler, started by the launcher, because
 * starting a process from here would stop the agent for as long as a fork of it takes.
 */
import { mkdirSync, readFileSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import type { BufferPool, Lease } from '../files/buffer-pool.ts';
import { versionOf } from '../files/file-version.ts';
import {
  dependencyTargets,
  frontEndArgv,
  learnFrontEnd,
  questionArgv,
  type FrontEnd,
} from '../command/front-end.ts';
import { preprocessArgv } from '../command/rewrite.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { Ended } from '../wire/launcher/launcher-message.ts';
import type { Caller } from './caller.ts';
import type { FrontEnds } from './front-ends.ts';
import type { Staging } from './staging.ts';

/** What the preprocessor gave besides the text; for the caller, once the compile went well. */
export interface Byproducts {
  /** What it had to say, for the caller's standard error. */
  readonly warnings: Uint8Array;
  /** The dependency file's content, if one was wanted. */
  readonly dependencies: Uint8Array | undefined;
}

export interface Preprocessed {
  readonly text: Lease;
  readonly byproducts: Byproducts;
}

export interface PreprocessOptions {
  readonly caller: Caller;
  readonly staging: Staging;
  readonly pool: BufferPool;
  readonly frontEnds: FrontEnds;
  /** The agent's private directory. */
  readonly spool: string;
  /** Whether to have a dependency file made. */
  readonly wantsDependencies: boolean;
}

export const NO_BYPRODUCTS: Byproducts = { warnings: new Uint8Array(), dependencies: undefined };

let serial = 0;

/**
 * Runs the preprocessor, or reads a source that has been through it already.
 *
 * All that it writes goes into a directory of its own, which then goes. What it may have started (gcc's
 * cc1) can outlive it when it is killed, and would write its dependency file after whoever cleans up; but
 * not into a directory that is not there.
 *
 * @returns undefined when the preprocessor failed: the compiler itself will say why.
 * @throws {CallerGone} when the launcher goes away meanwhile.
 */
export async function preprocess(
  command: CompileCommand,
  options: PreprocessOptions,
): Promise<Preprocessed | undefined> {
  const { caller, staging, pool, spool, wantsDependencies } = options;
  if (command.isPreprocessed) {
    if (wantsDependencies) return undefined;
    caller.announce(staging.names);
    const source = path.resolve(caller.invocation.directory, command.source);
    return { text: pool.readFile(source), byproducts: NO_BYPRODUCTS };
  }
  // Somebody who cleans up may have removed it.
  mkdirSync(spool, { recursive: true, mode: 0o700 });
  using files = new Workspace(spool, wantsDependencies);
  caller.announce([...staging.names, ...files.names]);
  const run = new Run(command, files, options);
  if (!(await run.start())) return undefined;
  try {
    const dependencies = wantsDependencies ? readFileSync(files.dependencies) : undefined;
    return {
      text: pool.readFile(files.stdout),
      byproducts: { warnings: readFileSync(files.stderr), dependencies },
    };
  } catch {
    // A preprocessor that wrote no dependencies, or somebody who cleans up: the compiler itself will do.
    return undefined;
  }
}

/** One job's preprocessor: the front end itself where it is known how to start it, else the driver. */
class Run {
  readonly #command: CompileCommand;
  readonly #files: Workspace;
  readonly #options: PreprocessOptions;

  constructor(command: CompileCommand, files: Workspace, options: PreprocessOptions) {
    this.#command = command;
    this.#files = files;
    this.#options = options;
  }

  /** Whether it went well. */
  async start(): Promise<boolean> {
    const { caller, frontEnds, wantsDependencies } = this.#options;
    const { compiler, environment, directory } = caller.invocation;
    if (this.#command.family === 'clang') return this.#drive();
    const question = questionArgv(this.#command, wantsDependencies);
    // A driver that is called by its mere name looks on PATH for where it stands.
    const kind = [compiler, versionOf(compiler), directory, environment.get('PATH') ?? '', ...question];
    const advice = frontEnds.advise(kind);
    const frontEnd = advice === 'ask' ? await this.#ask(kind, question) : advice;
    if (frontEnd === undefined || frontEnd === 'drive') return this.#drive();
    if (await this.#startFrontEnd(frontEnd)) return true;
    // The source's fault, or that of what was learnt.
    if (!(await this.#drive())) return false;
    frontEnds.learn(kind, undefined);
    return true;
  }

  async #ask(kind: readonly string[], question: readonly string[]): Promise<FrontEnd | undefined> {
    const { frontEnds, caller } = this.#options;
    try {
      const isAnswered =
        frontEnds.isDriver(caller.invocation.compiler) &&
        (await this.#spawn(question, { environment: ['LC_ALL=C'] }));
      const frontEnd = isAnswered ? learnFrontEnd(readFileSync(this.#files.stderr, 'utf8')) : undefined;
      frontEnds.learn(kind, frontEnd);
      return frontEnd;
    } finally {
      frontEnds.giveUp(kind);
    }
  }

  #startFrontEnd(frontEnd: FrontEnd): Promise<boolean> {
    const { source } = this.#command;
    const targets = dependencyTargets(this.#command);
    const argv = frontEndArgv(frontEnd, { source, targets, dependencyFile: this.#files.dependencies });
    return this.#spawn(argv, { program: frontEnd.program });
  }

  #drive(): Promise<boolean> {
    const { dependencies } = this.#files;
    const { wantsDependencies } = this.#options;
    return this.#spawn(
      preprocessArgv(this.#command, wantsDependencies ? { dependencyFile: dependencies } : {}),
      {},
    );
  }

  async #spawn(
    argv: readonly string[],
    {
      program = '',
      environment = [],
    }: { readonly program?: string; readonly environment?: readonly string[] },
  ): Promise<boolean> {
    const { stdout, stderr } = this.#files;
    const spawned: Ended = await this.#options.caller.spawn({
      program,
      argv,
      environment,
      stdoutPath: stdout,
      stderrPath: stderr,
    });
    return spawned.errno === 0 && spawned.status === 0;
  }
}

/**
 * Where one preprocessor writes. The launcher makes the directory, after it has heard the names: whichever
 * of us is killed, the other one knows what there is to remove.
 */
class Workspace implements Disposable {
  readonly stdout: string;
  readonly stderr: string;
  readonly dependencies: string;
  readonly #directory: string;
  readonly #written: readonly string[];

  constructor(spool: string, wantsDependencies: boolean) {
    // With our pid, because launchers of an agent that was killed may still remove what was theirs.
    this.#directory = path.join(spool, `${process.pid}-${serial++}`);
    this.stdout = path.join(this.#directory, 'i');
    this.stderr = path.join(this.#directory, 'err');
    this.dependencies = path.join(this.#directory, 'd');
    this.#written = [this.stdout, this.stderr, ...(wantsDependencies ? [this.dependencies] : [])];
  }

  /** In the order in which they can be removed. */
  get names(): readonly string[] {
    return [this.stdout, this.stderr, this.dependencies, this.#directory];
  }

  [Symbol.dispose](): void {
    try {
      for (const name of this.#written) unlinkSync(name);
      rmdirSync(this.#directory);
    } catch {
      // There is more or less than expected. Tried again where something that was just killed makes its
      // last file. Not the first choice, because it looks at everything before it removes it.
      rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 1 });
    }
  }
}
