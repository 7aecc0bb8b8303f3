/** What a compiler's name tells: `x86_64-linux-gnu-g++-12`, `/usr/bin/clang++`, `cc`. */
import type { ByteString } from '../base/byte-string.ts';
import type { CompilerFamily } from './compile-command.ts';

export function familyOf(compiler: ByteString): CompilerFamily {
  const name = nameOf(compiler);
  if (/^(?:.*-)?clang(?:\+\+)?$/.test(name)) return 'clang';
  return /^(?:.*-)?g(?:cc|\+\+)$/.test(name) ? 'gcc' : 'unknown';
}

/** Whether it takes a `.c` for C++. */
export function isCxxDriver(compiler: ByteString): boolean {
  return /(?:^|-)(?:g|c|clang)\+\+$/.test(nameOf(compiler));
}

/** Programs that are no C compilers, and of which builds call some by way of us. */
const OTHER_TOOLS: ReadonlySet<string> = new Set(
  `ar as cl clang-cl clang-cpp clang-format clang-tidy cpp dmd dwp ccache elfedit f77 f95 flang gcc-ar gcc-nm
  gcc-ranlib gccgo gcov gdc gfortran ghc gnat gnatmake go gold javac ld ld.bfd ld.gold ld.lld ldc2 lld make mold nasm nm
  nvcc objcopy objdump ocamlopt ranlib readelf rustc sccache size strings strip swiftc yasm zig`.split(/\s+/),
);

/** Whether it is a tool whose command lines are none of a C compiler, by its name. */
export function isOtherTool(compiler: ByteString): boolean {
  const name = nameOf(compiler);
  // With a target in front as well: x86_64-linux-gnu-gfortran.
  return OTHER_TOOLS.has(name) || OTHER_TOOLS.has(name.replace(/^\w+(?:-[\w.]+){1,3}-(?=[^-]+$)/, ''));
}

/** Without directory and version. */
function nameOf(compiler: ByteString): string {
  return compiler.slice(compiler.lastIndexOf('/') + 1).replace(/-\d[\d.]*$/, '');
}
