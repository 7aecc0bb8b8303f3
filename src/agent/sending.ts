/**
 * What one job sends: all that its compile reads, as blobs or as a tree of files, or its preprocessed text. Whatever
 * stands in the way of one form demotes this job, and no other, to the next.
 */
import { SENT_OUTPUT } from '../action/pump-argv.ts';
import type {
  ActionResult,
  BlobAction,
  EncodedTreeAction,
  PlainAction,
  SentAction,
} from '../action/action.ts';
import { formatDependencies, readDependencies } from '../action/dependency-file.ts';
import { PLAIN_TARGET } from '../action/plain-form.ts';
import { fromBytes, fromText, toBytes, toText, type ByteString } from '../base/byte-string.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { namesAssemblerFile } from '../command/assembler-text.ts';
import { PREPROCESSED_SUFFIX } from '../command/language.ts';
import { remoteArgv } from '../command/rewrite.ts';
import type { Form } from '../execute/preparation.ts';
import { withoutStockRoot } from '../execute/stock-root.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';
import { findClangTarget } from './clang-target.ts';
import { DEMOTIONS, type Demotion } from './demotion.ts';
import type { HeadersJob } from './headers.ts';
import type { JobContext } from './job.ts';
import { statusLine } from './log-lines.ts';
import type { RunHere } from './outcome.ts';
import type { Plan } from './plan.ts';
import { NO_BYPRODUCTS, preprocess, type Byproducts } from './preprocess.ts';

type Goes = Extract<Plan, { kind: 'goes' }>;

const NOT_SENT: Readonly<Record<Form, string>> = {
  blobs: 'the native wire is not used',
  plain: 'servers of other makes are not used',
  tree: 'headers are not sent',
  text: 'the text is not sent',
};

export class Sending implements Disposable {
  readonly #job: JobContext;
  readonly #planned: Goes;
  readonly #wantsDependencies: boolean;
  readonly #leases = new DisposableStack();
  #byproducts: Byproducts = NO_BYPRODUCTS;
  #argv: readonly string[] = [];
  #bytes = 0;
  #hasFailed = false;
  #demotion = '';
  #blobs: Result<BlobAction, Demotion> | undefined;

  constructor(job: JobContext, planned: Goes) {
    this.#job = job;
    this.#planned = planned;
    this.#wantsDependencies = planned.command.dependencies !== undefined;
  }

  /** As it was sent last. */
  get argv(): readonly string[] {
    return this.#argv;
  }

  /** Why it went in a lesser form, or could not go at all. */
  get demotion(): string {
    return this.#demotion;
  }

  /** Of the text, or of the files as they travel. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * undefined where only a lesser form can be had.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  async make(form: Form): Promise<Result<SentAction | undefined, RunHere>> {
    if (form === 'text') return this.#makeText();
    // A source that has been preprocessed is a text already.
    if (this.#planned.command.isPreprocessed) return ok(undefined);
    const made = await this.#makeOf(form);
    if (made.ok) return made;
    const { reason, detail } = made.error;
    // Neither the preprocessor nor another machine has the modules.
    if (reason === 'modules') return err({ kind: 'run-here', reason, detail });
    this.#demote('', form, made.error);
    return ok(undefined);
  }

  #makeOf(form: Exclude<Form, 'text'>): Promise<Result<SentAction, Demotion>> {
    switch (form) {
      case 'blobs':
        return this.makeBlobs();
      case 'plain':
        return this.#makePlain();
      case 'tree':
        return this.#makeTree();
    }
  }

  /** @throws {CallerGone} when the launcher goes away meanwhile. */
  async makeBlobs(): Promise<Result<BlobAction, Demotion>> {
    this.#blobs ??= await this.#stateBlobs();
    return this.#blobs;
  }

  /** What came of the files, as the compiler here would have made it; undefined where it is not the last word. */
  accept(result: ActionResult, form: Form): ActionResult | undefined {
    if (form === 'text' || form === 'blobs') return result;
    if (result.waitStatus !== 0) return form === 'tree' ? undefined : result;
    const { command } = this.#planned;
    const cleaned = form === 'tree' ? withoutStockRoot(result, command.makes === 'assembly') : result;
    if (cleaned === undefined || !this.#wantsDependencies) return cleaned;
    const dependencies = this.#readDependencies(
      result,
      form === 'tree' ? SENT_OUTPUT[command.makes] : PLAIN_TARGET,
    );
    return dependencies && { ...cleaned, dependencies };
  }

  /** A host has failed with what it was sent in that form. */
  fail(host: string, form: Form, { kind, message }: Failure): void {
    // A connection that breaks says nothing of the files.
    this.#hasFailed ||= form === 'tree' && kind === 'refused';
    const reason = form === 'tree' ? 'failed-with-headers' : 'refused-whole';
    this.#demote(host, form, { reason, detail: message });
  }

