/**
 * The dependency file of a compile that ran elsewhere: the names are right there, but lines are broken by
 * the lengths of other names. Read, and written again as gcc or clang here would have.
 *
 * Source: gcc's libcpp/mkdeps.cc, make_write(); clang's DependencyFileGenerator: where lines break; both with
 * their own idea of columns. Tried with gcc 12 and clang 14.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { deriveTarget } from '../command/output-name.ts';

/**
 * What stands behind the colon, with make's escapes.
 *
 * @param target what stands before it.
 * @returns undefined when it is no rule for `target` alone.
 */
export function readDependencies(text: ByteString, target: ByteString): readonly ByteString[] | undefined {
  const rule = text.replaceAll(/\\\r?\n/g, ' ');
  if (!rule.startsWith(`${target}:`)) return undefined;
  const end = rule.indexOf('\n');
  const names = rule.slice(target.length + 1, end < 0 ? rule.length : end);
  return names.match(/(?:\\.|[^\\\s])+/g) ?? undefined;
}

/** @returns undefined for targets that gcc would write in another order. */
export function formatDependencies(
  command: CompileCommand,
  names: readonly ByteString[],
): ByteString | undefined {
  const targets = targetsOf(command);
  if (targets === undefined) return undefined;
  const isPhony = command.words.some(({ texts }) => texts[0] === '-MP');
  const rule = command.family === 'clang' ? clangRule(targets, names) : gccRule(targets, names);
  return (
    rule +
    (isPhony
      ? names
          .slice(1)
          .map((name) => `${name}:\n`)
          .join('')
      : '')
  );
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

const GCC_COLUMNS = 72;
const CLANG_COLUMNS = 75;

function gccRule(targets: readonly ByteString[], names: readonly ByteString[]): ByteString {
  let text = '';
  let column = 0;
  const write = (name: ByteString): void => {
    if (column > 0) {
      const isFull = column + name.length > GCC_COLUMNS;
      if (isFull) column = 0;
      text += isFull ? ' \\\n ' : ' ';
      column++;
    }
    text += name;
    column += name.length;
  };
  targets.forEach(write);
  text += ':';
  column++;
  names.forEach(write);
  return `${text}\n`;
}

function clangRule(targets: readonly ByteString[], names: readonly ByteString[]): ByteString {
  let text = '';
  let column = 0;
  for (const target of targets) {
    const isFull = column > 0 && column + target.length + 2 > CLANG_COLUMNS;
    text += (column === 0 ? '' : isFull ? ' \\\n  ' : ' ') + target;
    column = column === 0 ? target.length : isFull ? target.length + 2 : column + target.length + 1;
  }
  text += ':';
  column++;
  for (const name of names) {
    if (column + name.length + 3 > CLANG_COLUMNS) {
      text += ' \\\n ';
      column = 2;
    }
    text += ` ${name}`;
    column += name.length + 1;
  }
  return `${text}\n`;
}
