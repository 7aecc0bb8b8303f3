/**
 * Files of variables as Gentoo's /etc/env.d has them: lines `NAME="value"`, which a shell could read.
 * Comments and all lines that are not changed stay as they are.
 */

/** What it is set to; the last line counts. Undefined when it is not set. */
export function findVariable(text: string, name: string): string | undefined {
  for (const line of text.split('\n').toReversed()) {
    const groups = ASSIGNMENT.exec(line)?.groups;
    if (groups?.['name'] !== name) continue;
    const { double, single, bare } = groups;
    return double?.replaceAll(/\\(["\\$`])/g, '$1') ?? single ?? bare;
  }
  return undefined;
}

/** The text with the variable set: where it was, else at the end. */
export function setVariable(text: string, name: string, value: string): string {
  const line = `${name}="${value.replaceAll(/["\\$`]/g, '\\$&')}"`;
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const at = lines.findLastIndex((old) => ASSIGNMENT.exec(old)?.groups?.['name'] === name);
  return `${(at < 0 ? [...lines, line] : lines.with(at, line)).join('\n')}\n`;
}

export function isVariableName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_]\w*)=(?:"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<bare>[^\s"'#]*))[ \t]*(?:#.*)?$/;
