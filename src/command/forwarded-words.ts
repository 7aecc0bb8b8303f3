/**
 * Words that the driver hands on: `-Wp,…` and `-Xpreprocessor` to the preprocessor, `-Wa,…` and
 * `-Xassembler` to the assembler, `-Xclang` to the compiler proper. Those programs have options of their
 * own; here are the few that builds use.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { StayReason } from './stay-reason.ts';
import type { Word } from './words.ts';
import { findOption } from './option-table.ts';

interface PreprocessorWords {
  /** Asked for as `-Wp,-MD,FILE` or `-Wp,-MMD,FILE`. */
  readonly dependencies?: { readonly flag: '-MD' | '-MMD'; readonly file: ByteString };
}

/**
 * @returns undefined when there is a word whose meaning we do not know; or a dependency file and other
 * words in one option, from which clang makes something else (tried).
 */
export function readPreprocessorWords({ option, operand = '' }: Word): PreprocessorWords | undefined {
  const words = option?.attachment === 'joined' ? operand.split(',') : [operand];
  const [flag, file = ''] = words;
  if (flag === '-MD' || flag === '-MMD') {
    return words.length === 2 && /^[^-]/.test(file) ? { dependencies: { flag, file } } : undefined;
  }
  return words.every((word) => /^-[DU]./s.test(word)) ? {} : undefined;
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
