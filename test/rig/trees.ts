/** Build directories as they are compared: which files one has, and what is in them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The digest of each file below `directory` that is `wanted`, by its name there; links are passed over.
 * `replacement` is a text that is read as another one.
 */
export function digestFiles(
  directory: string,
  wanted: (name: string) => boolean,
  replacement: readonly [text: string, other: string] = ['', ''],
): Readonly<Record<string, string>> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .filter(wanted)
    .sort();
  return Object.fromEntries(files.map((name) => [name, digest(path.join(directory, name), replacement)]));
}

/** For digestFiles(). */
export function isObject(name: string): boolean {
  return name.endsWith('.o');
}

function digest(file: string, [text, other]: readonly [text: string, other: string]): string {
  const content = readFileSync(file, 'latin1');
  const read = text === '' ? content : content.replaceAll(text, other);
  return createHash('sha256').update(read, 'latin1').digest('hex');
}
