/**
 * Which files will this compile read? Remembers the answer for each command, with what it stands on, and
 * what compilers say of themselves.
 *
 *   for (;;) {
 *     const answer = scanner.scan(request);
 *     if (answer.kind !== 'ask') break;
 *     scanner.learn(answer.question.key, …what the compiler said…);
 *   }
 *
 * Jobs that are scanned between two calls of openPass() share their looks at the file system: a job may be
 * scanned in a pass that was opened after it had come, not in an earlier one.
 */
import type { Clock } from '../base/clock.ts';
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import {
  askedWords,
  definitionsOf,
  type CompilerAnswer,
  type CompilerFacts,
  type Question,
} from './compiler-facts.ts';
import { Doubt, type DoubtReason } from './doubt.ts';
import { FileTree } from './file-tree.ts';
import { AnswerMemory, type Closure } from './answer-memory.ts';
import { asText } from './header-name.ts';
import { Knowledge } from './knowledge.ts';
import { MustAsk } from './query.ts';
import type { Reader } from './reader.ts';
import { buildSearchPath, searchDirectoriesOf } from './search-path.ts';
import type { Translation } from './translation.ts';
import { walk } from './walk.ts';

export interface ScanRequest {
  readonly command: CompileCommand;
  /** Absolute: the program that the command calls. */
  readonly compiler: string;
  /** Changes when that program does. */
  readonly compilerVersion: string;
  /** Absolute, of the call. */
  readonly directory: string;
  readonly environment: ReadonlyMap<string, string>;
}

export type ScanAnswer =
  | { readonly kind: 'closure'; readonly closure: Closure }
  /** To be put to the compiler, and then to be scanned again. */
  | { readonly kind: 'ask'; readonly question: Question }
  | { readonly kind: 'unsure'; readonly reason: DoubtReason; readonly detail: string };

/** A walk cannot go on before this is answered. */
class MustAskFirst extends Error {
  readonly question: Question;

  constructor(question: Question) {
    super('the compiler has to be asked');
    this.question = question;
  }
}

/** All of them change where headers are looked for. */
const SEARCH_VARIABLES = [
  'CPATH',
  'C_INCLUDE_PATH',
  'CPLUS_INCLUDE_PATH',
  'OBJC_INCLUDE_PATH',
  'OBJCPLUS_INCLUDE_PATH',
];
const PREPROCESSOR_OPTIONS: ReadonlySet<string> = new Set([
  '-A',
  '-H',
  '-traditional-cpp',
  '-finput-charset=',
  '-Xclang',
]);

/** Options without a row of their own that change how texts are read, or where headers are looked for. */
const NOT_FOLLOWED =
  /^-(?:fms-|fno-operator-names|fmodule|fpch|fpreprocess|fdirectives-only|fextended-identifiers|fno-dollars|fmax-include-depth|working-directory|include-pch|imsvc)/;
/** They may change what the compiler says of itself. */
const COMPILER_VARIABLES = ['PATH', 'COMPILER_PATH', 'GCC_EXEC_PREFIX', 'CCC_OVERRIDE_OPTIONS', 'SDKROOT'];

const MOST_ENTRIES = 400_000;
const MOST_BYTES = 1 << 30;

export class Scanner {
  readonly #reader: Reader;
  readonly #clock: Clock;
  #tree: FileTree;
  readonly #answers = new AnswerMemory();
  readonly #knowledge = new Knowledge();

  constructor(reader: Reader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    this.#tree = new FileTree(reader, clock);
  }

