/**
 * What only the compiler knows: its macros, where it looks for headers, what it includes by itself, and its
 * answers to `__has_builtin(x)` and the like. It is asked once for each set of options that may change that.
 *
 * Sources: GCC manual, "Preprocessor Options", -dD, -v; GCC's cpp manual, "Common Predefined Macros"; clang
 * language extensions, "Feature Checking Macros".
 */
import { normalize } from 'node:path/posix';
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { isFile, type Word } from '../command/words.ts';
import type { Dialect } from './cutter.ts';
import { Doubt } from './doubt.ts';
import { Macro } from './macro.ts';

export interface CompilerFacts {
  readonly macros: ReadonlyMap<ByteString, Macro>;
  readonly builtins: ReadonlySet<ByteString>;
  /** Where it looks for headers in brackets, its own directories only. */
  readonly searchDirectories: readonly string[];
  readonly language: LanguageFacts;
  /** Headers that it includes before the first line, by the names in their brackets. */
  readonly preincluded: readonly string[];
}

/** How it cuts texts, which depends on the standard and on its own age. */
export interface LanguageFacts extends Dialect {
  /** Two slashes begin a comment. */
  readonly hasLineComments: boolean;
  /** `#elifdef` is a directive. */
  readonly hasNewBranches: boolean;
  /** `true` is 1 in conditions, as in C++ and C23. */
  readonly hasTrue: boolean;
}

/** A question for the compiler: a text, and how to have it preprocessed. */
export interface Question {
  /** Whose answer it is to be. */
  readonly key: string;
  /** With SOURCE_PLACE where the name of a file with `text` in it belongs. */
  readonly argv: readonly ByteString[];
  readonly text: ByteString;
  /** Of the file's name, with the dot. */
  readonly suffix: string;
}

