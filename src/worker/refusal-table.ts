/**
 * What no client may ask of a compiler, whatever its name and whoever the client: one row per option.
 *
 * A client may have text compiled, and that is all. An option that makes a compiler load or start other
 * code, or write anything but its one output, gives it more; one that reads what is only on the client
 * gives a wrong object without a word. Where an option has forms with and without harm (`-Wa,`, `-Xclang`,
 * `--long`), only forms that are known to do none pass: the table must not be out of date to be safe.
 *
 * Sources: GCC 14 manual, "Invoking GCC" and "Plugins"; Clang 18 command line reference; binutils 2.42 as(1).
 */
import type { ByteString } from '../base/byte-string.ts';

const RUNS = 'it makes the compiler load or run other code';
const WRITES = 'it makes the compiler write other files than its output';
const READS = 'it reads files that only the client has';
const NATIVE = 'its meaning depends on the machine that compiles';
const NOT_ONE = 'only a single compile to an object or to assembler text is done here';
const UNKNOWN = 'it is not known to be harmless';

interface Row {
  /** An option as written, or the beginning of a family when it ends with `*`. */
  readonly option: string;
  readonly reason: string;
  /** Those of the family that pass. */
  readonly except?: RegExp;
}

const row = (option: string, reason: string, except?: RegExp): Row =>
  except === undefined ? { option, reason } : { option, reason, except };

/** The first row that matches decides. */
const REFUSED_OPTIONS: readonly Row[] = [
  row('-fplugin*', RUNS),
  row('-fpass-plugin*', RUNS),
  row('-iplugindir*', RUNS),
  row('-load*', RUNS),
  row('-plugin*', RUNS),
  row('-add-plugin', RUNS),
  row('-specs*', RUNS),
  row('-wrapper', RUNS),
  row('-Wl,*', RUNS), // the linker loads plug-ins; no compile needs it
  row('-Xlinker*', RUNS),
  row('-fuse-ld*', RUNS),
  row('-R*', RUNS), // these take a word that may be the -c that keeps the linker away
  row('-h', RUNS),
  row('-T*', RUNS),
  row('-u*', RUNS),
  row('-z*', RUNS),
  row('-e', RUNS),
  row('-B*', RUNS),
  row('-ccc-*', RUNS),
  row('-ccbin*', RUNS), // nvcc
  row('-run*', RUNS), // nvcc
  row('-cc1*', RUNS),
  row('-fmodule*', RUNS), // -fmodule-mapper=|program
  row('-fcompare-debug*', RUNS), // hands more options to a second compile
  row('-fno-compare-debug', RUNS),
  row('-gcc-toolchain*', RUNS),
  row('-V', RUNS),
  row('-b', RUNS),

  row('-save-temps*', WRITES),
  row('-dump*', WRITES),
  row('-aux-info*', WRITES),
  row('-d*', WRITES, /^-d[ADINUp]+$/), // letters that only add to the output
  row('-fdump-*', WRITES, /^-fdump-(noaddr|unnumbered|unnumbered-links)$/),
  row('-fopt-info*', WRITES, /^[^=]*$/),
  row('-fsave-optimization-record*', WRITES),
  row('-foptimization-record-*', WRITES),
  row('-fcallgraph-info*', WRITES),
  row('-fstack-usage', WRITES),
  row('-gsplit-dwarf*', WRITES),
  row('-ftime-trace*', WRITES),
  row('-fproc-stat-report=*', WRITES),
  row('-fcrash-diagnostics-dir*', WRITES),
  row('-fdiagnostics-format=*', WRITES, /=(text|json|json-stderr|sarif-stderr|clang|msvc|vi)$/),
  row('-fdiagnostics-add-output*', WRITES),
  row('-fdiagnostics-set-output*', WRITES),
  row('-ftest-coverage', WRITES),
  row('-fprofile-arcs', WRITES),
  row('-coverage', WRITES),
  row('--coverage', WRITES),
  row('-frepo', WRITES),
  row('-fltrans*', WRITES),
  row('-fwpa*', WRITES),
  row('-fresolution*', WRITES),
  row('-time=*', WRITES),
  row('-index-*', WRITES),
  row('-serialize-diagnostic*', WRITES),
  row('-dependency-*', WRITES),
  row('-module-*', WRITES),
  row('-emit-pch', WRITES),
  row('-stack-usage-file*', WRITES),
  row('-fthin-link-bitcode*', WRITES),
  row('-fdeps-*', WRITES),
  row('-save-stats*', WRITES),
  row('-gen-reproducer*', WRITES),
  row('-split-dwarf*', WRITES),
  row('-working-directory*', WRITES),
  row('-M*', WRITES), // dependencies are the preprocessing side's business
  row('-keep*', WRITES), // nvcc

  row('-fprofile-use*', READS),
  row('-fprofile-instr-use*', READS),
  row('-fprofile-sample-use*', READS),
  row('-fauto-profile*', READS),
  row('-fbranch-probabilities', READS),
  row('-fthinlto-index*', READS),
  row('-include-pch', READS),

  row('-march=native*', NATIVE),
  row('-mtune=native*', NATIVE),
  row('-mcpu=native*', NATIVE),

  row('-E', NOT_ONE),
  row('-fsyntax-only', NOT_ONE),
  row('-###', NOT_ONE),

  row('-X*', UNKNOWN, /^-X(clang|assembler|linker|preprocessor)$/), // their operands are judged below
  row(
    '--*',
    UNKNOWN,
    /^--(param|sysroot|target|std|stdlib|rtlib|unwindlib|driver-mode)(=|$)|^--(start|end)-no-unused-arguments$|^--(verbose|pedantic|pedantic-errors|all-warnings)$/,
  ),
];

