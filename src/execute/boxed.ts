/**
 * Runs commands in boxes: bubblewrap shows a compile nothing but its inputs and its toolchain, under their own names,
 * and lets it write nothing but its outputs; no network, no other processes, none left behind.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fromText, toText, type ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { exitCodeOf } from '../base/wait-status.ts';
import type { TempDirectories } from '../files/temp-directories.ts';
import type { Ended, Program, Runner } from '../process/runner.ts';
import type { FileBlobStore } from '../store/blob-store.ts';
import type { BoxedCommand, BoxedResult, MissingBlobs, RunBoxed } from './box.ts';
import { layOutInputs, objectionToDirectories } from './box-inputs.ts';
import { collectOutputs } from './box-outputs.ts';
import { BoxPool } from './box-pool.ts';
import { TEMPORARY_NAME, TreeConflict, type BoxRoot } from './box-root.ts';
import { BoxTrees, type TreeDirectory } from './box-tree.ts';
import { limited } from './limited.ts';

export interface BoxOptions {
  readonly runner: Runner;
  readonly blobs: FileBlobStore;
  /** Where roots and jobs' own directories are made; best on the store's file system. */
  readonly directories: TempDirectories;
  /** How many may run at the same time: so many roots are kept. */
  readonly jobs: number;
  readonly niceness: number;
  readonly maxOutputBytes: number;
  readonly clock: Clock;
  /** What a command that is no compile must not see of this machine. */
  readonly hidden: readonly string[];
}

const BUBBLEWRAP = '/usr/bin/bwrap';
const UMASK = 0o022;
const ISOLATION = ['--unshare-all', '--die-with-parent', '--new-session', '--hostname', 'box'];
/** The one directory of outputs that a compile has, below its working directory. */
const OUTPUT_DIRECTORY = '.manyhands';

type Boxed = Result<BoxedResult, Failure | MissingBlobs>;

/** Tries whether boxes can be had here. @returns why not, as a sentence. */
export async function objectionToBoxes(
  options: Pick<BoxOptions, 'runner' | 'directories'>,
): Promise<string | undefined> {
  using job = options.directories.make();
  const argv = [
    BUBBLEWRAP,
    ...ISOLATION,
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '/bin/true',
  ];
  const program = programFor({ argv, environment: [], job: job.path, niceness: 0, maxOutputBytes: 1 << 20 });
  const ended = await options.runner.run(program, AbortSignal.timeout(10_000));
  if (ended.failedAt !== undefined) return 'bubblewrap (bwrap) is not installed';
  if (ended.waitStatus === 0) return undefined;
  return `bubblewrap cannot make one: ${readFileSync(`${job.path}/stderr`, 'utf8').trim()}`;
}

export class Boxes implements Disposable {
  readonly #options: BoxOptions;
  readonly #trees: BoxTrees;
  readonly #directory: Disposable & { readonly path: string };
  readonly #pool: BoxPool;

  constructor(options: BoxOptions) {
    this.#options = options;
    this.#trees = new BoxTrees(options.blobs);
    this.#directory = options.directories.make();
    this.#pool = new BoxPool(this.#directory.path, options.jobs);
  }

  readonly run: RunBoxed = (command, signal) => {
    const { timeoutMs } = command;
    const run: RunBoxed = (_, inner) => this.#run(command, inner);
    return (timeoutMs > 0 ? limited(run, timeoutMs, this.#options.clock) : run)(command, signal);
  };

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }

  async #run(command: BoxedCommand, signal: AbortSignal): Promise<Boxed> {
    const tree = await this.#trees.read(command.inputRoot);
    if (!tree.ok) return tree;
    const objection = objectionToDirectories(command, tree.value);
    if (objection !== undefined) return refused(objection);
    return command.room.kind === 'compile'
      ? this.#compile(command, tree.value, signal)
      : this.#runAny(command, tree.value, signal);
  }