export interface CompilerAnswer {
  /** Whether it exited with 0. */
  readonly isWell: boolean;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

/** What -D and -U say. */
export type Definition = Macro | { readonly undefined: ByteString };

export const SOURCE_PLACE = '\0source';

/** Macros that have no text to be listed; compilers differ in which of them they have. */
const BUILTINS =
  `__FILE__ __LINE__ __INCLUDE_LEVEL__ __COUNTER__ __DATE__ __TIME__ __TIMESTAMP__ __BASE_FILE__ __FILE_NAME__
  __FLT_EVAL_METHOD__
  __has_include __has_include_next __has_embed __has_attribute __has_cpp_attribute __has_c_attribute
  __has_declspec_attribute __has_builtin __has_constexpr_builtin __has_feature __has_extension __has_warning
  __is_identifier __is_target_arch __is_target_vendor __is_target_os __is_target_environment
  __is_target_variant_os __is_target_variant_environment __building_module _Pragma __identifier`.split(/\s+/);

/** What becomes of each of these lines says how texts are cut. */
const LANGUAGE_PROBE = String.raw`
#define R @not_raw
#define PROBE(...) THIRD(__VA_ARGS__, digits, other)
#define THIRD(a, b, c, ...) c
#define SLASHES 1 //2
@raw R"()"
@separator PROBE(1'0,0'0)
@trigraph ??(
@slashes SLASHES;
#if 0
#elifdef __FILE__
@branch
#endif
#if true
@true
#endif
`;

const NOT_ASKED_EFFECTS: ReadonlySet<string> = new Set([
  'object',
  'assembly',
  'output',
  'dependencies',
  'dependency-file',
  'dependency-target',
  'dependency-detail',
  'to-preprocessor',
  'to-assembler',
  'links',
]);

/** What the walk itself follows, or what changes nothing of all this. */
const NOT_ASKED_NAMES: ReadonlySet<string> = new Set([
  '-D',
  '-U',
  '-A',
  '-H',
  '-I',
  '-iquote',
  '-isystem',
  '-idirafter',
  '-include',
  '-imacros',
]);

/** The words that may change the compiler's facts, in order. */
export function askedWords({ words, sourceIndex }: CompileCommand): readonly ByteString[] {
  return words.filter((word) => isAsked(word, sourceIndex)).flatMap(({ texts }) => texts);
}

function isAsked(word: Word, sourceIndex: number): boolean {
  const { option, texts, index } = word;
  if (index === sourceIndex || isFile(word)) return false;
  if (option !== undefined) return !NOT_ASKED_EFFECTS.has(option.effect) && !NOT_ASKED_NAMES.has(option.name);
  return !/^-(?:W|g|pipe$|w$)/.test(texts[0] ?? '');
}

/**
 * @param command whose source's suffix says the language, as its words do.
 * @param options said behind all of its own.
 */
export function askForFacts(key: string, command: CompileCommand, options: readonly ByteString[]): Question {
  const text = BUILTINS.flatMap((name, index) => [`#ifdef ${name}`, `@${index}`, '#endif']).join('\n');
  const argv = questionArgv(command, ['-dD', '-v'], options).filter((word) => !/^--?pedantic/.test(word));
  return {
    key,
    argv,
    text: `${text}\n${LANGUAGE_PROBE}`,
    suffix: suffixOf(command.source),
  };
}

export function askQueries(key: string, command: CompileCommand, queries: readonly ByteString[]): Question {
  const text = queries.map((query, index) => `@${index} ${query}`).join('\n');
  return { key, argv: questionArgv(command, ['-P']), text: `${text}\n`, suffix: suffixOf(command.source) };
}

function questionArgv(
  command: CompileCommand,
  before: readonly ByteString[],
  behind: readonly ByteString[] = [],
): readonly ByteString[] {
  return [command.compiler, '-E', ...before, ...askedWords(command), ...behind, SOURCE_PLACE];
}

function suffixOf(source: ByteString): string {
  const base = source.slice(source.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return dot < 0 ? '' : base.slice(dot);
}

/** @returns undefined when the compiler did not answer as expected. */
export function readFacts({ isWell, stdout, stderr }: CompilerAnswer): CompilerFacts | undefined {
  const searchDirectories = isWell ? readSearchDirectories(stderr) : undefined;
  if (searchDirectories === undefined) return undefined;
  const macros = new Map<ByteString, Macro>();
  const builtins = new Set<ByteString>();
  const preincluded: ByteString[] = [];
  let isOwn = true;
  for (const line of stdout.split('\n')) {
    const [, file, flags] = /^# \d+ "(.*)"((?: \d)*)$/.exec(line) ?? [];
    if (file !== undefined) {
      isOwn = /^<.*>$/.test(file);
      if (file.startsWith('/') && flags?.startsWith(' 1') === true && / 3\b/.test(flags))
        preincluded.push(file);
    } else if (isOwn && line.startsWith('#define ')) {
      const macro = Macro.parse(line.slice('#define '.length));
      if (macro !== undefined) macros.set(macro.name, macro);
    } else if (isOwn && line.startsWith('#undef ')) {
      macros.delete(line.slice('#undef '.length).trim());
    } else {
      const builtin = BUILTINS[Number(/^@(\d+)$/.exec(line)?.[1] ?? Number.NaN)];
      if (builtin !== undefined) builtins.add(builtin);
    }
  }
  const names = preincluded.map((file) => nameIn(searchDirectories, file));
  const language = readLanguage(stdout);
  if (language === undefined) return undefined;
  if (macros.size === 0 || !builtins.has('__FILE__') || names.includes(undefined)) return undefined;
  return {
    macros,
    builtins,
    searchDirectories,
    language,
    preincluded: names.filter((name) => name !== undefined),
  };
}

function readLanguage(stdout: ByteString): LanguageFacts | undefined {
  const said = (name: string): string => new RegExp(`^@${name} *(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  const raw = said('raw');
  const separator = said('separator');
  const trigraph = said('trigraph');
  const slashes = said('slashes');
  const isKnown =
    /^(?:R"\(\)"|@not_raw *"\(\)")$/.test(raw) &&
    /^(?:digits|other)$/.test(separator) &&
    /^(?:\?\?\(|\[)$/.test(trigraph) &&
    /^1(?: ?\/\/2)? *;$/.test(slashes);
  if (!isKnown) return undefined;
  return {
    hasRawStrings: raw.startsWith('R'),
    hasDigitSeparators: separator === 'digits',
    hasTrigraphs: trigraph === '[',
    hasLineComments: !slashes.includes('//'),
    hasNewBranches: /^@branch$/m.test(stdout),
    hasTrue: /^@true$/m.test(stdout),
  };
}

/** gcc says the real name where that is shorter, and cross compilers have dots in their directories. */
function nameIn(directories: readonly string[], file: string): string | undefined {
  const directory = [...directories, ...directories.map(normalize)].find((one) => file.startsWith(`${one}/`));
  return directory && file.slice(directory.length + 1);
}

/** With -nostdinc there is nothing in the list, nor does clang say then that it begins. */
function readSearchDirectories(stderr: ByteString): readonly string[] | undefined {
  const [, quote, bracket = ''] =
    /^#include "\.\.\." search starts here:\n([^]*?)(?:#include <\.\.\.> search starts here:\n([^]*?))?End of search list\.$/m.exec(
      stderr,
    ) ?? [];
  if (quote !== '') return undefined;
  const directories = bracket.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(1)]));
  return directories.every((name) => name.startsWith('/') && !name.endsWith(')')) ? directories : undefined;
}

/** @returns undefined when one of them has no number for its answer. */
export function readAnswers(
  queries: readonly ByteString[],
  { isWell, stdout }: CompilerAnswer,
): ReadonlyMap<ByteString, bigint> | undefined {
  const answers = new Map<ByteString, bigint>();
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const [index, query] of queries.entries()) {
    const value = new RegExp(`@${index} (\\d+)[uUlL]*(?: @|$| $)`).exec(text)?.[1];
    if (!isWell || value === undefined) return undefined;
    answers.set(query, BigInt(value));
  }
  return answers;
}

/**
 * For the macros of a command: -D and -U in order, those for the preprocessor's own ears last.
 *
 * @throws {Doubt} where something else is said to the preprocessor, or it cannot be understood.
 */
export function definitionsOf({ words }: CompileCommand): readonly Definition[] {
  const own = words.flatMap(({ option, operand = '' }) =>
    option?.name === '-D' || option?.name === '-U' ? [`${option.name}${operand}`] : [],
  );
  return [...own, ...words.flatMap(handedOn)].flatMap((word): readonly Definition[] => {
    const operand = word.slice(2);
    if (word.startsWith('-U')) return [{ undefined: operand }];
    const macro = Macro.parseOption(operand);
    return macro === undefined ? [] : [macro];
  });
}

/** -D and -U that are put into -Wp, and -Xpreprocessor. */
function handedOn({ option, operand = '', texts }: Word): readonly ByteString[] {
  if (option?.effect !== 'to-preprocessor') return [];
  if (/^-MM?D(?:,|$)|^-M[FTQ],|^-MP$/.test(operand) && option.attachment === 'joined') return [];
  const words = option.attachment === 'joined' ? operand.split(',') : [operand];
  if (!words.every((word) => /^-[DU]./s.test(word))) throw new Doubt('preprocessor-options', texts.join(' '));
  return words;
}
