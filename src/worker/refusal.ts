/** Decides whether a command may run here, by its words alone. Which compilers may run: `whitelist.ts`. */
import type { Action } from '../action/action.ts';
import { toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { STAY_REASONS, type StayReason } from '../command/stay-reason.ts';
import { isFile, lacksOperand, readWords } from '../command/words.ts';
import type { Word } from '../command/words.ts';
import { isTooLong, preprocessedSuffix } from '../execute/placement.ts';
import { objectionToOperand, objectionToOption } from './refusal-table.ts';

/**
 * Why the command is refused, as a sentence without its beginning; undefined when it may run.
 *
 * What a command may name in a tree of files is judged with the tree: see execute/tree-options.ts.
 */
export function refusalOf(argv: readonly ByteString[], kind: Action['kind'] = 'text'): string | undefined {
  const words = readWords(argv);
  return (
    objectionToWords(argv, words, kind === 'tree' ? objectionWithTree : objectionToWord) ?? wrongShape(words)
  );
}

/** The same for a command in a box, which shows only its inputs: what it makes of them is its own matter. */
export function refusalInBox(argv: readonly ByteString[]): string | undefined {
  return objectionToWords(argv, readWords(argv), objectionWithTree);
}

function objectionToWords(
  argv: readonly ByteString[],
  words: readonly Word[],
  judge: (word: Word) => string | undefined,
): string | undefined {
  if (isTooLong(argv)) return 'its arguments are too long';
  if (argv.some((word) => word.includes('\0'))) return 'an argument holds a NUL';
  const inFile = argv.find((word) => word.startsWith('@'));
  if (inFile !== undefined) return `${quote(inFile)} hides options in a file`;
  return words.map(judge).find((objection) => objection !== undefined);
}

/** Reasons for which a client keeps a command at home that are reasons for us to have no part in it. */
const REFUSED_REASONS: ReadonlySet<string | undefined> = new Set<StayReason>([
  'plugin',
  'specs',
  'other-programs',
  'modules',
]);

/** Of a text the client has the dependencies already; of a tree they are written here, to a file of our choice. */
function objectionWithTree(word: Word): string | undefined {
  if (word.option?.effect.startsWith('dependenc') !== true) return objectionToWord(word);
  return word.operand?.startsWith('-') === true
    ? `${quote(word.texts.join(' '))} is not allowed: it can be read in two ways`
    : undefined;
}

function objectionToWord(word: Word): string | undefined {
  if (isFile(word)) return undefined;
  if (word.option?.effect === 'stays' && REFUSED_REASONS.has(word.option.reason)) {
    return `${quote(word.texts.join(' '))} is not allowed: ${STAY_REASONS[word.option.reason as StayReason]}`;
  }
  const [first = '', second] = word.texts;
  const isLanguage = word.option?.effect === 'language';
  const operand = isLanguage ? word.operand : second;
  const objection =
    objectionToOption(first) ??
    (operand === undefined ? undefined : objectionToOperand(isLanguage ? '-x' : first, operand));
  return objection && `${quote(word.texts.join(' '))} is not allowed: ${objection}`;
}

/** A command that a compiler could take, but that is not one text in, one object out. */
function wrongShape(words: readonly Word[]): string | undefined {
  const wordsWith = (effect: string): readonly Word[] =>
    words.filter(({ option }) => option?.effect === effect);
  if (wordsWith('object').length + wordsWith('assembly').length === 0) return 'it has neither -c nor -S';
  if (wordsWith('output').length > 1) return 'it names more than one output';
  if (words.some(lacksOperand)) return 'its last option lacks an operand';
  // A word without a source's suffix is for the linker, which does not run; unless -x makes it a source.
  const files = words.filter(isFile).map(({ texts }) => texts[0] ?? '');
  const inputs =
    wordsWith('language').length > 0 ? files : files.filter((name) => preprocessedSuffix(name) !== undefined);
  const [input] = inputs;
  if (input === undefined) return 'it names no source file';
  if (inputs.length > 1) return `it has more than one input: ${inputs.map(quote).join(', ')}`;
  if (preprocessedSuffix(input) === undefined)
    return `${quote(input)} has no suffix of a C, C++ or Objective-C source`;
  return undefined;
}

function quote(word: ByteString): string {
  const text = toText(word);
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
