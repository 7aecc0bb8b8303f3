/**
 * Sources with all their headers, ready to be sent: the scanner on this machine's files, and the questions
 * that it has for compilers, put to them by the launchers whose jobs need the answers.
 *
 * Jobs that come at the same time share one look at the file system: each waits for the turn of the event
 * loop after its own, and all that wait for it are scanned in it.
 */
import { setImmediate } from 'node:timers/promises';
import type { BlobAction, EncodedTreeAction, PlainAction } from '../action/action.ts';
import { InputTrees } from '../action/input-tree.ts';
import { NativeForms } from '../action/native-form.ts';
import { PlainForms, type PlainJob } from '../action/plain-form.ts';
import { PumpForms } from '../action/pump-form.ts';
import { fromText, toText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { makesDebugInformation } from '../command/debug-information.ts';
import type { RemoteCompiler } from '../command/rewrite.ts';
import { versionOf } from '../files/file-version.ts';
import { INCLUDE_READER } from '../files/include-reader.ts';
import { SOURCE_PLACE, type Question } from '../includes/compiler-facts.ts';
import type { DoubtReason } from '../includes/doubt.ts';
import type { Closure } from '../includes/answer-memory.ts';
import { Scanner, type ScanRequest } from '../includes/scanner.ts';
import { askCompiler, isFileError } from './ask-compiler.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';
import type { Caller } from './caller.ts';
import type { Demotion } from './demotion.ts';

export interface HeadersJob {
  readonly command: CompileCommand;
  readonly compiler: RemoteCompiler;
  readonly caller: Caller;
  /** The agent's private directory. */
  readonly spool: string;
}

/** Each asks for what came up since the last. */
export const MOST_QUESTIONS = 60;
/** What is kept of commands whose headers were wrong. */
const MOST_DISTRUSTED = 10_000;

export class Headers {
  readonly #scanner: Scanner;
  readonly #trees: PumpForms;
  readonly #blobs: NativeForms;
  readonly #plain: PlainForms;
  readonly #distrusted = new Map<string, Demotion>();
  /** Questions that some launcher puts to its compiler now. */
  readonly #asking = new Map<string, Promise<void>>();
  #nextPass: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#scanner = new Scanner(INCLUDE_READER, clock);
    const linkAt = (name: string): string | undefined => this.#scanner.linkAt(name);
    this.#trees = new PumpForms(linkAt);
    const trees = new InputTrees(linkAt);
    this.#blobs = new NativeForms(trees);
    this.#plain = new PlainForms(trees);
  }

  /**
   * As distcc's protocol 3 has it.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  async makeTree(job: HeadersJob): Promise<Result<EncodedTreeAction, Demotion>> {
    const distrust = this.#distrusted.get(keyOf(job));
    if (distrust !== undefined) return err(distrust);
    const closure = await this.#find(job);
    return closure.ok ? this.#formTree(job, closure.value) : closure;
  }

  /**
   * As the native wire has it.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  async makeBlobs(job: HeadersJob, toolchain: ToolchainTree): Promise<Result<BlobAction, Demotion>> {
    const native = await this.#stateNative(job, toolchain);
    return native.ok ? this.#blobs.form(native.value) : native;
  }

  /**
   * For servers of the Remote Execution API of any make.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  async makePlain(job: HeadersJob, toolchain: ToolchainTree): Promise<Result<PlainAction, Demotion>> {
    const native = await this.#stateNative(job, toolchain);
    return native.ok ? this.#plain.form(native.value) : native;
  }

  async #find(job: HeadersJob): Promise<Result<Closure, Demotion>> {
    const { command, caller } = job;
    const { invocation } = caller;
    const request: ScanRequest = {
      command: inBytes(command),
      compiler: invocation.compiler,
      compilerVersion: versionOf(invocation.compiler),
      directory: invocation.directory,
      environment: invocation.environment,
    };
    for (let questionsLeft = MOST_QUESTIONS; questionsLeft > 0; questionsLeft--) {
      await this.#pass();
      caller.signal.throwIfAborted();
      const answer = this.#scanner.scan(request);
      if (answer.kind === 'unsure') return err(answer);
      if (answer.kind === 'closure') return ok(answer.closure);
      try {
        await this.#ask(job, answer.question);
      } catch (error) {
        if (!isFileError(error)) throw error;
        return err({ reason: 'cannot-ask', detail: error.message });
      }
    }
    return err({ reason: 'asks-too-much', detail: command.source });
  }

  /** It turned out that a command does not compile with the headers that are sent with it. */
  distrust(job: HeadersJob): void {
    if (this.#distrusted.size >= MOST_DISTRUSTED) this.#distrusted.clear();
    this.#distrusted.set(keyOf(job), { reason: 'failed-with-headers', detail: job.command.source });
  }

  #pass(): Promise<void> {
    this.#nextPass ??= setImmediate().then(() => {
      this.#nextPass = undefined;
      this.#scanner.openPass();
    });
    return this.#nextPass;
  }

  #formTree(
    { command, compiler, caller }: HeadersJob,
    closure: Closure,
  ): Result<EncodedTreeAction, Demotion> {
    const mark = markInTheWay(closure, command);
    if (mark !== undefined) return err({ reason: mark, detail: command.source });
    const { directory, pwd } = caller.invocation;
    return this.#trees.form({
      command,
      compiler,
      closure,
      directory,
      logicalDirectory: makesDebugInformation(command) ? pwd : '',
      epoch: this.#scanner.epoch,
    });
  }

  async #stateNative(job: HeadersJob, toolchain: ToolchainTree): Promise<Result<PlainJob, Demotion>> {
    const found = await this.#find(job);
    if (!found.ok) return found;
    const closure = found.value;
    const { command, caller } = job;
    const mark = [...closure.marks].find((mark) => !GOES_ALONG.has(mark));
    if (mark !== undefined) return err({ reason: mark, detail: command.source });
    const { directory, pwd, environment } = caller.invocation;
    const logicalDirectory = pwd === '' ? directory : pwd;
    const { epoch } = this.#scanner;
    return ok({ command, closure, toolchain, environment, directory, logicalDirectory, epoch });
  }

  /** Has the caller's launcher put a question, or waits for somebody else's. */
  async #ask(job: HeadersJob, question: Question): Promise<void> {
    const other = this.#asking.get(question.key);
    if (other !== undefined) return other;
    const asking = this.#askOwn(job, question);
    // Who waits for another's question asks again, should that one's launcher go away.
    this.#asking.set(
      question.key,
      asking.catch(() => {}),
    );
    try {
      await asking;
    } finally {
      this.#asking.delete(question.key);
    }
  }

  async #askOwn(job: HeadersJob, { key, argv, text, suffix }: Question): Promise<void> {
    const said = await askCompiler(job, {
      program: '',
      argv: (source) => argv.map((word) => (word === SOURCE_PLACE ? source : toText(word))),
      text: { content: text, suffix },
    });
    this.#scanner.learn(key, said);
  }
}

/** The scanner compares words with files' contents, which are bytes. */
export function inBytes(command: CompileCommand): CompileCommand {
  // oxlint-disable-next-line no-control-regex -- every ASCII byte counts, control characters too
  if (command.argv.every((word) => /^[\x00-\x7f]*$/.test(word))) return command;
  const words = command.words.map((word) => ({
    ...word,
    texts: word.texts.map(fromText),
    ...(word.operand !== undefined && { operand: fromText(word.operand) }),
  }));
  return { ...command, words, argv: command.argv.map(fromText), source: fromText(command.source) };
}

function keyOf({ command, caller }: HeadersJob): string {
  return [caller.invocation.directory, command.source, command.output].join('\0');
}

/** What files have in them that means something else on another machine. */
export function markInTheWay({ marks }: Closure, { source }: CompileCommand): DoubtReason | undefined {
  return [...marks].find((mark) => !GOES_ALONG.has(mark) || (mark === 'base-file' && source.startsWith('/')));
}

/** They mean the same on a worker that has the files under their own names. */
const GOES_ALONG: ReadonlySet<DoubtReason> = new Set(['base-file', 'absolute-include']);
