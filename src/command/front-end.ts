/**
 * gcc's preprocessor without gcc's driver: which program the driver would start, learnt from `-###` once
 * and then filled in with the names of each job.
 *
 * The driver costs 1 ms of CPU a file, and says the same for each file of a kind. What is learnt is used
 * only where it is plain: one line with one of gcc's own front ends, every placeholder where it was
 * expected, and not a word of the driver's own for the caller.
 *
 * Source: gcc's manual, "Overall Options", `-###`; the form is that of gcc 12.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from './compile-command.ts';
import { preprocessArgv } from './rewrite.ts';
import type { Word } from './words.ts';

/** The program that the driver starts, and its argv with gaps. */
export interface FrontEnd {
  /** Absolute. */
  readonly program: ByteString;
  readonly parts: readonly Part[];
}

/** What is different in each job of a kind. */
export interface FrontEndNames {
  readonly source: ByteString;
  readonly dependencyFile: ByteString;
  /** What stands before the colon: the operands of -MT and -MQ, in order. */
  readonly targets: readonly ByteString[];
}

type Part =
  | ByteString
  | { readonly gap: 'source' | 'source-name' | 'dependency-file' }
  | { readonly target: number };

const MARK = 'manyhands-gap';
const DEPENDENCY_GAP = `${MARK}-dependencies`;
const TARGET_GAP = `${MARK}-target-`;
/** A directory, because some of what the driver says has the name without it. */
const SOURCE_GAP_DIRECTORY = `${MARK}-directory/`;
const SOURCE_GAP = `${MARK}-source`;

const FRONT_ENDS: ReadonlySet<string> = new Set(['cc1', 'cc1plus', 'cc1obj', 'cc1objplus']);

/** What the driver tells about itself; all else would be for the caller to read, or is a file of specs. */
const CHATTER =
  /^(?:|[A-Z_]+=.*|Using built-in specs\.|Target: .*|Configured with: .*|Thread model: .*|Supported LTO .*|\S+ version .*)$/;

/**
 * The argv with which the driver tells what it would start. Equal for all jobs of a kind: with the compiler
 * and the directory it identifies the kind.
 */
export function questionArgv(command: CompileCommand, wantsDependencies: boolean): readonly ByteString[] {
  const gaps = wantsDependencies ? { dependencyFile: DEPENDENCY_GAP } : {};
  const [compiler = '', ...rest] = preprocessArgv(withGaps(command), gaps);
  return [compiler, '-###', ...rest];
}

/** @param said what the driver wrote to standard error in answer to questionArgv(), in the C locale. */
export function learnFrontEnd(said: string): FrontEnd | undefined {
  const start = said.search(/^ /m);
  if (start < 0) return undefined;
  const command = readQuotedWords(said, start);
  const [program] = command?.words ?? [];
  if (command === undefined || program === undefined) return undefined;
  // A driver away from where it was built for sets GCC_EXEC_PREFIX, too, and does not say so.
  if (command.words.includes('-iprefix')) return undefined;
  const chatter = `${said.slice(0, start)}${said.slice(command.end + 1)}`;
  if (!chatter.split('\n').every((line) => CHATTER.test(line))) return undefined;
  if (!program.startsWith('/') || !FRONT_ENDS.has(baseOf(program))) return undefined;
  const parts: Part[] = [];
  for (const word of command.words) {
    const part = partOf(word);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return { program, parts };
}

/** The argv of the front end for one job. */
export function frontEndArgv({ parts }: FrontEnd, names: FrontEndNames): readonly ByteString[] {
  return parts.map((part) => {
    if (typeof part === 'string') return part;
    if ('target' in part) return names.targets[part.target] ?? '';
    switch (part.gap) {
      case 'source':
        return names.source;
      case 'source-name':
        return baseOf(names.source);
      case 'dependency-file':
        return names.dependencyFile;
    }
  });
}

/** The targets of a command, as FrontEndNames has them. */
export function dependencyTargets({ words, dependencies }: CompileCommand): readonly ByteString[] {
  const explicit = words.filter(isTarget).map(({ operand = '' }) => operand);
  return dependencies?.impliedTarget === undefined ? explicit : [...explicit, dependencies.impliedTarget];
}

function withGaps(command: CompileCommand): CompileCommand {
  let targets = 0;
  const source = `${SOURCE_GAP_DIRECTORY}${SOURCE_GAP}${extensionOf(command.source)}`;
  const words = command.words.map((word): Word => {
    if (word.index === command.sourceIndex) return { ...word, texts: [source] };
    if (!isTarget(word)) return word;
    return { ...word, texts: [word.option?.name ?? '', `${TARGET_GAP}${targets++}`] };
  });
  const { dependencies } = command;
  if (dependencies?.impliedTarget === undefined) return { ...command, words };
  const impliedTarget = `${TARGET_GAP}${targets}`;
  return { ...command, words, dependencies: { ...dependencies, impliedTarget } };
}

function isTarget({ option }: Word): boolean {
  return option?.effect === 'dependency-target';
}

function partOf(word: ByteString): Part | undefined {
  if (!word.includes(MARK)) return word;
  if (word === DEPENDENCY_GAP) return { gap: 'dependency-file' };
  const target = word.startsWith(TARGET_GAP) ? word.slice(TARGET_GAP.length) : '';
  if (/^\d+$/.test(target)) return { target: Number(target) };
  const isWhole = word.startsWith(SOURCE_GAP_DIRECTORY);
  const name = isWhole ? word.slice(SOURCE_GAP_DIRECTORY.length) : word;
  // The extension is the same for all jobs of a kind, for the question has it.
  if (!name.startsWith(`${SOURCE_GAP}.`)) return undefined;
  return { gap: isWhole ? 'source' : 'source-name' };
}

/** Words from `start` to the end of the line, as the driver quotes them; undefined where a quote stays open. */
function readQuotedWords(
  text: string,
  start: number,
): { readonly words: readonly string[]; readonly end: number } | undefined {
  const words: string[] = [];
  let at = start;
  for (;;) {
    while (text[at] === ' ') at++;
    if (at >= text.length || text[at] === '\n') return { words, end: at };
    const quoted = /"((?:[^"\\]|\\[^])*)"|([^\s"]+)/y;
    quoted.lastIndex = at;
    const match = quoted.exec(text);
    if (match === null) return undefined;
    words.push(match[2] ?? (match[1] ?? '').replaceAll(/\\([^])/g, '$1'));
    at = quoted.lastIndex;
  }
}

function baseOf(name: ByteString): ByteString {
  return name.slice(name.lastIndexOf('/') + 1);
}

function extensionOf(name: ByteString): ByteString {
  const base = baseOf(name);
  const dot = base.lastIndexOf('.');
  return dot < 0 ? '' : base.slice(dot);
}