  /** The file system is looked at anew. */
  openPass(): void {
    this.#tree.openPass();
    if (this.#tree.size <= MOST_ENTRIES && this.#tree.sizeBytes <= MOST_BYTES) return;
    this.#tree = new FileTree(this.#reader, this.#clock);
    this.#answers.clear();
  }

  scan(request: ScanRequest): ScanAnswer {
    const { command, compiler, compilerVersion, directory } = request;
    try {
      const variables = variablesOf(request);
      const key = [compiler, compilerVersion, directory, ...variables, ...inputWords(command)].join('\0');
      const before = this.#answers.find(key, this.#tree);
      if (before !== undefined) return { kind: 'closure', closure: before };
      return this.#scanAnew(key, request);
    } catch (error) {
      if (error instanceof Doubt) return { kind: 'unsure', reason: error.reason, detail: error.detail };
      throw error;
    }
  }

  /** What the compiler said to a question. */
  learn(key: string, answer: CompilerAnswer): void {
    this.#knowledge.learn(key, answer);
  }

  /** Changes when some name has come to lead elsewhere. */
  get epoch(): number {
    return this.#tree.identities;
  }

  /** The text of a symbolic link; undefined for what is none. */
  linkAt(path: string): string | undefined {
    return this.#tree.linkAt(path);
  }

  #scanAnew(key: string, request: ScanRequest): ScanAnswer {
    const { command, directory } = request;
    objectTo(command);
    const typed = searchDirectoriesOf(command);
    const knownKey = knowledgeKey(request);
    const facts = this.#knowledge.facts(knownKey, command);
    if ('text' in facts) return { kind: 'ask', question: facts };
    const builtin = facts.searchDirectories;
    const isClang = command.family === 'clang';
    const search = buildSearchPath(this.#tree, typed, { directory, builtin, isClang });
    const answers = this.#knowledge.answers(knownKey);
    const macrosWith = (options: readonly ByteString[]): CompilerFacts['macros'] => {
      const known = this.#knowledge.facts(knownKey, command, options);
      if ('text' in known) throw new MustAskFirst(known);
      return known.macros;
    };
    try {
      const walked = walk(this.#tree, translationOf(request, { facts, answers, search, macrosWith }));
      const closure: Closure = {
        files: walked.files,
        unread: walked.unread,
        searchDirectories: search.directories,
        builtinDirectories: builtin,
        preincluded: facts.preincluded,
        marks: walked.marks,
      };
      this.#answers.remember(key, closure, walked);
      return { kind: 'closure', closure };
    } catch (error) {
      if (error instanceof MustAskFirst) return { kind: 'ask', question: error.question };
      if (!(error instanceof MustAsk)) throw error;
      return { kind: 'ask', question: this.#knowledge.ask(knownKey, command, error.queries) };
    }
  }
}

/**
 * What the answer depends on besides the words.
 *
 * @throws {Doubt} for what is not followed.
 */
function variablesOf({ environment }: ScanRequest): readonly string[] {
  const variable = SEARCH_VARIABLES.find((name) => environment.has(name));
  if (variable !== undefined) throw new Doubt('search-options', variable);
  return COMPILER_VARIABLES.map((name) => environment.get(name) ?? '');
}

/** @throws {Doubt} for what is not followed. */
function objectTo({ family, compiler, words }: CompileCommand): void {
  if (family === 'unknown') throw new Doubt('compiler-silent', compiler);
  for (const { option, texts } of words) {
    const [text = ''] = texts;
    if (PREPROCESSOR_OPTIONS.has(option?.name ?? '') || NOT_FOLLOWED.test(text))
      throw new Doubt('preprocessor-options', texts.join(' '));
  }
}

/** The words on which it depends which files are read; and some more. */
function inputWords({ compiler, words }: CompileCommand): readonly ByteString[] {
  return [
    compiler,
    ...words.flatMap(({ option, texts }) =>
      option?.effect === 'output' || option?.effect.startsWith('dependency-') === true ? [] : texts,
    ),
  ];
}

/** Drivers that are called by their mere name look for themselves on PATH. */
function knowledgeKey({ command, compiler, compilerVersion, directory, environment }: ScanRequest): string {
  const words = askedWords(command);
  const isPlaceBound = words.some((word) => word.includes('/'));
  return [
    compiler,
    compilerVersion,
    ...COMPILER_VARIABLES.map((name) => environment.get(name) ?? ''),
    isPlaceBound ? directory : '',
    command.compiler,
    command.language,
    ...words,
    command.source.slice(command.source.lastIndexOf('.')),
  ].join('\0');
}

function translationOf(
  { command, directory }: ScanRequest,
  {
    facts,
    ...rest
  }: Pick<Translation, 'answers' | 'search' | 'macrosWith'> & { readonly facts: CompilerFacts },
): Translation {
  const named = (name: string): readonly string[] =>
    command.words.flatMap(({ option, operand = '' }) => (option?.name === name ? [asText(operand)] : []));
  return {
    directory,
    source: asText(command.source),
    dialect: facts.language,
    hasLineComments: facts.language.hasLineComments,
    hasNewBranches: facts.language.hasNewBranches,
    hasTrue: facts.language.hasTrue,
    isClang: command.family === 'clang',
    shortensNames:
      command.family === 'gcc' &&
      !command.words.some(({ texts }) => texts[0] === '-fno-canonical-system-headers'),
    mapsNames: command.words.some(({ texts }) => /^-f(?:macro|file)-prefix-map=/.test(texts[0] ?? '')),
    macros: facts.macros,
    builtins: facts.builtins,
    definitions: definitionsOf(command),
    macroFiles: named('-imacros'),
    preincluded: [
      ...facts.preincluded.map((name) => ({ name, isBuiltin: true })),
      ...named('-include').map((name) => ({ name, isBuiltin: false })),
    ],
    ...rest,
  };
}
