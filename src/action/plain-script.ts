/**
 * What a compile is wrapped in where it runs below a root that only the server knows: a script for any POSIX shell,
 * with no other programs. It looks whether the compiler is the one that was meant, puts the root's name before names,
 * and tells it in the first line of its standard output, so that it can be taken out of what comes back.
 *
 * The working directory is the input root. `$1` is the compiler, `$2` what it says to -v, `$3` the directory of the
 * call; the compiler's arguments follow.
 */
import { ROOT } from './plain-argv.ts';

/** Begins that line. */
const WORD = 'manyhands';
/** No compiler's. */
const CANNOT = 97;

const SCRIPT = `
r=$(pwd -P)
[ "$r" != / ] || r=
case $r in *[!A-Za-z0-9._/+@,-]*) echo "${WORD} odd-root"; exit ${CANNOT} ;; esac
c=$1 v=$2 d=$3
shift 3
h=$(LC_ALL=C "$c" -v 2>&1)
[ "$h" = "$v" ] || { echo "${WORD} other-compiler"; printf '%s\\n' "$h"; exit ${CANNOT}; }
cd "$r$d" || { echo "${WORD} no-directory"; exit ${CANNOT}; }
export PWD
echo "${WORD} root $r"
n=$#
for a do
  case $a in *${ROOT}*) a=\${a%%${ROOT}*}$r\${a#*${ROOT}} ;; esac
  set -- "$@" "$a"
done
shift "$n"
exec "$c" \${r:+"-ffile-prefix-map=$r="} "$@"
`.trim();

export interface WrappedCompile {
  /** Absolute. */
  readonly compiler: string;
  readonly banner: string;
  /** Absolute, as the caller names it. */
  readonly directory: string;
  readonly argv: readonly string[];
}

export function wrap({ compiler, banner, directory, argv }: WrappedCompile): readonly string[] {
  return ['/bin/sh', '-c', SCRIPT, WORD, compiler, banner.replace(/\n+$/, ''), directory, ...argv];
}

/** The compiler and its arguments, for logs; any other command is what it is. */
export function commandWithin(argv: readonly string[]): readonly string[] {
  const [, , , word, compiler, , , ...rest] = argv;
  return word === WORD && compiler !== undefined ? [compiler, ...rest] : argv;
}

export type Unwrapped =
  /** It was run; `root` is without a slash behind, and empty for `/`. */
  | { readonly kind: 'ran'; readonly root: string; readonly stdout: Uint8Array }
  /** There is none of that name, or it does not say the same of itself. */
  | { readonly kind: 'other-compiler'; readonly said: string }
  | { readonly kind: 'cannot'; readonly why: string };

export function unwrap(stdout: Uint8Array): Unwrapped {
  const end = stdout.indexOf(0x0a);
  const line = Buffer.from(stdout.subarray(0, Math.max(end, 0))).toString();
  const rest = stdout.subarray(end + 1);
  const [, word = '', root = ''] = new RegExp(`^${WORD} (\\S+)(?: (.*))?$`).exec(line) ?? [];
  if (word === 'root') return { kind: 'ran', root, stdout: rest };
  if (word === 'other-compiler') return { kind: 'other-compiler', said: Buffer.from(rest).toString().trim() };
  return { kind: 'cannot', why: word === '' ? 'it did not run the script' : word };
}
