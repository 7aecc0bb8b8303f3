/**
 * What does this command line mean: one source to be compiled elsewhere, or something that stays here, and
 * then why.
 *
 * The rules are those of distcc (src/arg.c), stricter where it is known to lose files or to send what
 * only this machine can do. All that is said about single options is in the option table.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand, CompilerFamily, Dependencies } from './compile-command.ts';
import type { ReadText } from './response-file.ts';
import type { Word } from './words.ts';
import { familyOf, isCxxDriver, isOtherTool } from './compiler-name.ts';
import { findStayingVariable } from './environment-table.ts';
import {
  isNative,
  objectionToAssemblerWords,
  objectionToFrontEndWord,
  readPreprocessorWords,
} from './forwarded-words.ts';
import { type SourceKind, findLanguage, findSourceKind, roleOf } from './language.ts';
import { deriveDependencyFile, deriveOutput, deriveTarget } from './output-name.ts';
import { expandResponseFiles } from './response-file.ts';
import { type StaysLocal, stayLocal } from './stay-reason.ts';
import { isFile, lacksOperand, readWords } from './words.ts';

export interface AnalyzeOptions {
  readonly environment: ReadonlyMap<ByteString, ByteString>;
  /** Reads an @file, named as typed: relative to the directory of the call. */
  readonly readText: ReadText;
  /** Where the caller knows it better than the compiler's name says: a `cc` is either. */
  readonly family?: CompilerFamily;
}

export function analyze(
  argv: readonly ByteString[],
  { environment, readText, family = familyOf(argv[0] ?? '') }: AnalyzeOptions,
): CompileCommand | StaysLocal {
  if (isOtherTool(argv[0] ?? '')) return stayLocal('other-tool', argv[0] ?? '');
  const expansion = expandResponseFiles(argv, readText);
  if ('failedAt' in expansion) return stayLocal('response-file', expansion.failedAt);
  const words = readWords(expansion.argv);
  for (const word of words) {
    const objection = objectionTo(word, family);
    if (objection !== undefined) return objection;
  }
  const command = interpret(expansion.argv, words, family);
  if (command.kind === 'stays-local') return command;
  const variable = findStayingVariable(environment);
  return variable === undefined ? command : stayLocal('environment', variable);
}

/** Why this one word keeps the command here, whatever the others say. */
function objectionTo(word: Word, family: CompilerFamily): StaysLocal | undefined {
  const text = word.texts[0] ?? '';
  const { option, operand = '' } = word;
  const detail = word.texts.join(' ');
  if (isFile(word)) return text === '-' ? stayLocal('standard-input', text) : undefined;
  if (option === undefined) return objectionToUnknown(text);
  if (lacksOperand(word)) return stayLocal('missing-operand', detail);
  switch (option.effect) {
    case 'stays':
      return stayLocal(option.reason ?? 'unknown-option', detail);
    case 'passes-to-gcc':
      return family === 'gcc' ? undefined : stayLocal('path-mapping', detail);
    case 'to-preprocessor':
      return readPreprocessorWords(word) === undefined ? stayLocal('preprocessor-words', detail) : undefined;
    case 'to-assembler': {
      const reason = objectionToAssemblerWords(operand.split(','));
      return reason && stayLocal(reason, detail);
    }
    case 'to-front-end': {
      const reason = objectionToFrontEndWord(operand);
      return reason && stayLocal(reason, detail);
    }
    case 'passes':
      // A stock distccd would take such an operand for another source or output.
      return word.texts.length > 1 && (roleOf(operand) === 'source' || operand.endsWith('.o'))
        ? stayLocal('names-a-file', detail)
        : undefined;
    default:
      return undefined;
  }
}

/** Options without a row pass, except what may name a file or takes its operand we do not know how. */
function objectionToUnknown(text: ByteString): StaysLocal | undefined {
  if (isNative(text)) return stayLocal('native-flag', text);
  if (text.startsWith('--')) return stayLocal('unknown-option', text);
  return text.includes('/') ? stayLocal('names-a-file', text) : undefined;
}

function interpret(
  argv: readonly ByteString[],
  words: readonly Word[],
  family: CompilerFamily,
): CompileCommand | StaysLocal {
  const compiler = argv[0] ?? '';
  const source = findSource(words, compiler);
  if (source.kind === 'stays-local') return source;

  const modes = new Set(words.flatMap(({ option }) => (option ? [option.effect] : [])));
  if (modes.has('object') && modes.has('assembly')) return stayLocal('several-modes', '-c -S');
  if (!modes.has('object') && !modes.has('assembly')) return stayLocal('links', source.path);
  const makes = modes.has('assembly') ? 'assembly' : 'object';

  const base = source.path.slice(source.path.lastIndexOf('/') + 1);
  // The names that gcc and clang derive from a bare suffix differ.
  if (/^\.[^.]*$/.test(base)) return stayLocal('unknown-language', source.path);
  if (/^(?:tmp\.)?conftest\./.test(base)) return stayLocal('configure-probe', source.path);

  const outputs = operandsOf(words, 'output');
  if (outputs.length > 1) return stayLocal('several-outputs', outputs.join(' '));
  const output = outputs[0] ?? deriveOutput(source.path, makes);
  const outputObjection = objectionToOutput(output);
  if (outputObjection !== undefined) return outputObjection;

  const dependencies = findDependencies(words, { source: source.path, explicitOutput: outputs[0], family });
  if (dependencies !== undefined && 'kind' in dependencies) return dependencies;
  if (dependencies?.file === output) return stayLocal('several-outputs', output);
  if (dependencies !== undefined && source.isPreprocessed) {
    return stayLocal('preprocessed-dependencies', dependencies.file);
  }
  return {
    kind: 'compile',
    argv,
    words,
    compiler,
    family,
    makes,
    source: source.path,
    sourceIndex: source.index,
    language: source.language,
    isPreprocessed: source.isPreprocessed,
    output,
    outputIsExplicit: outputs.length > 0,
    ...(dependencies && { dependencies }),
  };
}

