/**
 * Sources with all their headers, ready to be sent: the scanner on this machine's files, and the questions
 * that it has for compilers, put to them by the launchers whose jobs need the answers.
 *
 * Jobs that come at the same time share one look at the file system: each waits for the turn of the event
 * loop after its own, and all that wait for it are scanned in it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { EncodedTreeAction } from '../action/action.ts';
import { PumpForms } from '../action/pump-form.ts';
import { PUMP_OBJECTIONS } from '../action/pump-objection.ts';
import { fromText, toText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { err, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { makesDebugInformation } from '../command/debug-information.ts';
import type { RemoteCompiler } from '../command/rewrite.ts';
import { versionOf } from '../files/file-version.ts';
import { INCLUDE_READER } from '../files/include-reader.ts';
import { SOURCE_PLACE, type Question } from '../includes/compiler-facts.ts';
import { DOUBTS, type DoubtReason } from '../includes/doubt.ts';
import type { Closure } from '../includes/answer-memory.ts';
import { Scanner, type ScanRequest } from '../includes/scanner.ts';
import type { Caller } from './caller.ts';

/** Why a job is preprocessed here although its host would do that. */
export const DEMOTIONS = {
  ...DOUBTS,
  ...PUMP_OBJECTIONS,
  'asks-too-much': 'The compiler has to be asked too many questions',
  'cannot-ask': 'A question to the compiler cannot be written down',
  'failed-with-headers': 'The host did not compile it with the headers that we had sent',
} as const;

export type DemotionReason = keyof typeof DEMOTIONS;

export interface Demotion {
  readonly reason: DemotionReason;
  readonly detail: string;
}

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

let serial = 0;

export class Headers {
  readonly #scanner: Scanner;
  readonly #forms: PumpForms;
  readonly #distrusted = new Map<string, Demotion>();
  /** Questions that some launcher puts to its compiler now. */
  readonly #asking = new Map<string, Promise<void>>();
  #nextPass: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#scanner = new Scanner(INCLUDE_READER, clock);
    this.#forms = new PumpForms((name) => this.#scanner.linkAt(name));
  }

  /** @throws {CallerGone} when the launcher goes away meanwhile. */
  async prepare(job: HeadersJob): Promise<Result<EncodedTreeAction, Demotion>> {
    const { command, caller } = job;
    const { invocation } = job.caller;
    const distrust = this.#distrusted.get(keyOf(job));
    if (distrust !== undefined) return err(distrust);
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
      if (answer.kind === 'closure') return this.#form(job, answer.closure);
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

  #form({ command, compiler, caller }: HeadersJob, closure: Closure): Result<EncodedTreeAction, Demotion> {
    const mark = markInTheWay(closure, command);
    if (mark !== undefined) return err({ reason: mark, detail: command.source });
    const { directory, pwd } = caller.invocation;
    return this.#forms.form({
      command,
      compiler,
      closure,
      directory,
      logicalDirectory: makesDebugInformation(command) ? pwd : '',
      epoch: this.#scanner.epoch,
    });
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

  async #askOwn({ caller, spool }: HeadersJob, { key, argv, text, suffix }: Question): Promise<void> {
    const stem = path.join(spool, `question-${process.pid}-${serial++}`);
    const source = `${stem}${suffix}`;
    const [stdoutPath, stderrPath] = [path.join(stem, 'out'), path.join(stem, 'err')];
    caller.announce([source, stdoutPath, stderrPath, stem]);
    try {
      // Somebody who cleans up may have removed it.
      mkdirSync(spool, { recursive: true, mode: 0o700 });
      writeFileSync(source, text, { encoding: 'latin1', flag: 'wx', mode: 0o600 });
      const words = argv.map((word) => (word === SOURCE_PLACE ? source : toText(word)));
      const ended = await caller.spawn({
        program: '',
        argv: words,
        environment: ['LC_ALL=C'],
        stdoutPath,
        stderrPath,
      });
      this.#scanner.learn(key, {
        isWell: ended.errno === 0 && ended.status === 0,
        stdout: readFileSync(stdoutPath, 'latin1'),
        stderr: readFileSync(stderrPath, 'latin1'),
      });
    } finally {
      rmSync(source, { force: true });
      rmSync(stem, { recursive: true, force: true });
    }
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

/** A disk that is full, say. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function keyOf({ command, caller }: HeadersJob): string {
  return [caller.invocation.directory, command.source, command.output].join('\0');
}

/** What files have in them that means something else on another machine. */
export function markInTheWay({ marks }: Closure, { source }: CompileCommand): DoubtReason | undefined {
  return [...marks].find((mark) => mark !== 'base-file' || source.startsWith('/'));
}
