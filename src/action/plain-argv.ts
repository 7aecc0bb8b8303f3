/**
 * The words of a compile that runs below another root: absolute names of files and directories begin with ROOT, which
 * the one who runs it replaces (see plain-script.ts).
 */
import path from 'node:path/posix';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { readPreprocessorWords } from '../command/forwarded-words.ts';
import { isFile, type Word } from '../command/words.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { PlainObjection } from './plain-objection.ts';

export const ROOT = '@ROOT@';

export interface PlainRefusal {
  readonly reason: PlainObjection;
  readonly detail: string;
}

export interface PlainOutputs {
  readonly output: string;
  readonly dependencyFile: string;
  /** What the dependency file has before its colon. */
  readonly target: string;
}

/** They name files and directories that are inputs. */
const NAMES_INPUTS: ReadonlySet<string> = new Set([
  '-I',
  '-isystem',
  '-iquote',
  '-idirafter',
  '-include',
  '-imacros',
]);
const MAPS = /^-f(?:debug|file|macro)-prefix-map=/;
/** What they say is text, or means nothing here. */
const SAYS_TEXT: ReadonlySet<string> = new Set([
  '-D',
  '-U',
  '-frandom-seed=',
  '-fdebug-compilation-dir',
  '-fdebug-compilation-dir=',
  '-ffile-compilation-dir=',
  '-fcrash-diagnostics-dir=',
]);
const RECORDS = /^-(?:g(?:gdb|stabs\+?|xcoff|vms)?3$|fdebug-macro|flto)/;
/** Sanitizers keep names of sources for what they report, as the compiler has them. */
const KEEPS_NAMES = /^-f(?:sanitize(?!-recover|-trap)|canon-prefix-map|instrument-functions-exclude-file)/;
/** An absolute name, alone or behind something. */
const HAS_ABSOLUTE_NAME = /(?:^|[^\w./-])\//;

/** Without the compiler. */
export function plainArgv(
  command: CompileCommand,
  closure: Pick<Closure, 'builtinDirectories' | 'preincluded'>,
  {
    hasHeaders,
    outputs,
    directory,
  }: {
    /** Whether the compiler's own headers are there. */
    readonly hasHeaders: boolean;
    readonly outputs: PlainOutputs;
    readonly directory: string;
  },
): Result<readonly string[], PlainRefusal> {
  const { words, dependencies } = command;
  const argv: string[] = [];
  for (const word of words) {
    const reason = objectionTo(word, command, directory);
    if (reason !== undefined) return err({ reason, detail: word.texts.join(' ') });
    argv.push(...rooted(word));
  }
  const { builtinDirectories, preincluded } = closure;
  const own = hasHeaders || builtinDirectories.length === 0;
  return ok([
    // Without its own directories the compiler does not include them by itself.
    ...(own ? [] : preincluded.flatMap((header) => ['-include', header])),
    ...argv,
    ...(own ? [] : ['-nostdinc', ...builtinDirectories.flatMap((name) => ['-isystem', below(name)])]),
    '-o',
    outputs.output,
    ...(dependencies === undefined ? [] : ['-MF', outputs.dependencyFile, '-MQ', outputs.target]),
  ]);
}

function objectionTo(word: Word, { family }: CompileCommand, directory: string): PlainObjection | undefined {
  const { texts, option, operand = '' } = word;
  const [first = ''] = texts;
  if (texts.some((text) => text.includes(ROOT))) return 'absolute-name';
  if (RECORDS.test(first)) return 'records-command';
  if (KEEPS_NAMES.test(first)) return 'unmapped-names';
  // Of two maps that fit, older clangs take the first by its text.
  if (MAPS.test(first)) return family === 'gcc' ? undefined : 'unmapped-names';
  if (isFile(word) || option?.effect === 'links' || SAYS_TEXT.has(option?.name ?? '')) return undefined;
  if (option !== undefined && NAMES_INPUTS.has(option.name)) {
    // gcc calls a system header by its real name, where that is the shorter one.
    const isShortened = !operand.startsWith('/') && path.join(directory, operand).length < operand.length;
    return isShortened && /^-i(?:system|dirafter)$/.test(option.name) ? 'absolute-name' : undefined;
  }
  return texts.some((text) => HAS_ABSOLUTE_NAME.test(text)) ? 'absolute-name' : undefined;
}

function rooted(word: Word): readonly string[] {
  const { texts, option, operand = '' } = word;
  const [first = ''] = texts;
  switch (option?.effect) {
    case 'output':
    case 'dependency-file':
    case 'dependency-target':
      return [];
    case 'to-preprocessor': {
      const dependencies = readPreprocessorWords(word)?.dependencies;
      return dependencies === undefined ? texts : [dependencies.flag];
    }
    default:
  }
  if (isFile(word)) return texts.map(below);
  if (MAPS.test(first)) return [`${option?.name}${below(operand)}`];
  if (option === undefined || !NAMES_INPUTS.has(option.name)) return texts;
  return texts.length > 1 ? [first, below(operand)] : [`${option.name}${below(operand)}`];
}

function below(name: string): string {
  return name.startsWith('/') ? `${ROOT}${name}` : name;
}