interface Source extends SourceKind {
  readonly kind: 'source';
  readonly path: ByteString;
  readonly index: number;
}

function findSource(words: readonly Word[], compiler: ByteString): Source | StaysLocal {
  let language: ByteString | undefined;
  let found: Source | undefined;
  for (const word of words) {
    if (word.option?.effect === 'language') language = word.operand === 'none' ? undefined : word.operand;
    if (!isFile(word)) continue;
    const path = word.texts[0] ?? '';
    const source =
      language === undefined ? readSource(path, compiler) : readSourceIn(language, path, compiler);
    if (source.kind === 'stays-local') return source;
    if (found !== undefined) return stayLocal('several-sources', `${found.path} ${path}`);
    found = { ...source.value, kind: 'source', path, index: word.index };
  }
  return found ?? stayLocal('no-source', compiler);
}

type SourceReading = { readonly kind: 'known'; readonly value: SourceKind } | StaysLocal;

/** What a file is by its suffix. */
function readSource(path: ByteString, compiler: ByteString): SourceReading {
  switch (roleOf(path)) {
    case 'header':
      return stayLocal('precompiled-header', path);
    case 'assembler':
      return stayLocal('assembler', path);
    case 'linker-input':
      return stayLocal('links', path);
    default: {
      const value = findSourceKind(path, isCxxDriver(compiler));
      return value === undefined ? stayLocal('unknown-language', path) : { kind: 'known', value };
    }
  }
}

/** What a file is after `-x LANGUAGE`. */
function readSourceIn(language: ByteString, path: ByteString, compiler: ByteString): SourceReading {
  const detail = `-x ${language} ${path}`;
  if (language.startsWith('assembler')) return stayLocal('assembler', detail);
  if (language.endsWith('header')) return stayLocal('precompiled-header', detail);
  const value = findLanguage(language);
  // On the wire a text of C is an .i, which a C++ driver would take for C++.
  const isForeign = value?.language === 'c' && isCxxDriver(compiler);
  return value === undefined || isForeign ? stayLocal('unknown-language', detail) : { kind: 'known', value };
}

/** /dev/shm is a file system in memory, where people build. */
const DEVICE = /^\/dev\/(?!shm\/)/;

function objectionToOutput(path: ByteString): StaysLocal | undefined {
  if (path === '-') return stayLocal('standard-output', path);
  const isSpecial = path === '' || DEVICE.test(path) || roleOf(path) === 'source';
  return isSpecial ? stayLocal('output-special', path) : undefined;
}

interface DependencyContext {
  readonly source: ByteString;
  readonly explicitOutput: ByteString | undefined;
  readonly family: CompilerFamily;
}

/**
 * Where the compile writes its dependencies, and under which name.
 *
 * With -MD the driver names the target after -o; with -Wp,-MD,FILE gcc's driver knows nothing of it, and
 * the preprocessor names the target after the source. clang reads the second form as the first one.
 */
function findDependencies(
  words: readonly Word[],
  { source, explicitOutput, family }: DependencyContext,
): Dependencies | StaysLocal | undefined {
  const isAskedFor = words.some(({ option }) => option?.effect === 'dependencies');
  const viaPreprocessor = words
    .filter(({ option }) => option?.effect === 'to-preprocessor')
    .flatMap((word) => readPreprocessorWords(word)?.dependencies?.file ?? []);
  if (!isAskedFor && viaPreprocessor.length === 0) {
    const stray = words.find(({ option }) => option?.effect.startsWith('dependency-'));
    return stray && stayLocal('dependency-options', stray.texts.join(' '));
  }
  const files = [...operandsOf(words, 'dependency-file'), ...viaPreprocessor];
  const isTwice = files.length > 1 || (isAskedFor && viaPreprocessor.length > 0);
  if (isTwice) return stayLocal('several-outputs', files.join(' '));

  const file = files[0] ?? deriveDependencyFile(source, explicitOutput);
  const objection = objectionToOutput(file);
  if (objection !== undefined) return objection;
  if (operandsOf(words, 'dependency-target').length > 0) return { file, targetIsExplicit: true };

  const plain = { file, targetIsExplicit: false };
  if (explicitOutput === undefined || explicitOutput === deriveTarget(source)) return plain;
  if (isAskedFor || family === 'clang') return { ...plain, impliedTarget: explicitOutput };
  return family === 'gcc' ? plain : stayLocal('preprocessor-words', `-Wp,-MD,${file}`);
}

function operandsOf(words: readonly Word[], effect: string): readonly ByteString[] {
  return words.flatMap(({ option, operand }) =>
    option?.effect === effect && operand !== undefined ? [operand] : [],
  );
}
