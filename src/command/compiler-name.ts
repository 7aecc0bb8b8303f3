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

/** Without directory and version. */
function nameOf(compiler: ByteString): string {
  return compiler.slice(compiler.lastIndexOf('/') + 1).replace(/-\d[\d.]*$/, '');
}