  async #compile(command: BoxedCommand, tree: TreeDirectory, signal: AbortSignal): Promise<Boxed> {
    const { room, workingDirectory, outputPaths } = command;
    if (room.kind !== 'compile') throw new Error('A compile needs its toolchain');
    if (outputPaths.some((name) => !isOutputOfCompile(name)))
      return refused(`a compile's outputs are files in ${OUTPUT_DIRECTORY}`);
    const taken = await this.#pool.take(room.toolchain);
    if (!taken.ok) return err({ kind: 'derailed', message: taken.error });
    const root = taken.value;
    const below = toText(workingDirectory);
    let missing: MissingBlobs['digests'];
    try {
      missing = root.become(tree, (digest) => this.#options.blobs.fileOf(digest));
      // Where the tree is not laid out, its directories may still be links of another one.
      if (missing.length === 0) root.makeMountPoint(path.join(below, OUTPUT_DIRECTORY));
    } catch (error) {
      root[Symbol.dispose]();
      if (error instanceof TreeConflict) return refused(error.message);
      return err({ kind: 'derailed', message: `Cannot lay out the inputs: ${(error as Error).message}` });
    }
    try {
      if (missing.length > 0) return err({ kind: 'missing-blobs', digests: missing });
      using job = this.#options.directories.make();
      for (const name of ['out', 'tmp']) mkdirSync(`${job.path}/${name}`, { mode: 0o755 });
      const argv = argvForCompile(root, { job: job.path, directory: `/${below}`, pwd: pwdOf(command) });
      const temporary = `/${TEMPORARY_NAME}`;
      return await this.#start(
        command,
        { job: job.path, argv, temporary, outputsIn: OUTPUT_DIRECTORY },
        signal,
      );
    } finally {
      await this.#pool.giveBack(room.toolchain, root);
    }
  }

  async #runAny(command: BoxedCommand, tree: TreeDirectory, signal: AbortSignal): Promise<Boxed> {
    using job = this.#options.directories.make();
    const missing = layOutInputs(command, tree, { inputs: `${job.path}/out`, blobs: this.#options.blobs });
    if (missing.length > 0) return err({ kind: 'missing-blobs', digests: missing });
    const argv = argvForAny(
      job.path,
      this.#options.hidden,
      path.join(INPUTS, toText(command.workingDirectory)),
    );
    return await this.#start(command, { job: job.path, argv, temporary: '/tmp', outputsIn: '' }, signal);
  }

  async #start(
    command: BoxedCommand,
    { job, argv: box, temporary, outputsIn }: Start,
    signal: AbortSignal,
  ): Promise<Boxed> {
    const { runner, niceness, maxOutputBytes } = this.#options;
    const argv = [...box.map(fromText), '--', ...command.argv];
    const environment = [...command.environment, fromText(`TMPDIR=${temporary}`)];
    const program = programFor({ argv, environment, job, niceness, maxOutputBytes });
    const ended = await runner.run(program, signal);
    if (signal.aborted) return err({ kind: 'cancelled', message: 'The compile was stopped' });
    if (ended.failedAt !== undefined)
      return err({ kind: 'derailed', message: 'bubblewrap could not be started' });
    return resultOf(ended, command, { job, outputsIn, maxOutputBytes });
  }
}

interface ProgramParts {
  readonly argv: readonly ByteString[];
  readonly environment: readonly ByteString[];
  readonly job: string;
  readonly niceness: number;
  readonly maxOutputBytes: number;
}

function programFor({ argv, environment, job, niceness, maxOutputBytes }: ProgramParts): Program {
  return {
    argv,
    directory: '/',
    environment,
    stdoutPath: fromText(`${job}/stdout`),
    stderrPath: fromText(`${job}/stderr`),
    umask: UMASK,
    niceness,
    maxFileSizeBytes: maxOutputBytes,
  };
}

interface Start {
  /** Its own directory on this machine. */
  readonly job: string;
  /** The box's part of the command. */
  readonly argv: readonly string[];
  /** Where it may have files of its own, as it sees it. */
  readonly temporary: string;
  /** The directory of outputs, below the working directory. */
  readonly outputsIn: string;
}

interface Place {
  readonly job: string;
  /** The directory of outputs, below the working directory. */
  readonly outputsIn: string;
  readonly maxOutputBytes: number;
}

function resultOf(ended: Ended, command: BoxedCommand, { job, outputsIn, maxOutputBytes }: Place): Boxed {
  const stderr = readFileSync(`${job}/stderr`);
  // What bubblewrap says itself when it fails; a compiler that says so is not believed either.
  if (exitCodeOf(ended.waitStatus) !== 0 && stderr.subarray(0, 7).toString('latin1') === 'bwrap: ')
    return err({ kind: 'derailed', message: stderr.toString().trim().slice(0, 500) });
  const base =
    outputsIn === '' ? path.join(job, 'out', toText(command.workingDirectory)) : path.join(job, 'out');
  const outputs = collectOutputs(
    command.outputPaths.map((name) => ({
      name,
      file: path.join(base, toText(name).slice(outputsIn === '' ? 0 : outputsIn.length + 1)),
    })),
    maxOutputBytes,
  );
  if (outputs === undefined) return refused('its outputs are too large');
  return ok({ ...ended, stdout: readFileSync(`${job}/stdout`), stderr, outputs });
}

interface CompilePlace {
  readonly job: string;
  readonly directory: string;
  /** The directory as the client calls it. */
  readonly pwd: string | undefined;
}

function argvForCompile(root: BoxRoot, { job, directory, pwd }: CompilePlace): readonly string[] {
  return [
    BUBBLEWRAP,
    ...ISOLATION,
    '--ro-bind',
    root.path,
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--bind',
    `${job}/out`,
    path.join(directory, OUTPUT_DIRECTORY),
    '--bind',
    `${job}/tmp`,
    `/${TEMPORARY_NAME}`,
    // bubblewrap makes PWD of it.
    '--chdir',
    pwd ?? directory,
  ];
}

function pwdOf({ environment }: BoxedCommand): string | undefined {
  const variable = environment.find((other) => other.startsWith('PWD=/'));
  return variable && toText(variable.slice('PWD='.length));
}

/** Where a command that is no compile finds its input root. */
const INPUTS = '/tmp/inputs';

function argvForAny(job: string, hidden: readonly string[], directory: string): readonly string[] {
  return [
    BUBBLEWRAP,
    ...ISOLATION,
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    ...['/root', '/home', '/run', '/tmp', ...hidden]
      .filter((place) => existsSync(place))
      .flatMap((place) => ['--tmpfs', place]),
    '--bind',
    `${job}/out`,
    INPUTS,
    '--chdir',
    directory,
  ];
}

function isOutputOfCompile(name: ByteString): boolean {
  return /^\.manyhands\/[^/]+$/.test(name) && !name.endsWith('/..') && !name.endsWith('/.');
}

function refused(message: string): Result<never, Failure> {
  return err({ kind: 'refused', message });
}
