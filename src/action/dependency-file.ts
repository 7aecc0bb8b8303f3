/**
 * The dependency file of a compile that ran elsewhere: the names are right there, but lines are broken by
 * the lengths of other names. Read, and written again as gcc or clang here would have.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { breakAsClang, breakAsGcc } from '../command/dependency-rule.ts';
import { deriveTarget } from '../command/output-name.ts';

export interface Dependencies {
  /** What stands behind the colon, with make's escapes. */
  readonly names: readonly ByteString[];
  /** The rules behind the first one: of two clangs one has empty lines between them. */
  readonly phonies: ByteString;
}

/**
 * @param target what stands before the colon.
 * @returns undefined when it is no rule for `target` alone.
 */
export function readDependencies(text: ByteString, target: ByteString): Dependencies | undefined {
  const rule = text.replaceAll(/\\\r?\n/g, ' ');
  if (!rule.startsWith(`${target}:`)) return undefined;
  const end = rule.indexOf('\n');
  const names = rule.slice(target.length + 1, end < 0 ? rule.length : end).match(/(?:\\.|[^\\\s])+/g);
  return names === null ? undefined : { names, phonies: end < 0 ? '' : rule.slice(end + 1) };
}

/** @returns undefined for targets that gcc would write in another order. */
export function formatDependencies(
  command: CompileCommand,
  { names, phonies }: Dependencies,
): ByteString | undefined {
  const targets = targetsOf(command);
  if (targets === undefined) return undefined;
  const isPhony = command.words.some(({ texts }) => texts[0] === '-MP');
  const words = [...targets.slice(0, -1), `${targets.at(-1)}:`, ...names];
  const rule = command.family === 'clang' ? breakAsClang(words) : breakAsGcc(words);
  return isPhony ? rule + phonies : rule;
}

function targetsOf({ words, dependencies, source }: CompileCommand): readonly ByteString[] | undefined {
  const explicit = words.filter(({ option }) => option?.effect === 'dependency-target');
  if (explicit.length === 0) return [quote(dependencies?.impliedTarget ?? deriveTarget(source))];
  const isQuoted = explicit.map(({ option }) => option?.name === '-MQ');
  if (new Set(isQuoted).size > 1) return undefined;
  return explicit.map(({ operand = '' }) => (isQuoted[0] === true ? quote(operand) : operand));
}

/** For make. */
function quote(name: ByteString): ByteString {
  return name
    .replaceAll(/(\\*)([ \t])/g, String.raw`$1$1\$2`)
    .replaceAll('$', '$$$$')
    .replaceAll('#', String.raw`\#`);
}
