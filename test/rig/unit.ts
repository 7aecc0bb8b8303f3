/**
 * One compile of which is asked what it reads: of the scanner, and of the compiler itself.
 *
 * Names are byte strings, as in src/: a header's name need not be UTF-8.
 */
import type { ByteString } from '../../src/base/byte-string.ts';
import { PLAIN_ENVIRONMENT } from './scratch.ts';

export interface Unit {
  /** As typed: `gcc`, `clang++`, or a path. */
  readonly compiler: string;
  /** Neither `-c` nor `-o`. */
  readonly flags: readonly ByteString[];
  readonly source: ByteString;
  /** Where the compiler is started, absolute. */
  readonly directory: ByteString;
  /** Beside the plain environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a build tool would run. */
export function compileArgv({ compiler, flags, source }: Unit): readonly ByteString[] {
  return [compiler, ...flags, '-c', '-o', 'unit.o', source];
}

export function environmentOf({ environment }: Unit): NodeJS.ProcessEnv {
  return { ...PLAIN_ENVIRONMENT, LC_ALL: 'C', ...environment };
}

/** `name` as the compiler opens it: nothing in it is resolved, because a `..` may follow a symlink. */
export function toAbsolute(name: ByteString, directory: ByteString): ByteString {
  return name.startsWith('/') ? name : `${directory}/${name}`;
}
