/** Whether a compile writes debug information, which names directories and may hold digests of files. */
import type { CompileCommand } from './compile-command.ts';

export function makesDebugInformation({ words }: Pick<CompileCommand, 'words'>): boolean {
  return words.some(({ texts }) => /^-g(?!0$|record|no-)/.test(texts[0] ?? ''));
}
