/** What a file says to the preprocessor, in order; all that is no directive has been left out. */
import type { ByteString } from '../base/byte-string.ts';
import type { DoubtReason } from './doubt.ts';
import type { Macro } from './macro.ts';
import type { Mark } from './mark.ts';
import type { Token } from './token.ts';

export type Directive =
  | IncludeDirective
  | { readonly kind: 'define'; readonly macro: Macro }
  | { readonly kind: 'undef'; readonly name: ByteString }
  | ConditionDirective
  | { readonly kind: 'endif' }
  | { readonly kind: 'once' }
  /** `#pragma push_macro("NAME")` and its counterpart. */
  | { readonly kind: 'push' | 'pop'; readonly name: ByteString }
  | OptionsDirective
  /** `#line`: files have other names from here on. */
  | { readonly kind: 'line' }
  /** Nobody knows what comes of it: only those who get there have to care. */
  | { readonly kind: 'doubt'; readonly reason: DoubtReason; readonly detail: string };

/** `#pragma GCC target` and its like: options are set aside, brought back, as they were at first, or more. */
export interface OptionsDirective {
  readonly kind: 'options';
  readonly way: 'push' | 'pop' | 'reset' | 'add';
  /** What would be said on the command line instead; undefined where nothing can. Of `add` only. */
  readonly words?: readonly ByteString[] | undefined;
}

export type IncludeWay = 'include' | 'include_next' | 'import' | 'embed';

export interface IncludeDirective {
  readonly kind: 'include';
  readonly way: IncludeWay;
  /** In its quotes or brackets; undefined where macros say it. */
  readonly header: ByteString | undefined;
  /** What is to be expanded, where there is no `header`. */
  readonly tokens: readonly Token[];
}

/** `#if`, `#elif`, `#else` and their like: the beginning of a group that counts or does not. */
export interface ConditionDirective {
  readonly kind: 'if' | 'elif' | 'else';
  readonly condition: ConditionText;
  /** Index of the `elif`, `else` or `endif` that ends the group; past the end where there is none. */
  next: number;
}

export type ConditionText =
  | { readonly kind: 'always' }
  | { readonly kind: 'defined'; readonly name: ByteString; readonly holds: boolean }
  | { readonly kind: 'expression'; readonly tokens: readonly Token[] };

/** All that was seen in one file's content. */
export interface ScannedText {
  readonly directives: readonly Directive[];
  /** The macro that hides all of the file once it is there. */
  readonly guard: ByteString | undefined;
  readonly marks: readonly Mark[];
  /** Macros that a `_Pragma` may change where we do not see it. */
  readonly pragmaMacros: readonly ByteString[];
  /** Each `NAME(x)` that may be a question to the compiler, or become one: `__has_builtin(x)`. */
  readonly queries: readonly ByteString[];
  /** Equal for two texts that mean the same to the scanner. */
  readonly shape: string;
}
