/** Cuts an argv into options with their operands, and files, by the option table. */
import type { ByteString } from '../base/byte-string.ts';
import type { OptionRow } from './option-row.ts';
import { findOption } from './option-table.ts';

export interface Word {
  /** Where it begins in the argv. */
  readonly index: number;
  /** As typed: the option, and its operand where that is a word of its own. */
  readonly texts: readonly ByteString[];
  /** undefined for files, and for options without a row. */
  readonly option?: OptionRow;
  /** The option's operand; undefined where it has none, or where it is missing at the end. */
  readonly operand?: ByteString;
}

/** All of `argv` but argv[0], in order. */
export function readWords(argv: readonly ByteString[]): readonly Word[] {
  const words: Word[] = [];
  for (let index = 1; index < argv.length;) {
    const word = readWord(argv, index);
    words.push(word);
    index += word.texts.length;
  }
  return words;
}

export function isFile(word: Word): boolean {
  const text = word.texts[0] ?? '';
  return !text.startsWith('-') || text === '-';
}

/** Whether the option's operand ought to be the next word, and there is none. */
export function lacksOperand({ option, texts, operand }: Word): boolean {
  if (option === undefined || operand !== undefined) return false;
  return option.attachment === 'separate' || (option.attachment === 'either' && texts[0] === option.name);
}

function readWord(argv: readonly ByteString[], index: number): Word {
  const text = argv[index] ?? '';
  const option = text.startsWith('-') ? findOption(text) : undefined;
  if (option === undefined) return { index, texts: [text] };
  if (option.attachment === 'none') return { index, texts: [text], option };
  const isJoined = option.attachment === 'joined' || text.length > option.name.length;
  if (isJoined) return { index, texts: [text], option, operand: text.slice(option.name.length) };
  const operand = argv[index + 1];
  if (operand === undefined) return { index, texts: [text], option };
  return { index, texts: [text, operand], option, operand };
}
