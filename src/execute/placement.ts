/**
 * A command as it runs on the worker: the same words, but for the names of its input and its output.
 *
 * Which word is the input, and what the input is called here, is as a stock distccd has it, because the
 * suffix of that name tells the compiler the language: `.i`, `.ii`, `.mi`, `.mii` by the caller's own.
 */
import type { ByteString } from '../base/byte-string.ts';
import { findSourceKind, PREPROCESSED_SUFFIX } from '../command/language.ts';
import { isFile, readWords } from '../command/words.ts';
import type { Word } from '../command/words.ts';

export interface Placement {
  readonly argv: readonly ByteString[];
  readonly inputPath: ByteString;
  readonly outputPath: ByteString;
}

const LONGEST_STEM = 100;
/** More than Linux lets a program be started with; less than a frame to the runner may hold. */
const MOST_ARGUMENT_BYTES = 4 << 20;

/** Whether it can be no command that runs. */
export function isTooLong(argv: readonly ByteString[]): boolean {
  const bytes = argv.reduce((sum, word) => sum + word.length + Uint32Array.BYTES_PER_ELEMENT, 0);
  return bytes > MOST_ARGUMENT_BYTES;
}

/**
 * The suffix of a source's preprocessed text; undefined for what is no source. That g++ takes a.c for C++
 * does not count: a stock distccd looks at the name alone, and clients name what they send accordingly.
 */
export function preprocessedSuffix(name: ByteString): string | undefined {
  const kind = findSourceKind(name, false);
  return kind && PREPROCESSED_SUFFIX[kind.language];
}

/** `directory` is the job's own. @returns undefined when no word names a source. */
export function place(argv: readonly ByteString[], directory: ByteString): Placement | undefined {
  const words = readWords(argv);
  const at = findSource(words)?.index;
  const source = at === undefined ? undefined : argv[at];
  if (at === undefined || source === undefined) return undefined;
  const stem = `${directory}/${stemOf(source)}`;
  const inputPath = `${stem}${preprocessedSuffix(source)}`;
  const mode = modeOf(words);
  const outputPath = stem + (mode === '-S' ? '.s' : '.o');
  const placed = argv.with(at, inputPath);
  const output = words.find(({ option }) => option?.effect === 'output');
  if (output === undefined) placed.push('-o', outputPath);
  else if (output.texts.length === 1) placed[output.index] = `-o${outputPath}`;
  else placed[output.index + 1] = outputPath;
  // Directly behind the compiler, where no option can take it for its operand: without it gcc links.
  return { argv: [placed[0] ?? '', mode, ...placed.slice(1)], inputPath, outputPath };
}

/** The word that a stock distccd takes for the source. */
export function findSource(words: readonly Word[]): Word | undefined {
  return words.find((word) => isFile(word) && preprocessedSuffix(word.texts[0] ?? '') !== undefined);
}

export function modeOf(words: readonly Word[]): '-c' | '-S' {
  return words.some(({ option }) => option?.effect === 'assembly') ? '-S' : '-c';
}

/** The file's name without directory and extension, of characters that mean nothing to anyone. */
export function stemOf(source: ByteString): ByteString {
  const name = source.slice(source.lastIndexOf('/') + 1);
  const stem = name.slice(0, name.lastIndexOf('.')).slice(0, LONGEST_STEM);
  return stem.replaceAll(/[^\w.+-]/g, '_').replace(/^[-.]/, '_') || '_';
}
