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
  askForFacts,
  askQueries,
  definitionsOf,
  readAnswers,
  readFacts,
  type CompilerAnswer,
  type CompilerFacts,
  type Question,
} from './compiler-facts.ts';
import { Doubt, type DoubtReason } from './doubt.ts';
import { FileTree, type DirectoryEntry, type FileEntry, type ReadFile } from './file-tree.ts';
import type { Reader } from './reader.ts';
import { buildSearchPath, searchDirectoriesOf, type SearchDirectory } from './search-path.ts';
import { MustAsk, walk, type Translation } from './walk.ts';

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

/** All files that a compile will read. The same object as long as the answer is the same. */
export interface Closure {
  readonly files: readonly ReadFile[];
  /** Those of them of which nothing is seen under that name. */
  readonly unread: ReadonlySet<ReadFile>;
  /** Those of the command and of the compiler that are there. */
  readonly searchDirectories: readonly SearchDirectory[];
  /** The compiler's own. */
  readonly builtinDirectories: readonly string[];
  /** Headers that the compiler includes by itself, by their names in brackets. */
  readonly preincluded: readonly string[];
  readonly marks: ReadonlySet<DoubtReason>;
}

interface Remembered {
  readonly closure: Closure;
  readonly files: readonly FileEntry[];
  readonly generations: readonly number[];
  readonly identities: readonly number[] | undefined;
  readonly directories: readonly DirectoryEntry[];
  readonly directoryGenerations: readonly number[];
}

/** What is known of a compiler with certain options. */
interface Knowledge {
  facts: CompilerFacts | 'silent' | undefined;
  readonly answers: Map<ByteString, bigint>;
  /** Put to the compiler, and not answered yet or in vain. */
  asked: readonly ByteString[];
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

/** References to files and directories: 16 bytes each. */
const MOST_REFERENCES = 6_000_000;
const MOST_KNOWN = 2000;
const MOST_ENTRIES = 400_000;

export class Scanner {
  readonly #reader: Reader;
  readonly #clock: Clock;
  #tree: FileTree;
  readonly #remembered = new Map<string, Remembered>();
  readonly #known = new Map<string, Knowledge>();
  #references = 0;

  constructor(reader: Reader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    this.#tree = new FileTree(reader, clock);
  }

  /** The file system is looked at anew. */
  openPass(): void {
    this.#tree.openPass();
    if (this.#tree.size <= MOST_ENTRIES) return;
    this.#tree = new FileTree(this.#reader, this.#clock);
    this.#remembered.clear();
  }

  scan(request: ScanRequest): ScanAnswer {
    const { command, compiler, compilerVersion, directory } = request;
    try {
      const key = [compiler, compilerVersion, directory, ...inputWords(command)].join('\0');
      const before = this.#remembered.get(key);
      if (before !== undefined && this.#holds(before)) return { kind: 'closure', closure: before.closure };
      return this.#scanAnew(key, request);
    } catch (error) {
      if (error instanceof Doubt) return { kind: 'unsure', reason: error.reason, detail: error.detail };
      throw error;
    }
  }

  /** What the compiler said to a question. */
  learn(key: string, answer: CompilerAnswer): void {
    const knowledge = this.#known.get(key);
    if (knowledge === undefined) return;
    if (knowledge.facts === undefined) {
      knowledge.facts = readFacts(answer) ?? 'silent';
      return;
    }
    for (const [query, value] of readAnswers(knowledge.asked, answer) ?? [])
      knowledge.answers.set(query, value);
  }

  /** Changes when some name has come to lead elsewhere; each new directory counts, too. */
  get epoch(): number {
    return this.#tree.identities;
  }

  /** The text of a symbolic link; undefined for what is none. */
  linkAt(path: string): string | undefined {
    return this.#tree.linkAt(path);
  }

  #holds({ files, generations, identities, directories, directoryGenerations }: Remembered): boolean {
    for (let index = 0; index < files.length; index++) {
      const file = files[index];
      if (file === undefined) continue;
      this.#tree.refreshFile(file);
      if (file.generation !== generations[index]) return false;
      if (identities !== undefined && file.identity !== identities[index]) return false;
    }
    for (let index = 0; index < directories.length; index++) {
      const directory = directories[index];
      if (directory === undefined) continue;
      this.#tree.refreshDirectory(directory);
      if (directory.generation !== directoryGenerations[index]) return false;
    }
    return true;
  }

  #scanAnew(key: string, request: ScanRequest): ScanAnswer {
    const { command, directory } = request;
    objectTo(request);
    const typed = searchDirectoriesOf(command);
    const knownKey = knowledgeKey(request);
    const knowledge = this.#knowledgeOf(knownKey);
    if (knowledge.facts === undefined) return { kind: 'ask', question: askForFacts(knownKey, command) };
    if (knowledge.facts === 'silent') throw new Doubt('compiler-silent', command.compiler);
    const { facts } = knowledge;
    const search = buildSearchPath(this.#tree, typed, { directory, builtin: facts.searchDirectories });
    try {
      const walked = walk(this.#tree, translationOf(request, { facts, answers: knowledge.answers, search }));
      const closure: Closure = {
        files: walked.files,
        unread: walked.unread,
        searchDirectories: search.directories,
        builtinDirectories: facts.searchDirectories,
        preincluded: facts.preincluded,
        marks: walked.marks,
      };
      this.#remember(key, closure, walked);
      return { kind: 'closure', closure };
    } catch (error) {
      if (!(error instanceof MustAsk)) throw error;
      return { kind: 'ask', question: this.#ask(knownKey, command, error.queries) };
    }
  }

  #remember(
    key: string,
    closure: Closure,
    walked: { readonly directories: readonly DirectoryEntry[]; readonly standsOnIdentity: boolean },
  ): void {
    const files = closure.files.map(({ entry }) => entry);
    this.#references += files.length + walked.directories.length;
    if (this.#references > MOST_REFERENCES) {
      this.#remembered.clear();
      this.#references = files.length + walked.directories.length;
    }
    this.#remembered.set(key, {
      closure,
      files,
      generations: files.map(({ generation }) => generation),
      identities: walked.standsOnIdentity ? files.map(({ identity }) => identity) : undefined,
      directories: walked.directories,
      directoryGenerations: walked.directories.map(({ generation }) => generation),
    });
  }