  /** A host has compiled it. */
  succeed(): void {
    if (this.#hasFailed) this.#job.headers.distrust(this.#headersJob);
  }

  /** What there is besides the object, of what was sent in that form. */
  byproductsOf({ dependencies }: ActionResult, form: Form): Byproducts {
    return form === 'text'
      ? this.#byproducts
      : { ...NO_BYPRODUCTS, dependencies: this.#wantsDependencies ? dependencies : undefined };
  }

  [Symbol.dispose](): void {
    this.#leases.dispose();
  }

  get #headersJob(): HeadersJob {
    const { compilerName, command } = this.#planned;
    return { command, compiler: { name: compilerName }, caller: this.#job.caller, spool: this.#job.spool };
  }

  async #makeTree(): Promise<Result<EncodedTreeAction, Demotion>> {
    const { record, headers, caller, staging } = this.#job;
    record.phase('preprocess', 'localhost');
    const target = await this.#findTarget();
    const job = this.#headersJob;
    const tree = await headers.makeTree({
      ...job,
      compiler: { ...job.compiler, ...(target !== undefined && { target }) },
    });
    if (!tree.ok) return tree;
    caller.announce(staging.names);
    this.#argv = tree.value.argv.map(toText);
    this.#bytes = tree.value.tree.packets.reduce((sum, { length }) => sum + length, 0);
    return tree;
  }

  #stateBlobs(): Promise<Result<BlobAction, Demotion>> {
    return this.#state((toolchain) => this.#job.headers.makeBlobs(this.#headersJob, toolchain));
  }

  #makePlain(): Promise<Result<PlainAction, Demotion>> {
    return this.#state((toolchain) => this.#job.headers.makePlain(this.#headersJob, toolchain));
  }

  async #state<T extends BlobAction | PlainAction>(
    make: (toolchain: ToolchainTree) => Promise<Result<T, Demotion>>,
  ): Promise<Result<T, Demotion>> {
    const { record, caller, staging, toolchains, spool } = this.#job;
    record.phase('preprocess', 'localhost');
    const toolchain = await toolchains.of(caller, spool);
    if (!toolchain.ok) return err({ reason: 'odd-compiler', detail: toolchain.error });
    const made = await make(toolchain.value);
    if (!made.ok) return made;
    caller.announce(staging.names);
    this.#argv = made.value.argv;
    return made;
  }

  /** Preprocesses as soon as there is room for one more preprocessor. */
  async #makeText(): Promise<Result<SentAction, RunHere>> {
    const { caller, local, record, log, temps } = this.#job;
    const { command, hosts, compilerName } = this.#planned;
    record.phase('blocked', 'localhost');
    using _slot = await local.forPreprocessor(hosts, caller.signal);
    record.phase('preprocess', 'localhost');
    const preprocessed = await preprocess(command, {
      ...this.#job,
      wantsDependencies: this.#wantsDependencies,
    });
    if (preprocessed === undefined)
      return err({ kind: 'run-here', reason: 'preprocessor-failed', detail: command.source });
    const source = this.#leases.use(preprocessed.text).bytes;
    if (namesAssemblerFile(source))
      return err({ kind: 'run-here', reason: 'assembler-file', detail: command.source });
    log.say(...statusLine('cpp', { source: command.source, host: 'localhost', status: 0 }));
    const target = await this.#findTarget();
    this.#byproducts = preprocessed.byproducts;
    this.#argv = remoteArgv(command, { name: compilerName, ...(target !== undefined && { target }) });
    this.#bytes = source.length;
    temps.keepText(source, PREPROCESSED_SUFFIX[command.language]);
    return ok({ kind: 'text', argv: this.#argv.map(fromText), source });
  }

  async #findTarget(): Promise<string | undefined> {
    const { caller, spool } = this.#job;
    return this.#planned.tellsTarget ? findClangTarget(caller, spool) : undefined;
  }

  /** @param target that it was told to write before the colon. */
  #readDependencies({ dependencies }: ActionResult, target: ByteString): Uint8Array | undefined {
    const { command } = this.#planned;
    if (dependencies === undefined) return undefined;
    const read = readDependencies(fromBytes(dependencies), target);
    const text = read && formatDependencies(command, read);
    return text === undefined ? undefined : toBytes(text);
  }

  #demote(host: string, form: Form, { reason, detail }: Demotion): void {
    this.#job.record.demotion(host, reason, detail);
    this.#demotion = `${DEMOTIONS[reason]}: ${detail}`;
    this.#job.log.say('info', `${NOT_SENT[form]}: ${this.#demotion}`);
  }
}
