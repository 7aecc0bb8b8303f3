/**
 * `@file` words: the file's words stand in its place.
 *
 * Source: "Overall Options", @file, in the GCC manual; libiberty's argv documentation. Words are separated
 * by white space; quotes group, and a backslash takes the next character as it is. What a backslash does
 * *between quotes* differs between releases of gcc, so such a file stays unread.
 */
import type { ByteString } from '../base/byte-string.ts';

const MAX_DEPTH = 8;
const MAX_WORDS = 100_000;
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** The text of a file (as a byte string), or undefined where it cannot be read. */
export type ReadText = (path: ByteString) => ByteString | undefined;

/** @returns the word that could not be expanded, where there is one. */
export function expandResponseFiles(
  argv: readonly ByteString[],
  readText: ReadText,
): { readonly argv: readonly ByteString[] } | { readonly failedAt: ByteString } {
  if (!argv.some(isResponseFile)) return { argv };
  const expanded: ByteString[] = [];
  let charactersLeft = MAX_CHARACTERS;

  /** @returns the word that failed. */
  function expand(words: readonly ByteString[], depth: number): ByteString | undefined {
    for (const word of words) {
      if (!isResponseFile(word)) {
        if (expanded.push(word) > MAX_WORDS) return word;
        continue;
      }
      const text = depth < MAX_DEPTH ? readText(word.slice(1)) : undefined;
      if (text === undefined || (charactersLeft -= text.length) < 0) return word;
      const inner = splitResponse(text);
      if (inner === undefined) return word;
      const failedAt = expand(inner, depth + 1);
      if (failedAt !== undefined) return failedAt;
    }
    return undefined;
  }

  const failedAt = expand(argv, 0);
  return failedAt === undefined ? { argv: expanded } : { failedAt };
}

/** @returns undefined when the text can be read in more than one way. */
export function splitResponse(text: ByteString): readonly ByteString[] | undefined {
  const words: ByteString[] = [];
  let word: ByteString | undefined;
  let quote = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\0') return undefined;
    if (character === '\\') {
      if (quote !== '' || index + 1 >= text.length || text[index + 1] === '\n') return undefined;
      word = (word ?? '') + text.charAt(++index);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (!/[ \t\n\v\f\r]/.test(character)) {
      word = (word ?? '') + character;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

function isResponseFile(word: ByteString): boolean {
  return word.length > 1 && word.startsWith('@');
}
