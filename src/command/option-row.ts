import type { StayReason } from './stay-reason.ts';

/**
 * How an option's operand is attached.
 *
 * - none: the whole word is the option;
 * - separate: the operand is the next word;
 * - joined: the operand is the rest of the word (and may be empty);
 * - either: the rest of the word, or the next word when there is no rest.
 */
type Attachment = 'none' | 'separate' | 'joined' | 'either';

/**
 * What an option means for a compile that is preprocessed here and compiled elsewhere.
 *
 * - passes: goes to both steps;
 * - passes-to-gcc: the same with gcc; with any other compiler the command stays;
 * - preprocesses: for the preprocessor only, whose work is done here: not sent;
 * - links: for the linker only, which does not run: not sent;
 * - object, assembly: what to make;
 * - output, language: names it;
 * - dependencies: have the .d written; dependency-file, dependency-target: which, and how it is called;
 * - dependency-detail: how to write it;
 * - to-preprocessor, to-assembler, to-front-end: carries words for that program, comma-separated or one;
 * - stays: the command stays here, for the reason.
 */
export type Effect =
  | 'passes'
  | 'passes-to-gcc'
  | 'preprocesses'
  | 'links'
  | 'object'
  | 'assembly'
  | 'output'
  | 'language'
  | 'dependencies'
  | 'dependency-file'
  | 'dependency-target'
  | 'dependency-detail'
  | 'to-preprocessor'
  | 'to-assembler'
  | 'to-front-end';

export interface OptionRow {
  readonly name: string;
  readonly attachment: Attachment;
  readonly effect: Effect | 'stays';
  /** Only, and always, where the effect is 'stays'. */
  readonly reason?: StayReason;
}

export function row(name: string, attachment: Attachment, effect: Effect): OptionRow {
  return { name, attachment, effect };
}

export function stays(name: string, attachment: Attachment, reason: StayReason): OptionRow {
  return { name, attachment, effect: 'stays', reason };
}
