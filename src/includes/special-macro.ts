/** Macros that have no text of anybody's: what they stand for at some place. */
import { fromText, type ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';
import type { Token } from './token.ts';

/** What nobody can know before the compiler has it. */
const SPECIAL: ReadonlySet<string> = new Set([
  '__LINE__',
  '__COUNTER__',
  '__DATE__',
  '__TIME__',
  '__TIMESTAMP__',
  '__BASE_FILE__',
  '__FILE_NAME__',
  '__FLT_EVAL_METHOD__',
]);

interface Place {
  readonly level: number;
  /** As the compiler calls it. */
  readonly file: string;
}

/**
 * @param place undefined where the text says something else about it.
 * @returns undefined for one that is met for its being there only.
 * @throws {Doubt} for one whose meaning is not known.
 */
export function makeSpecial(name: ByteString, place: Place | undefined): Token | undefined {
  const plain = { isSpaced: false, leads: false };
  const isPlace = name === '__INCLUDE_LEVEL__' || name === '__FILE__';
  if (SPECIAL.has(name) || (isPlace && place === undefined)) throw new Doubt('odd-macro', name);
  if (!isPlace || place === undefined) return undefined;
  return name === '__FILE__'
    ? { kind: 'string', text: JSON.stringify(fromText(place.file)), ...plain }
    : { kind: 'number', text: String(place.level), ...plain };
}
