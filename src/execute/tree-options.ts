/**
 * What a command may name in a tree. Paths at the client are paths under the tree's root here: with some
 * options they are told so, and others are refused, as their paths would be the worker's own.
 *
 * Source: "Options for Directory Search" and "Options Controlling the Preprocessor" in the GCC manual; the
 * clang command line reference, "Include path management".
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Word } from '../command/words.ts';
import { STAY_REASONS } from '../command/stay-reason.ts';

/** Their operand is a file or a directory, read from the working directory if it is relative. */
const WITH_PATH = names(
  '-I -include -imacros -iquote -isystem -isystem-after -idirafter -iprefix',
  '-c-isystem -cxx-isystem -objc-isystem -objcxx-isystem -stdlib++-isystem',
);

/** Their operand is appended to that of -iprefix, or to the compiler's own directory. */
const AFTER_PREFIX = names('-iwithprefix -iwithprefixbefore');

/** Their paths are the worker's. */
const ELSEWHERE = names(
  '--sysroot --sysroot= -isysroot -iwithsysroot -iframework -iframeworkwithsysroot -F',
  '-imultilib -imultiarch -ivfsoverlay -ibuiltininc',
);

/** Options whose slashes mean no file, or none that matters to a compile. */
const NO_FILES =
  /^-(D|U|A|L|l|MT|MQ|std=|frandom-seed=|Wa,|f(file|macro|debug|profile)-prefix-map=(?!\/)|fdebug-compilation-dir)/;

/** What a directory's name may begin with to be looked for in the compiler's sysroot. */
const SYSROOT = /^(=|\$SYSROOT)/;

/** Whether its operand is the name of something in the tree. */
export function namesPath({ option }: Word): boolean {
  return WITH_PATH.has(option?.name) || AFTER_PREFIX.has(option?.name);
}

/** Why the option cannot be had with a tree; undefined when it can, if its path is inside. */
export function objectionInTree({ option, operand = '', texts: [first = ''] }: Word): string | undefined {
  if (
    option?.effect === 'stays' &&
    (option.reason === 'names-a-file' || option.reason === 'precompiled-header')
  )
    return STAY_REASONS[option.reason];
  if (ELSEWHERE.has(option?.name)) return 'its paths are not in the tree that was sent';
  if (WITH_PATH.has(option?.name)) {
    return SYSROOT.test(operand) ? 'its path begins at a sysroot' : undefined;
  }
  if (AFTER_PREFIX.has(option?.name)) {
    // Not even one dot: the prefix may end with another.
    return operand.startsWith('.') || operand.split('/').includes('..')
      ? 'it climbs out of its prefix'
      : undefined;
  }
  // That it names a file the worker's owner has chosen was seen to already.
  if (option?.reason === 'specs') return undefined;
  switch (option?.effect) {
    case 'output':
    case 'dependency-file':
      return undefined;
    case 'to-preprocessor':
      return isDefinition(option.name === '-Wp,' ? operand.split(',') : [operand])
        ? undefined
        : 'the preprocessor can be given definitions only';
    default:
      return first.includes('/') || operand.includes('/') ? objectionToSlash(first) : undefined;
  }
}

function names(...lists: readonly string[]): ReadonlySet<string | undefined> {
  return new Set(lists.flatMap((list) => list.split(' ')));
}

function isDefinition(words: readonly ByteString[]): boolean {
  return words.every((word) => /^-[DU]/.test(word));
}

function objectionToSlash(word: ByteString): string | undefined {
  return NO_FILES.test(word) ? undefined : 'it may name a file that is not in the tree that was sent';
}
