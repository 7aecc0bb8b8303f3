/**
 * Environment variables that compilers read, one row each: with which of them a compile stays here, and which are
 * sent where the preprocessor runs there, too.
 *
 * A variable of a compiler family (by its prefix) that has no row is one that we do not know. What is about terminals
 * (TERM, COLUMNS, NO_COLOR) is told by options, see terminal-words.ts; language and characters by LC_ALL.
 *
 * Sources: "Environment Variables Affecting GCC" in the GCC manual; clang's driver documentation.
 */
import type { ByteString } from '../base/byte-string.ts';

interface EnvironmentRow {
  readonly name: string;
  readonly effect: 'stays' | 'sent' | 'ignored';
  readonly because: string;
}

const stays = (name: string, because: string): EnvironmentRow => ({ name, effect: 'stays', because });
const sent = (name: string, because: string): EnvironmentRow => ({ name, effect: 'sent', because });
const ignored = (name: string, because: string): EnvironmentRow => ({ name, effect: 'ignored', because });

const ENVIRONMENT_ROWS: readonly EnvironmentRow[] = [
  stays('DEPENDENCIES_OUTPUT', 'gcc appends the dependencies to that file'),
  stays('SUNPRO_DEPENDENCIES', 'gcc appends the dependencies to that file'),
  stays('GCC_COMPARE_DEBUG', 'gcc compiles twice and compares'),
  stays('GCC_EXEC_PREFIX', 'gcc takes its programs from there'),
  stays('COMPILER_PATH', 'gcc and clang take their programs from there'),
  stays('GCC_EXTRA_DIAGNOSTIC_OUTPUT', 'gcc prints its fixes once more for programs'),
  stays('QA_OVERRIDE_GCC3_OPTIONS', 'clang changes its command line by it'),
  stays('RC_DEBUG_OPTIONS', 'clang records its command line'),
  stays('RC_DEBUG_PREFIX_MAP', 'clang maps paths in debug information by it'),
  stays('CC_PRINT_OPTIONS', 'clang writes its commands to a file'),
  stays('CC_PRINT_HEADERS', 'clang writes the headers that it read to a file'),
  stays('CC_LOG_DIAGNOSTICS', 'clang writes diagnostics to a file'),
  stays('CC_PRINT_PROC_STAT', 'clang writes statistics'),
  stays('CC_PRINT_INTERNAL_STAT', 'clang writes statistics'),
  stays('MACOSX_DEPLOYMENT_TARGET', 'it chooses the target version'),
  stays('IPHONEOS_DEPLOYMENT_TARGET', 'it chooses the target version'),
  stays('NIX_CFLAGS_COMPILE', 'the compiler is a script that adds these options'),
  stays('NIX_HARDENING_ENABLE', 'the compiler is a script that adds options by it'),

  sent('SOURCE_DATE_EPOCH', 'the date that __DATE__ is'),
  sent('GCC_COLORS', 'colours of diagnostics'),

  ignored('GCC_URLS', 'only links in diagnostics on a terminal'),
  ignored('GCC_VERSION', 'set by build environments; no compiler reads it'),
  ignored('CLANG_VERSION', 'set by build environments; no compiler reads it'),
  ignored('CLANG_CRASH_DIAGNOSTICS_DIR', 'only for reports of crashes'),
];

/** The families of which unknown names stay: gcc's driver and its collect2, and clang's driver. */
const FAMILY = /^(?:GCC|COLLECT|CLANG|CCC)_/;

const BY_NAME = new Map(ENVIRONMENT_ROWS.map((row) => [row.name, row]));

/** The first variable with which a compile stays here, as `NAME: why`. */
export function findStayingVariable(environment: ReadonlyMap<ByteString, ByteString>): string | undefined {
  for (const name of environment.keys()) {
    const row = BY_NAME.get(name);
    if (row?.effect === 'stays') return `${name}: ${row.because}`;
    if (row === undefined && FAMILY.test(name)) return `${name}: the compiler may read it`;
  }
  return undefined;
}

/** What a compile is told beside them: where its programs are, where it is called, and how to speak. */
const ALWAYS_SENT = ['LC_ALL', 'PATH', 'PWD'];

/** Those that a compile may bring along when it is preprocessed elsewhere. */
export const SENT_VARIABLES: ReadonlySet<string> = new Set([
  ...ENVIRONMENT_ROWS.filter(({ effect }) => effect === 'sent').map(({ name }) => name),
  ...ALWAYS_SENT,
]);

/** Those of the caller that go with the compile. */
export function sentVariables(
  environment: ReadonlyMap<ByteString, ByteString>,
): readonly (readonly [name: ByteString, value: ByteString])[] {
  return [...environment].filter(([name]) => BY_NAME.get(name)?.effect === 'sent');
}
