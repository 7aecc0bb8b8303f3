/**
 * Options that make both steps of a compile speak as the compiler does to a terminal, since neither of
 * them sees the caller's.
 *
 * Sources: gcc/diagnostic-color.cc (TERM, GCC_COLORS); clang's driver, -fcolor-diagnostics and
 * -fmessage-length. Links in messages (-fdiagnostics-urls) are left out: older compilers do not know them.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from './compile-command.ts';

export interface Terminal {
  /** Of standard error; 0 when it is not known. */
  readonly columns: number;
}

const SAYS_COLOUR = /^-f(?:no-)?(?:diagnostics-color|color-diagnostics)(?!=auto$)/;
const SAYS_WIDTH = /^-fmessage-length/;

/** `command` for a caller whose standard error is a terminal. */
export function speakToTerminal(
  command: CompileCommand,
  { columns }: Terminal,
  environment: ReadonlyMap<ByteString, ByteString>,
): CompileCommand {
  const { family, words } = command;
  const says = (pattern: RegExp): boolean => words.some(({ texts: [text = ''] }) => pattern.test(text));
  const added: ByteString[] = [];
  if (family === 'gcc' || family === 'clang') {
    const isPlain = family === 'gcc' && environment.get('GCC_COLORS') === '';
    if (hasColours(environment) && !isPlain && !says(SAYS_COLOUR)) added.push('-fdiagnostics-color=always');
  }
  if (family === 'clang' && columns > 0 && !says(SAYS_WIDTH)) added.push(`-fmessage-length=${columns}`);
  if (added.length === 0) return command;
  const more = added.map((text, at) => ({ index: command.argv.length + at, texts: [text] }));
  return { ...command, words: [...words, ...more] };
}

function hasColours(environment: ReadonlyMap<ByteString, ByteString>): boolean {
  const terminal = environment.get('TERM') ?? '';
  return terminal !== '' && terminal !== 'dumb';
}
