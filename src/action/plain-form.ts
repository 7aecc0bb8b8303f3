/**
 * A compile as blobs for a server that runs it inside its input root, wherever that is: the same files, and the same
 * command with names below that root, which are mapped back. docs/protocol/native.md has what is stated.
 */
import { err, ok, type Result } from '../base/result.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';
import { stateAction, stateCommand } from '../wire/reapi/statement.ts';
import type { BlobAction, PlainAction, PlainTerms } from './action.ts';
import { formatDependencies, type Dependencies } from './dependency-file.ts';
import type { InputTrees } from './input-tree.ts';
import { environmentOf, objectionToWords, OUTPUT_DIRECTORY, type NativeJob } from './native-form.ts';
import type { NativeRefusal } from './native-objection.ts';
import { plainArgv, type PlainRefusal } from './plain-argv.ts';
import { wrap } from './plain-script.ts';

export interface PlainJob extends NativeJob {
  readonly toolchain: NativeJob['toolchain'] & {
    /** What it says to -v. */
    readonly banner: string;
  };
}

type Refusal = NativeRefusal | PlainRefusal;

/** What a plain compile's dependency file has before its colon. */
export const PLAIN_TARGET = 'out.o';

export class PlainForms {
  readonly #trees: InputTrees;

  constructor(trees: InputTrees) {
    this.#trees = trees;
  }

  form(job: PlainJob): Result<PlainAction, Refusal> {
    const { command, directory, logicalDirectory } = job;
    const objection = objectionToWords(command) ?? objectionToJob(job);
    if (objection !== undefined) return err(objection);
    // Below another root the directory of the call would be the root itself.
    if (directory === '/' || logicalDirectory === '/') return err({ reason: 'absolute-name', detail: '/' });
    const first = this.#state(job, { hasHeaders: false, platform: new Map() });
    if (!first.ok) return first;
    return ok({
      kind: 'plain',
      argv: command.argv,
      toolchain: first.value.toolchain,
      state: (terms) => {
        const stated = this.#state(job, terms);
        // What goes with all files goes with fewer.
        if (!stated.ok) throw new Error(`${stated.error.reason}: ${stated.error.detail}`);
        return stated.value;
      },
    });
  }

  #state(job: PlainJob, { hasHeaders, platform }: PlainTerms): Result<BlobAction, Refusal> {
    const { command, closure, toolchain, directory, logicalDirectory } = job;
    const looksAtInodes = command.family !== 'gcc';
    const tree = this.#trees.grow({ ...job, looksAtInodes, withoutBuiltin: hasHeaders });
    if (!tree.ok) return tree;
    const twins = twinsOf(tree.value.files);
    if (twins.length > 0 && (looksAtInodes || twins.some(isOnce) || tree.value.files.some(imports)))
      return err({ reason: 'equal-files', detail: command.source });
    const outputs = {
      output: `${OUTPUT_DIRECTORY}/out${command.makes === 'object' ? '.o' : '.s'}`,
      dependencyFile: `${OUTPUT_DIRECTORY}/out.d`,
      target: PLAIN_TARGET,
    };
    const argv = plainArgv(command, closure, { hasHeaders, outputs, directory });
    if (!argv.ok) return argv;
    const { compiler, banner } = toolchain;
    const place = `${directory.slice(1)}/`;
    const object = place + outputs.output;
    const dependencies = command.dependencies === undefined ? undefined : place + outputs.dependencyFile;
    const statement = stateCommand({
      arguments: wrap({ compiler, banner, directory: logicalDirectory, argv: argv.value }),
      environment: environmentOf(job),
      workingDirectory: '',
      outputPaths: dependencies === undefined ? [object] : [object, dependencies],
      platform,
      isForAll: true,
    });
    const { root: inputRoot, directories, files } = tree.value;
    return ok({
      kind: 'blobs',
      action: stateAction(statement.digest, { inputRoot, platform }),
      command: statement,
      directories,
      files,
      toolchain: { root: toolchain.root, version: toolchain.version },
      outputs: { object, dependencies },
      argv: command.argv,
    });
  }
}

function objectionToJob({ command, closure }: PlainJob): Refusal | undefined {
  const { source } = command;
  if (closure.marks.has('absolute-include')) return { reason: 'absolute-name', detail: source };
  const { dependencies } = command;
  if (dependencies === undefined || formatDependencies(command, NO_DEPENDENCIES) !== undefined)
    return undefined;
  return { reason: 'odd-targets', detail: source };
}

const NO_DEPENDENCIES: Dependencies = { names: [], phonies: '' };

/** A server may keep equal files as one, or give them one age, by which gcc takes them for one. */
function twinsOf(files: readonly Blob[]): readonly Blob[] {
  const seen = new Set<string>();
  return files.filter(({ digest }) => seen.size === seen.add(digest.hash).size);
}

function isOnce(file: Blob): boolean {
  return has(file, 'once', /\bonce\b/);
}

function imports(file: Blob): boolean {
  return has(file, 'import', /#[ \t]*import\b/);
}

function has({ bytes }: Blob, word: string, pattern: RegExp): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes(word) && pattern.test(buffer.toString('latin1'));
}
