/**
 * Words that the driver hands on: `-Wp,…` and `-Xpreprocessor` to the preprocessor, `-Wa,…` and
 * `-Xassembler` to the assembler, `-Xclang` to the compiler proper. Those programs have options of their
 * own; here are the few that builds use.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { StayReason } from './stay-reason.ts';
import { findOption } from './option-table.ts';

/** A dependency file that was asked for as `-Wp,-MD,FILE` or `-Wp,-MMD,FILE`. */
interface PreprocessorWords {
  readonly dependencyFiles: readonly ByteString[];
}

/** @returns undefined when there is a word whose meaning we do not know. */
export function readPreprocessorWords(words: readonly ByteString[]): PreprocessorWords | undefined {
  const dependencyFiles: ByteString[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '-MD' || word === '-MMD') {
      const file = words[++index];
      if (file === undefined || file === '' || file.startsWith('-')) return undefined;
      dependencyFiles.push(file);
    } else if (!/^-[DU]./s.test(word)) {
      return undefined;
    }
  }
  return { dependencyFiles };
}

/**
 * The same, with the dependencies asked for as options of the driver and without the file's name:
 * `-Wp,-MD,f,-DX` is `-MD -Wp,-DX`. The -D stay where they are: the driver puts them behind its own.
 */
export function withoutDependencyFile(words: readonly ByteString[]): readonly ByteString[] {
  const isFlag = (word: ByteString | undefined) => word === '-MD' || word === '-MMD';
  const others = words.filter((word, index) => !isFlag(word) && !isFlag(words[index - 1]));
  const flags = words.filter((word) => isFlag(word));
  return others.length === 0 ? flags : [...flags, `-Wp,${others.join(',')}`];
}

/** Why a compile stays here with these words for the assembler. */
export function objectionToAssemblerWords(words: readonly ByteString[]): StayReason | undefined {
  for (const [index, word] of words.entries()) {
    if (isNative(word)) return 'native-flag';
    const isOperand = words[index - 1] === '--defsym';
    if (isOperand) continue;
    if (!word.startsWith('-')) return 'assembler-listing';
    // -a…: listings; --MD: dependencies; -o: another output; -I: where .include and .incbin look.
    if (/^(?:-a|--MD|-o|-I|--listing)/.test(word)) return 'assembler-listing';
  }
  return undefined;
}

/** Why a compile stays here with this word for the compiler proper (`-Xclang`). */
export function objectionToFrontEndWord(word: ByteString): StayReason | undefined {
  if (isNative(word)) return 'native-flag';
  const option = findOption(word);
  if (option !== undefined) return option.reason ?? 'front-end-words';
  return /^-[fmWO][^/]*$/.test(word) ? undefined : 'front-end-words';
}

/** Whether the word asks for this machine's own processor: native, cpu=native, native+crypto. */
export function isNative(word: ByteString): boolean {
  return /(?:^|=)native(?:$|[+,])/.test(word);
}
