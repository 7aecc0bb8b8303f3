/**
 * A compile as blobs, for a worker of ours: it is done there in the same directory, with the same files under the same
 * names, by the same compiler. docs/protocol/native.md has what is stated.
 */
import { formatDigest } from '../base/digest.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { sentVariables } from '../command/environment-table.ts';
import { speaksUtf8 } from '../command/message-locale.ts';
import { redirectedArgv } from '../command/rewrite.ts';
import type { Word } from '../command/words.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';
import { stateAction, stateCommand } from '../wire/reapi/statement.ts';
import type { BlobAction, StatedToolchain } from './action.ts';
import type { InputTrees } from './input-tree.ts';
import type { NativeObjection, NativeRefusal } from './native-objection.ts';

export interface NativeJob {
  readonly command: CompileCommand;
  readonly closure: Closure;
  readonly toolchain: StatedToolchain & {
    /** Absolute, as it is called. */
    readonly compiler: string;
    readonly searchPath: string;
  };
  readonly environment: ReadonlyMap<string, string>;
  /** Absolute, through no link. */
  readonly directory: string;
  /** `$PWD`, where it names that directory. */
  readonly logicalDirectory: string;
  /** Changes when some name may lead elsewhere than before. */
  readonly epoch: number;
}

/** Outputs stand in a directory of their own, the only one that can be written to. */
export const OUTPUT_DIRECTORY = '.manyhands';

export const PLATFORM = {
  toolchain: 'toolchain',
  compiler: 'toolchain-compiler',
  version: 'toolchain-version',
} as const;

export class NativeForms {
  readonly #trees: InputTrees;

  constructor(trees: InputTrees) {
    this.#trees = trees;
  }

  form(job: NativeJob): Result<BlobAction, NativeRefusal> {
    const { command, toolchain } = job;
    const objection = objectionToWords(command);
    if (objection !== undefined) return err(objection);
    const tree = this.#trees.grow({
      ...job,
      looksAtInodes: command.family !== 'gcc',
      withoutBuiltin: false,
    });
    if (!tree.ok) return tree;
    const { statement, outputs } = stateJob(job);
    const { root: inputRoot, directories, files } = tree.value;
    const action = stateAction(statement.digest, { inputRoot, platform: platformOf(job) });
    return ok({
      kind: 'blobs',
      action,
      command: statement,
      directories,
      files,
      toolchain: { root: toolchain.root, version: toolchain.version },
      outputs,
      argv: command.argv,
    });
  }
}

function stateJob(job: NativeJob): { statement: Blob; outputs: BlobAction['outputs'] } {
  const { command, toolchain, directory } = job;
  const object = `${OUTPUT_DIRECTORY}/out${command.makes === 'object' ? '.o' : '.s'}`;
  const dependencyFile = `${OUTPUT_DIRECTORY}/out.d`;
  const dependencies = command.dependencies === undefined ? undefined : dependencyFile;
  const statement = stateCommand({
    arguments: redirectedArgv(command, { compiler: toolchain.compiler, output: object, dependencyFile }),
    environment: new Map([...environmentOf(job), ['PWD', job.logicalDirectory]]),
    workingDirectory: directory.slice(1),
    outputPaths: dependencies === undefined ? [object] : [object, dependencies],
    platform: platformOf(job),
  });
  return { statement, outputs: { object, dependencies } };
}

/** What a compile is told, but for where it is called. */
export function environmentOf({
  environment,
  toolchain,
}: Pick<NativeJob, 'environment' | 'toolchain'>): ReadonlyMap<string, string> {
  return new Map([
    ...sentVariables(environment),
    ['LC_ALL', speaksUtf8(environment) ? 'C.UTF-8' : 'C'],
    ['PATH', toolchain.searchPath],
  ]);
}

function platformOf({ toolchain }: NativeJob): ReadonlyMap<string, string> {
  return new Map([
    [PLATFORM.toolchain, formatDigest(toolchain.root)],
    [PLATFORM.compiler, toolchain.compiler],
    [PLATFORM.version, toolchain.version],
  ]);
}

const CHARSET = /^-f(?:input|exec|wide-exec)-charset/;
/** What has clang look at directories of compilers and systems, of which the worker is sent the headers alone, or for an assembler. */
const LOOKS_AROUND =
  /^--?(?:gcc-toolchain|gcc-install-dir|sysroot|isysroot|target)\b|^-m(?:32|64|x32)$|^-f?no-integrated-as$/;

/** What is in the way wherever it is compiled from blobs. */
export function objectionToWords(command: CompileCommand): NativeRefusal | undefined {
  for (const word of command.words) {
    const reason = objectionTo(word, command);
    if (reason !== undefined) return { reason, detail: word.texts.join(' ') };
  }
  return undefined;
}

function objectionTo({ texts }: Word, { family }: CompileCommand): NativeObjection | undefined {
  const [first = ''] = texts;
  if (CHARSET.test(first)) return 'other-charset';
  return family !== 'gcc' && LOOKS_AROUND.test(first) ? 'reads-more' : undefined;
}
