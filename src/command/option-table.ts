/**
 * Every option that matters, one row each. How a command line is cut into words, what stays here and what
 * is sent are all derived from these rows: an option without a row passes to both steps (unless it looks
 * as if it named a file).
 *
 * The longest name that fits a word counts, as in gcc and clang.
 *
 * Sources: "Option Summary" of the GCC manual and gcc/common.opt, c-family/c.opt (which operands may be
 * joined); the clang command line reference; distcc src/arg.c and src/strip.c for what a stock distccd
 * takes. Claims marked (tried) were tried with gcc 12 and clang 14, see test/oracle/command.test.ts.
 */
import { type OptionRow, row } from './option-row.ts';
import { OPTIONS_THAT_STAY } from './options-that-stay.ts';

const OPTIONS_THAT_TRAVEL: readonly OptionRow[] = [
  // What to make.
  row('-c', 'none', 'object'),
  row('-S', 'none', 'assembly'),
  row('-o', 'either', 'output'),
  row('-x', 'either', 'language'),

  // Dependency files.
  row('-MD', 'none', 'dependencies'),
  row('-MMD', 'none', 'dependencies'),
  row('-MF', 'either', 'dependency-file'),
  row('-MT', 'either', 'dependency-target'),
  row('-MQ', 'either', 'dependency-target'),
  row('-MP', 'none', 'dependency-detail'),

  // Words for one of the programs behind the driver.
  row('-Wp,', 'joined', 'to-preprocessor'),
  row('-Xpreprocessor', 'separate', 'to-preprocessor'),
  row('-Wa,', 'joined', 'to-assembler'),
  row('-Xassembler', 'separate', 'to-assembler'),
  row('-Xclang', 'separate', 'to-front-end'),
  row('-mllvm', 'separate', 'passes'),

  // For the preprocessor only. clang warns of them when it compiles a preprocessed text (tried).
  row('-D', 'either', 'preprocesses'),
  row('-U', 'either', 'preprocesses'),
  row('-A', 'either', 'preprocesses'),
  row('-I', 'either', 'preprocesses'),
  row('-F', 'either', 'preprocesses'),
  row('-H', 'none', 'preprocesses'),
  row('-include', 'either', 'preprocesses'),
  row('-imacros', 'either', 'preprocesses'),
  row('-isystem', 'either', 'preprocesses'),
  row('-isystem-after', 'either', 'preprocesses'),
  row('-iquote', 'either', 'preprocesses'),
  row('-idirafter', 'either', 'preprocesses'),
  row('-iprefix', 'either', 'preprocesses'),
  row('-iwithprefix', 'either', 'preprocesses'),
  row('-iwithprefixbefore', 'either', 'preprocesses'),
  row('-iwithsysroot', 'either', 'preprocesses'),
  row('-isysroot', 'either', 'preprocesses'),
  row('-imultilib', 'either', 'preprocesses'),
  row('-imultiarch', 'either', 'preprocesses'),
  row('-iframework', 'either', 'preprocesses'),
  row('-iframeworkwithsysroot', 'either', 'preprocesses'),
  row('-ivfsoverlay', 'either', 'preprocesses'),
  row('-c-isystem', 'either', 'preprocesses'),
  row('-cxx-isystem', 'either', 'preprocesses'),
  row('-objc-isystem', 'either', 'preprocesses'),
  row('-objcxx-isystem', 'either', 'preprocesses'),
  row('-stdlib++-isystem', 'either', 'preprocesses'),
  row('-stdlib=', 'joined', 'preprocesses'),
  row('--stdlib=', 'joined', 'preprocesses'),
  row('-undef', 'none', 'preprocesses'),
  row('-nostdinc', 'none', 'preprocesses'),
  row('-nostdinc++', 'none', 'preprocesses'),
  row('-nostdlibinc', 'none', 'preprocesses'),
  row('-nobuiltininc', 'none', 'preprocesses'),
  row('-ibuiltininc', 'none', 'preprocesses'),
  row('-traditional-cpp', 'none', 'preprocesses'), // gcc preprocesses apart then anyway (tried)
  row('-finput-charset=', 'joined', 'preprocesses'), // the text is UTF-8: it would be converted twice (tried)
  row('-remap', 'none', 'preprocesses'),

  // For the linker only.
  row('-Wl,', 'joined', 'links'),
  row('-Xlinker', 'separate', 'links'),
  row('-l', 'either', 'links'),
  row('-L', 'either', 'links'),
  row('-T', 'either', 'links'),
  row('-u', 'either', 'links'),
  row('-z', 'either', 'links'),
  row('-e', 'either', 'links'),
  row('-rpath', 'separate', 'links'),
  row('-fuse-ld=', 'joined', 'links'),
  row('-rtlib=', 'joined', 'links'),
  row('--rtlib=', 'joined', 'links'),
  row('-unwindlib=', 'joined', 'links'),
  row('--unwindlib=', 'joined', 'links'),
  row('-framework', 'separate', 'links'),
  row('-weak_framework', 'separate', 'links'),
  row('-undefined', 'separate', 'links'),
  row('-rdynamic', 'none', 'links'),
  row('-s', 'none', 'links'),
  row('-static-libgcc', 'none', 'links'),
  row('-static-libstdc++', 'none', 'links'),

  // With operands that must not be taken for files.
  row('-G', 'either', 'passes'),
  row('--param', 'either', 'passes'),
  row('-target', 'separate', 'passes'),
  row('--target', 'separate', 'passes'),
  row('--target=', 'joined', 'passes'),
  row('--sysroot', 'separate', 'passes'),
  row('--sysroot=', 'joined', 'passes'),
  row('--gcc-toolchain=', 'joined', 'passes'),
  row('--gcc-install-dir=', 'joined', 'passes'),
  row('--std=', 'joined', 'passes'),
  row('--pedantic', 'none', 'passes'),
  row('--pedantic-errors', 'none', 'passes'),
  row('--ansi', 'none', 'passes'),
  row('--no-warnings', 'none', 'passes'),
  row('--start-no-unused-arguments', 'none', 'passes'),
  row('--end-no-unused-arguments', 'none', 'passes'),
  row('-frandom-seed=', 'joined', 'passes'),
  row('-fexec-charset=', 'joined', 'passes'), // strings are converted where they are compiled (tried)
  row('-fwide-exec-charset=', 'joined', 'passes'),
  // The text's line markers have the unmapped names, and both gcc and clang map them when they compile the
  // text; but clang ignores -fmacro-prefix-map there, so __builtin_FILE() would be left as it is (tried).
  row('-fdebug-prefix-map=', 'joined', 'passes'),
  row('-ffile-prefix-map=', 'joined', 'passes-to-gcc'),
  row('-fmacro-prefix-map=', 'joined', 'passes-to-gcc'),
  row('-fdebug-compilation-dir', 'separate', 'passes'),
  row('-fdebug-compilation-dir=', 'joined', 'passes'),
  row('-ffile-compilation-dir=', 'joined', 'passes'),
  row('-fcrash-diagnostics-dir=', 'joined', 'passes'),
  row('-finstrument-functions-exclude-file-list=', 'joined', 'passes'), // compared with names in the text
];

export const OPTIONS: readonly OptionRow[] = [...OPTIONS_THAT_STAY, ...OPTIONS_THAT_TRAVEL];

const BY_NAME = new Map(OPTIONS.map((row) => [row.name, row]));
const LONGEST_NAME = Math.max(...[...BY_NAME.keys()].map((name) => name.length));

/** The row that says what `word` means, if there is one. */
export function findOption(word: string): OptionRow | undefined {
  for (let length = Math.min(word.length, LONGEST_NAME); length >= 2; length--) {
    const row = BY_NAME.get(word.slice(0, length));
    if (row === undefined) continue;
    const isWhole = length === word.length;
    if (isWhole || row.attachment === 'joined' || row.attachment === 'either') return row;
  }
  return undefined;
}
