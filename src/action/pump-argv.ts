/**
 * The command as it is sent with its files, in protocol 3: preprocessor options and all, but with the
 * compiler's own header directories named, so that headers are those of the client wherever it is compiled.
 *
 * A stock distccd puts its own root before absolute operands of -I, -isystem and their like, its own names in
 * place of the first word that looks like a source and of the first -o, and reads the dependencies itself.
 */
import { fromText, type ByteString } from '../base/byte-string.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { readPreprocessorWords } from '../command/forwarded-words.ts';
import { roleOf, sentSourceName } from '../command/language.ts';
import type { RemoteCompiler } from '../command/rewrite.ts';
import { isFile, type Word } from '../command/words.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { PumpObjection } from './pump-objection.ts';

export interface PumpRefusal {
  readonly reason: PumpObjection;
  readonly detail: string;
}

/** What the dependency file of a sent command has before its colon. */
export const SENT_OUTPUT: Readonly<Record<CompileCommand['makes'], ByteString>> = {
  object: 'out.o',
  assembly: 'out.s',
};

const MAPS_PATHS =
  /^-f(?:debug|file|macro|coverage|profile)-(?:prefix-map|compilation-dir)|^-fcanon-prefix-map/;

export function pumpArgv(
  command: CompileCommand,
  { name, target }: RemoteCompiler,
  { builtinDirectories, preincluded }: Pick<Closure, 'builtinDirectories' | 'preincluded'>,
): Result<readonly ByteString[], PumpRefusal> {
  const { source, language, makes, words } = command;
  const foreign = words.find(({ option }) => option?.effect === 'language')?.texts.join(' ') ?? source;
  if (foreign !== source || sentSourceName(source, language) !== source)
    return err({ reason: 'sent-name', detail: foreign });
  for (const word of words) {
    const reason = objectionTo(word);
    if (reason !== undefined) return err({ reason, detail: word.texts.join(' ') });
  }
  return ok([
    fromText(name),
    fromText(source),
    makes === 'object' ? '-c' : '-S',
    '-o',
    SENT_OUTPUT[makes],
    // Without its own directories the compiler does not include them by itself.
    ...preincluded.flatMap((header) => ['-include', fromText(header)]),
    ...words.flatMap(sentWords).map(fromText),
    '-nostdinc',
    ...builtinDirectories.flatMap((directory) => ['-isystem', fromText(directory)]),
    ...(target === undefined ? [] : ['-target', fromText(target)]),
  ]);
}

function objectionTo({ texts, operand = '' }: Word): PumpObjection | undefined {
  const [first = '', second] = texts;
  if (MAPS_PATHS.test(first)) return 'maps-paths';
  return second !== undefined && (roleOf(operand) === 'source' || operand.endsWith('.o')) && first !== '-o'
    ? 'odd-operand'
    : undefined;
}

function sentWords(word: Word): readonly string[] {
  if (isFile(word)) return [];
  switch (word.option?.effect) {
    case 'object':
    case 'assembly':
    case 'output':
    case 'links':
    case 'dependency-file':
    case 'dependency-target':
      return [];
    case 'to-preprocessor': {
      const dependencies = readPreprocessorWords(word)?.dependencies;
      return dependencies === undefined ? word.texts : [dependencies.flag];
    }
    default:
      return word.texts;
  }
}
