/** The argv to preprocess with, the argv to send, and the argv to run here. */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from './compile-command.ts';
import type { Word } from './words.ts';
import { readPreprocessorWords } from './forwarded-words.ts';
import { sentSourceName } from './language.ts';
import { deriveTarget } from './output-name.ts';

export interface PreprocessOptions {
  /** Where to write the dependencies, if the command asks for them; without it none are written. */
  readonly dependencyFile?: ByteString;
}

/** For the compiler here: the preprocessed text to standard output. */
export function preprocessArgv(
  command: CompileCommand,
  { dependencyFile }: PreprocessOptions = {},
): readonly ByteString[] {
  const { compiler, words, dependencies } = command;
  if (dependencies === undefined || dependencyFile === undefined) {
    return [compiler, '-E', ...words.flatMap(withoutDependencies)];
  }
  const target = dependencies.impliedTarget;
  return [
    compiler,
    '-E',
    ...words.flatMap(withoutOutputs),
    '-MF',
    dependencyFile,
    ...(target === undefined ? [] : ['-MQ', target]),
  ];
}

export interface RemoteCompiler {
  /** As the remote host calls it. */
  readonly name: ByteString;
  /** What it is to make code for, where it would choose by itself. */
  readonly target?: ByteString;
}

/**
 * For a distccd of any make: compiles the preprocessed text.
 *
 * Source and output stand first, because a stock distccd puts its own names in place of the first word
 * that looks like a source, be it an option like -frandom-seed=a.c, and of the first that begins with -o.
 */
export function remoteArgv(
  command: CompileCommand,
  { name, target }: RemoteCompiler = { name: command.compiler },
): readonly ByteString[] {
  return [
    name,
    sentSourceName(command.source, command.language),
    command.makes === 'object' ? '-c' : '-S',
    '-o',
    command.output,
    ...command.words.filter(isSent).flatMap(({ texts }) => texts),
    ...(target === undefined ? [] : ['-target', target]),
  ];
}

/** Whether clang chooses by itself what to make code for: neither its name nor an option says it. */
export function choosesTarget({ words }: CompileCommand, name: ByteString): boolean {
  const isPlainName = /^clang(?:\+\+)?(?:-\d[\d.]*)?$/.test(name);
  return isPlainName && !words.some(({ option }) => option !== undefined && /^--?target/.test(option.name));
}

export interface Redirection {
  readonly compiler: ByteString;
  readonly output: ByteString;
  readonly dependencyFile: ByteString;
}

/**
 * For the same compile in the same directory, called by another name and with outputs of other names, which leave no
 * trace in them.
 */
export function redirectedArgv(
  { words, source, dependencies }: CompileCommand,
  { compiler, output, dependencyFile }: Redirection,
): readonly ByteString[] {
  return [
    compiler,
    ...words.flatMap(withoutOutputNames),
    '-o',
    output,
    ...(dependencies === undefined ? [] : ['-MF', dependencyFile]),
    ...(dependencies === undefined || dependencies.targetIsExplicit
      ? []
      : ['-MQ', dependencies.impliedTarget ?? deriveTarget(source)]),
  ];
}

/** For the compiler here: as typed. */
export function localArgv(command: CompileCommand): readonly ByteString[] {
  return command.argv;
}

/** The word, less what makes or names a file. */
function withoutOutputs(word: Word): readonly ByteString[] {
  const isMode = word.option?.effect === 'object' || word.option?.effect === 'assembly';
  return isMode ? [] : withoutOutputNames(word);
}

/** The word, less what names a file that is written. */
function withoutOutputNames(word: Word): readonly ByteString[] {
  switch (word.option?.effect) {
    case 'output':
    case 'dependency-file':
      return [];
    case 'to-preprocessor': {
      // The driver's own -MD, without -o, adds no target either. -Wp,-D stays what it is: the driver puts
      // it behind its own -D and -U.
      const dependencies = readPreprocessorWords(word)?.dependencies;
      return dependencies === undefined ? word.texts : [dependencies.flag];
    }
    default:
      return word.texts;
  }
}

function withoutDependencies(word: Word): readonly ByteString[] {
  switch (word.option?.effect) {
    case 'dependencies':
    case 'dependency-target':
    case 'dependency-detail':
      return [];
    case 'to-preprocessor':
      return readPreprocessorWords(word)?.dependencies === undefined ? word.texts : [];
    default:
      return withoutOutputs(word);
  }
}

const SENT: ReadonlySet<string> = new Set(['passes', 'passes-to-gcc', 'to-assembler', 'to-front-end']);

/** Whether a word means something to the compile of a preprocessed text. */
function isSent({ option, texts }: Word): boolean {
  if (option === undefined) return texts[0]?.startsWith('-') === true;
  return SENT.has(option.effect);
}
