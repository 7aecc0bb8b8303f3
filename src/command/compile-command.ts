import type { ByteString } from '../base/byte-string.ts';
import type { Language } from './language.ts';
import type { Word } from './words.ts';

/** What a command line means that can be compiled elsewhere: valid because it exists. */
export interface CompileCommand {
  readonly kind: 'compile';
  /** As typed, with @files expanded. */
  readonly argv: readonly ByteString[];
  /** The same without argv[0], cut into options and files. */
  readonly words: readonly Word[];
  /** argv[0]. */
  readonly compiler: ByteString;
  readonly family: CompilerFamily;
  readonly makes: 'object' | 'assembly';
  /** As typed. */
  readonly source: ByteString;
  /** Where the source stands in `argv`. */
  readonly sourceIndex: number;
  readonly language: Language;
  /** The source is preprocessed already: send it as it is. */
  readonly isPreprocessed: boolean;
  /** As typed, or where the compiler would write by itself. */
  readonly output: ByteString;
  readonly outputIsExplicit: boolean;
  /** Set when the compile also writes a dependency file. */
  readonly dependencies?: Dependencies;
}

/** By the compiler's name alone; a `cc` may be either. */
export type CompilerFamily = 'gcc' | 'clang' | 'unknown';

export interface Dependencies {
  /** As typed, or where the compiler would write by itself. */
  readonly file: ByteString;
  /** -MT or -MQ says what stands before the colon. */
  readonly targetIsExplicit: boolean;
  /**
   * What a direct compile puts before the colon but a preprocessor run without -o does not: to be said
   * with -MQ.
   */
  readonly impliedTarget?: ByteString;
}
