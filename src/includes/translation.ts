/** One translation unit, as the walk begins it. */
import type { ByteString } from '../base/byte-string.ts';
import type { Dialect } from './cutter.ts';
import type { Macro } from './macro.ts';
import type { SearchPath } from './search-path.ts';

export interface Translation {
  /** Absolute: what relative names are relative to. */
  readonly directory: string;
  /** As the compiler is told it. */
  readonly source: string;
  readonly search: SearchPath;
  readonly dialect: Dialect;
  readonly isClang: boolean;
  /** System headers are called by their real names, where those are shorter. */
  readonly shortensNames: boolean;
  /** The compiler's name for a file is not what it is called: -fmacro-prefix-map. */
  readonly mapsNames: boolean;
  /** Two slashes begin a comment. */
  readonly hasLineComments: boolean;
  /** `#elifdef` is a directive. */
  readonly hasNewBranches: boolean;
  /** `true` is 1 in conditions. */
  readonly hasTrue: boolean;
  /** Before the first line: the compiler's macros, less those that it has without a text. */
  readonly macros: ReadonlyMap<ByteString, Macro>;
  /** The same where options are said besides those of the command. */
  readonly macrosWith: (options: readonly ByteString[]) => ReadonlyMap<ByteString, Macro>;
  /** Macros without a text: `__FILE__`, `__has_include`. */
  readonly builtins: ReadonlySet<ByteString>;
  /** -D and -U, in order. */
  readonly definitions: readonly (Macro | { readonly undefined: ByteString })[];
  /** -imacros, in order. */
  readonly macroFiles: readonly string[];
  /** Headers that the compiler includes by itself, then -include, in order. */
  readonly preincluded: readonly { readonly name: string; readonly isBuiltin: boolean }[];
  /** What the compiler says to `__has_builtin(x)` and the like. */
  readonly answers: ReadonlyMap<ByteString, bigint>;
}