  #knowledgeOf(key: string): Knowledge {
    let knowledge = this.#known.get(key);
    if (knowledge === undefined) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      knowledge = { facts: undefined, answers: new Map(), asked: [] };
      this.#known.set(key, knowledge);
    }
    return knowledge;
  }

  /** @throws {Doubt} where the compiler was asked already, and had no answer. */
  #ask(key: string, command: CompileCommand, queries: readonly ByteString[]): Question {
    const knowledge = this.#knowledgeOf(key);
    const [first = ''] = queries;
    // One that the compiler does not take spoils the answers to all others.
    const wanted = knowledge.asked.includes(first) ? [first] : queries;
    if (knowledge.asked.length === 1 && knowledge.asked[0] === first) throw new Doubt('bad-condition', first);
    knowledge.asked = wanted;
    return askQueries(key, command, wanted);
  }
}

/** @throws {Doubt} for what is not followed. */
function objectTo({ command, environment }: ScanRequest): void {
  if (command.family === 'unknown') throw new Doubt('compiler-silent', command.compiler);
  const variable = SEARCH_VARIABLES.find((name) => environment.has(name));
  if (variable !== undefined) throw new Doubt('search-options', variable);
  for (const { option, texts } of command.words) {
    if (PREPROCESSOR_OPTIONS.has(option?.name ?? ''))
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
    environment.get('PATH') ?? '',
    isPlaceBound ? directory : '',
    command.compiler,
    command.language,
    ...words,
    command.source.slice(command.source.lastIndexOf('.')),
  ].join('\0');
}

function translationOf(
  { command, directory }: ScanRequest,
  { facts, answers, search }: Pick<Translation, 'answers' | 'search'> & { readonly facts: CompilerFacts },
): Translation {
  const isCxx = command.language === 'c++' || command.language === 'objective-c++';
  const named = (name: string): readonly string[] =>
    command.words.flatMap(({ option, operand = '' }) => (option?.name === name ? [operand] : []));
  const has = (name: ByteString): boolean => facts.macros.has(name);
  const isStrict = has('__STRICT_ANSI__');
  const isClang = command.family === 'clang';
  return {
    directory,
    source: command.source,
    search,
    dialect: {
      hasRawStrings: isCxx || (!isStrict && !isClang),
      hasDigitSeparators: isCxx,
      hasTrigraphs: isStrict || command.words.some(({ texts }) => texts[0] === '-trigraphs'),
    },
    isClang,
    macros: facts.macros,
    builtins: facts.builtins,
    definitions: definitionsOf(command),
    macroFiles: named('-imacros'),
    preincluded: [
      ...facts.preincluded.map((name) => ({ name, isBuiltin: true })),
      ...named('-include').map((name) => ({ name, isBuiltin: false })),
    ],
    answers,
  };
}