/** Languages that -x may name; others (go, d, f77, ada, lto) have options of their own that nobody judged. */
const LANGUAGES =
  /^(none|c|c-header|cpp-output|c\+\+|c\+\+-header|c\+\+-cpp-output|objective-c(\+\+)?|obj(ective-)?c(\+\+)?-cpp-output|assembler|assembler-with-cpp|cuda|hip)$/;

/** The assembler's own: as(1). It takes long options by any unambiguous beginning, with one dash or two. */
const ASSEMBLER_WRITES = /^(--?o|--?MD|--?M|-a[^=]*=|@)/;

/** What -Xclang may hand to clang's inner compiler, if no row objects. */
const CLANG_HARMLESS = /^-(f|m|W|no-|target-)/;
/** And what means something else to the driver, where the rows would object. */
const CLANG_ONLY = /^-(debug-info-kind=\w+|disable-[\w-]+)$/;

/** What -mllvm may set: numbers and switches, not files. */
const LLVM_HARMLESS =
  /^-(?!.*(load|plugin|view|dot|file|dump|output|print|trace))[\w-]+(=(\d+|true|false))?$/;

/** The reason why the option must not be run; undefined when it may. */
export function objectionToOption(option: ByteString): string | undefined {
  if (option.startsWith('-Wa,')) return objectionToEach(option, ASSEMBLER_WRITES);
  if (option.startsWith('-Wp,')) return option.split(',').slice(1).every(isMacro) ? undefined : UNKNOWN;
  const found = REFUSED_OPTIONS.find(
    ({ option: name, except }) =>
      (name.endsWith('*') ? option.startsWith(name.slice(0, -1)) : option === name) &&
      except?.test(option) !== true,
  );
  return found?.reason;
}

/** The same for what an option is given: its rest, or the word that follows. */
export function objectionToOperand(option: ByteString, operand: ByteString): string | undefined {
  switch (option) {
    case '-x':
      return LANGUAGES.test(operand) ? undefined : UNKNOWN;
    case '-Xassembler':
      return ASSEMBLER_WRITES.test(operand) ? WRITES : undefined;
    case '-Xpreprocessor':
      return isMacro(operand) ? undefined : UNKNOWN;
    case '-Xclang':
      if (CLANG_ONLY.test(operand)) return undefined;
      return objectionToOption(operand) ?? (CLANG_HARMLESS.test(operand) ? undefined : UNKNOWN);
    case '-mllvm':
      return LLVM_HARMLESS.test(operand) ? undefined : UNKNOWN;
    default:
      // To a compiler that reads the first word otherwise, the second is an option of its own.
      return operand.startsWith('-') ? UNKNOWN : undefined;
  }
}

/** What -Wp may hand to the preprocessor, whose work has been done. */
function isMacro(word: ByteString): boolean {
  return /^-[DUI]./s.test(word);
}

function objectionToEach(option: ByteString, writes: RegExp): string | undefined {
  return option
    .split(',')
    .slice(1)
    .some((part) => writes.test(part))
    ? WRITES
    : undefined;
}
