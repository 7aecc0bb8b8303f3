/**
 * A command as it runs on the worker: the same words, but for the names of its input and its output.
 *
 * Which word is the input, and what the input is called here, is as a stock distccd has it, because the
 * extension of that name tells the compiler the language: `.i`, `.ii`, `.mi`, `.mii` by the caller's own.
 * Unlike there, the names are relative to a directory of the job's own, and the same for the same job:
 * where a compiler writes one down (clang's FILE symbol of a text without line markers), it writes the
 * same down next time.
 */
import type { ByteString } from '../base/byte-string.ts';
import { commandWords } from './command-word.ts';

export interface Placement {
  readonly argv: readonly ByteString[];
  /** Relative to the job's directory, both. */
  readonly inputName: ByteString;
  readonly outputName: ByteString;
}

const PREPROCESSED: Readonly<Record<string, string>> = {
  '.c': '.i',
  '.i': '.i',
  '.cc': '.ii',
  '.cp': '.ii',
  '.cxx': '.ii',
  '.cpp': '.ii',
  '.c++': '.ii',
  '.C': '.ii',
  '.ii': '.ii',
  '.m': '.mi',
  '.mi': '.mi',
  '.mm': '.mii',
  '.M': '.mii',
  '.mii': '.mii',
};
const LONGEST_STEM = 100;

/** The extension of a source, as told to the compiler; undefined for what is no source. */
export function preprocessedExtension(word: ByteString): string | undefined {
  const dot = word.lastIndexOf('.');
  return dot < 0 ? undefined : PREPROCESSED[word.slice(dot)];
}

/** @returns undefined when no word names a source. */
export function place(argv: readonly ByteString[]): Placement | undefined {
  const words = commandWords(argv);
  const source = words.find(({ role, text }) => role === 'file' && preprocessedExtension(text) !== undefined);
  if (source === undefined) return undefined;
  const stem = stemOf(source.text);
  const inputName = `${stem}${preprocessedExtension(source.text)}`;
  const outputName = stem + (argv.includes('-S') ? '.s' : '.o');
  const placed = argv.with(source.index, inputName);
  const output = words.find(({ role, text }) => role === 'option' && text.startsWith('-o'));
  if (output === undefined) placed.push('-o', outputName);
  else if (output.text === '-o') placed[output.index + 1] = outputName;
  else placed[output.index] = `-o${outputName}`;
  return { argv: placed, inputName, outputName };
}

/** The file's name without directory and extension, of characters that mean nothing to anyone. */
function stemOf(source: ByteString): ByteString {
  const name = source.slice(source.lastIndexOf('/') + 1);
  const stem = name.slice(0, name.lastIndexOf('.')).slice(0, LONGEST_STEM);
  return stem.replaceAll(/[^\w.+-]/g, '_').replace(/^[-.]/, '_') || '_';
}
