/** Whether the compiler here has its messages in the caller's language. */
import path from 'node:path';
import { languagesOf } from '../command/message-locale.ts';
import { namesIn } from '../files/names-in.ts';
import type { InvocationFrame } from '../wire/launcher/launcher-message.ts';

/**
 * The catalogue that gcc would speak by, where it would not speak English. Looked for beside the compiler
 * and at the usual place; clang has none.
 */
export function findTranslation({ compiler, environment }: InvocationFrame): string | undefined {
  const places = [path.join(path.dirname(compiler), '..', 'share', 'locale'), '/usr/share/locale'];
  for (const language of languagesOf(environment)) {
    for (const place of places) {
      const directory = path.join(place, language, 'LC_MESSAGES');
      const catalogue = namesIn(directory).find((name) => /^gcc(?:-[\d.]+)?\.mo$/.test(name));
      if (catalogue !== undefined) return path.join(directory, catalogue);
    }
  }
  return undefined;
}
