/**
 * Options with which a compile is not sent: it reads or writes files that the wire does not carry, or its
 * result depends on this machine.
 */
import { type OptionRow, stays } from './option-row.ts';

export const OPTIONS_THAT_STAY: readonly OptionRow[] = [
  // No compile of one source at all.
  stays('-E', 'none', 'preprocess-only'),
  stays('-M', 'joined', 'dependencies-only'), // -M, -MM and those of -M* that have no row
  stays('-MG', 'none', 'dependencies-only'), // gcc takes it with -M and -MM only
  stays('-###', 'none', 'prints-progress'),
  stays('-fsyntax-only', 'none', 'not-a-compile'),
  stays('-dumpversion', 'none', 'not-a-compile'),
  stays('-dumpfullversion', 'none', 'not-a-compile'),
  stays('-dumpmachine', 'none', 'not-a-compile'),
  stays('-dumpspecs', 'none', 'not-a-compile'),
  stays('-print-', 'joined', 'not-a-compile'),
  stays('--print-', 'joined', 'not-a-compile'),
  stays('--version', 'none', 'not-a-compile'),
  stays('--help', 'joined', 'not-a-compile'),
  stays('-help', 'joined', 'not-a-compile'),
  stays('--target-help', 'none', 'not-a-compile'),
  stays('--analyze', 'none', 'not-a-compile'),
  stays('-cc1', 'joined', 'not-a-compile'), // clang's inner command line has a grammar of its own
  stays('-rewrite-', 'joined', 'not-a-compile'),
  stays('-extract-api', 'joined', 'not-a-compile'),

  // Printed by each of the two steps, so twice.
  stays('-v', 'none', 'prints-progress'),
  stays('--verbose', 'none', 'prints-progress'),
  stays('-Q', 'none', 'prints-progress'),
  stays('-ftime-report', 'joined', 'prints-progress'),
  stays('-fmem-report', 'joined', 'prints-progress'),
  stays('-fproc-stat-report', 'joined', 'prints-progress'),
  stays('-fdiagnostics-format=', 'joined', 'prints-progress'), // one JSON document becomes two
  stays('-fdiagnostics-generate-patch', 'none', 'prints-progress'), // made from the source itself
  stays('-fpre-ipa-mem-report', 'none', 'prints-progress'),
  stays('-fpost-ipa-mem-report', 'none', 'prints-progress'),
  stays('-fprofile-report', 'none', 'prints-progress'),
  stays('-fdbg-cnt-list', 'none', 'prints-progress'),
  stays('-fstats', 'none', 'prints-progress'),
  stays('-time', 'joined', 'prints-progress'), // -time=FILE appends to it

  // Files beside the object.
  stays('-gsplit-dwarf', 'joined', 'extra-outputs'),
  stays('-gmodules', 'none', 'modules'),
  stays('-fstack-usage', 'none', 'extra-outputs'),
  stays('-save-temps', 'joined', 'extra-outputs'),
  stays('--save-temps', 'joined', 'extra-outputs'),
  stays('-ftime-trace', 'joined', 'extra-outputs'),
  stays('-fdump-', 'joined', 'extra-outputs'),
  stays('-d', 'joined', 'extra-outputs'), // -dr, -da …: dumps; -dM, -dD …: another preprocessed text
  stays('-dumpbase', 'separate', 'extra-outputs'), // names what is written beside the object
  stays('-dumpbase-ext', 'separate', 'extra-outputs'),
  stays('-dumpdir', 'separate', 'extra-outputs'),
  stays('-auxbase', 'separate', 'extra-outputs'),
  stays('-auxbase-strip', 'separate', 'extra-outputs'),
  stays('-fcallgraph-info', 'joined', 'extra-outputs'),
  stays('-aux-info', 'either', 'extra-outputs'),
  stays('-fopt-info', 'joined', 'extra-outputs'),
  stays('-fsave-optimization-record', 'joined', 'extra-outputs'),
  stays('-foptimization-record-', 'joined', 'extra-outputs'),
  stays('-serialize-diagnostics', 'separate', 'extra-outputs'),
  stays('--serialize-diagnostics', 'either', 'extra-outputs'),
  stays('-fdiagnostics-add-output=', 'joined', 'extra-outputs'),
  stays('-fdiagnostics-set-output=', 'joined', 'extra-outputs'),
  stays('-save-stats', 'joined', 'extra-outputs'),
  stays('-gen-reproducer', 'joined', 'extra-outputs'),
  stays('-fthin-link-bitcode=', 'joined', 'extra-outputs'),
  stays('-MJ', 'either', 'extra-outputs'),
  stays('-dependency-file', 'separate', 'extra-outputs'),
  stays('-dependency-dot', 'separate', 'extra-outputs'),
  stays('-module-dependency-dir', 'separate', 'extra-outputs'),
  stays('-arcmt-migrate-report-output', 'separate', 'extra-outputs'),
  stays('-fvtv-counts', 'none', 'extra-outputs'), // vtv_*.log in the directory of the call
  stays('-fvtv-debug', 'none', 'extra-outputs'),
  stays('-gen-cdb-fragment-path', 'separate', 'extra-outputs'),
  stays('-index-store-path', 'separate', 'extra-outputs'),
  stays('-fada-spec-parent=', 'joined', 'extra-outputs'),
  stays('-frepo', 'none', 'extra-outputs'), // .rpo files; gone since gcc 10
  stays('-fcompare-debug', 'joined', 'extra-outputs'),
  stays('-emit-', 'joined', 'extra-outputs'), // -emit-llvm names its output otherwise; -emit-pch, -emit-ast
  stays('-flto-report', 'joined', 'prints-progress'),

  // Coverage and profiles.
  stays('--coverage', 'none', 'coverage'),
  stays('-coverage', 'none', 'coverage'),
  stays('-ftest-coverage', 'none', 'coverage'),
  stays('-fprofile-arcs', 'none', 'coverage'),
  stays('-fprofile-generate', 'joined', 'coverage'),
  stays('-fcs-profile-generate', 'joined', 'coverage'),
  stays('-fprofile-instr-generate', 'joined', 'coverage'),
  stays('-fcoverage-', 'joined', 'coverage'),
  stays('-fcreate-profile', 'joined', 'coverage'),
  stays('-fprofile-note=', 'joined', 'coverage'),
  stays('-fcondition-coverage', 'none', 'coverage'),
  stays('-fpath-coverage', 'none', 'coverage'),
  stays('-fprofile-use', 'joined', 'profile-feedback'),
  stays('-fprofile-correction', 'none', 'profile-feedback'), // a stock distccd refuses it
  stays('-fauto-profile', 'joined', 'profile-feedback'),
  stays('-fbranch-probabilities', 'none', 'profile-feedback'),
  stays('-fprofile-dir=', 'joined', 'profile-feedback'),
  stays('-fprofile-instr-use', 'joined', 'profile-feedback'),
  stays('-fprofile-sample-use', 'joined', 'profile-feedback'),
  stays('-fprofile-list=', 'joined', 'profile-feedback'),
  stays('-fprofile-remapping-file', 'joined', 'profile-feedback'),
  stays('-fmemory-profile', 'joined', 'profile-feedback'),

  // Files that the compiler proper reads.
  stays('-fsanitize-blacklist=', 'joined', 'names-a-file'),
  stays('-fsanitize-ignorelist=', 'joined', 'names-a-file'),
  stays('-fsanitize-system-ignorelist=', 'joined', 'names-a-file'),
  stays('-fsanitize-coverage-allowlist=', 'joined', 'names-a-file'),
  stays('-fsanitize-coverage-ignorelist=', 'joined', 'names-a-file'),
  stays('-fsanitize-coverage-whitelist=', 'joined', 'names-a-file'),
  stays('-fsanitize-coverage-blacklist=', 'joined', 'names-a-file'),
  stays('-fsanitize-system-blacklist=', 'joined', 'names-a-file'),
  stays('-fexperimental-sanitize-metadata-ignorelist=', 'joined', 'names-a-file'),
  stays('-fxray-always-instrument=', 'joined', 'names-a-file'),
  stays('-fxray-never-instrument=', 'joined', 'names-a-file'),
  stays('-fxray-attr-list=', 'joined', 'names-a-file'),
  stays('-fthinlto-index=', 'joined', 'names-a-file'),
  stays('-frandomize-layout-seed-file=', 'joined', 'names-a-file'),
  stays('-fbasic-block-sections=list=', 'joined', 'names-a-file'),
  stays('-resource-dir', 'either', 'names-a-file'),
  stays('-working-directory', 'either', 'names-a-file'), // every other path is read from there
  stays('-embed-dir', 'either', 'names-a-file'),
  stays('--embed-dir', 'either', 'names-a-file'),

  // Other code, other programs.
  stays('-fplugin', 'joined', 'plugin'), // -fplugin=, -fplugin-arg-; a stock distccd drops the connection
  stays('-fpass-plugin=', 'joined', 'plugin'),
  stays('-iplugindir=', 'joined', 'plugin'),
  stays('-specs', 'either', 'specs'),
  stays('--specs', 'either', 'specs'),
  stays('--config', 'either', 'specs'),
  stays('-wrapper', 'separate', 'other-programs'),
  stays('-B', 'either', 'other-programs'),
  stays('--prefix', 'either', 'other-programs'),
  stays('-no-integrated-cpp', 'none', 'other-programs'),
  stays('-ccc-', 'joined', 'other-programs'),
  stays('--driver-mode=', 'joined', 'other-programs'),

  // Modules and precompiled headers.
  stays('-fmodule', 'joined', 'modules'), // -fmodules, -fmodules-ts, -fmodule-file=, -fmodule-mapper=, -fmodule-header
  stays('-fcxx-modules', 'none', 'modules'),
  stays('-fimplicit-module', 'joined', 'modules'),
  stays('-fprebuilt-', 'joined', 'modules'), // -fprebuilt-module-path=, -fprebuilt-implicit-modules
  stays('-flang-info-', 'joined', 'modules'),
  stays('-fbuild-session-', 'joined', 'modules'),
  stays('-fsystem-module', 'none', 'modules'),
  stays('-module-file-info', 'none', 'modules'),
  stays('-fapinotes', 'joined', 'modules'),
  stays('-iapinotes-modules', 'separate', 'modules'),
  stays('-fbuiltin-module-map', 'none', 'modules'),
  stays('-fdeps-', 'joined', 'modules'),
  stays('--precompile', 'none', 'modules'),
  stays('-include-pch', 'separate', 'precompiled-header'),
  stays('-fpch-', 'joined', 'precompiled-header'), // -fpch-preprocess puts a file's name into the text
  stays('-relocatable-pch', 'none', 'precompiled-header'),
  stays('-verify-pch', 'none', 'precompiled-header'),

  // The result depends on the command or on more than one target.
  stays('-fopenmp-targets=', 'joined', 'several-architectures'),
  stays('-arch', 'separate', 'several-architectures'), // twice makes two objects in one
  stays('-frecord-gcc-switches', 'none', 'records-command'),
  stays('-frecord-command-line', 'none', 'records-command'),
  stays('-grecord-command-line', 'none', 'records-command'),
  stays('-fverbose-asm', 'none', 'records-command'),
  stays('-fembed-bitcode', 'joined', 'records-command'), // holds the command line too

  // Text that cannot be compiled as if it had not been written out.
  // gcc takes these three only with -E, and the error is the caller's.
  stays('-C', 'none', 'preprocessor-mode'),
  stays('-CC', 'none', 'preprocessor-mode'),
  stays('-traditional', 'none', 'preprocessor-mode'),
  stays('-P', 'none', 'preprocessor-mode'), // no line markers
  stays('-fpreprocessed', 'none', 'preprocessor-mode'),
  stays('-fdirectives-only', 'none', 'preprocessor-mode'),
  stays('-frewrite-', 'joined', 'preprocessor-mode'),
  stays('-fworking-directory', 'none', 'preprocessor-mode'),
  stays('-fno-working-directory', 'none', 'preprocessor-mode'), // -g loses the directory
  stays('-fuse-line-directives', 'none', 'preprocessor-mode'),
  stays('-fminimize-whitespace', 'none', 'preprocessor-mode'),
  stays('-I-', 'none', 'preprocessor-mode'),
  stays('-Xopenmp-target', 'joined', 'front-end-words'),
  stays('-Xarch_', 'joined', 'front-end-words'),
  stays('-Xcuda-', 'joined', 'front-end-words'),
  stays('-Xanalyzer', 'separate', 'front-end-words'),
];
