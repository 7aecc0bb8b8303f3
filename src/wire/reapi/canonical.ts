/**
 * What the API demands of what clients state: names that are names, each once, in order. A tree that is not so would be
 * another one on each server.
 */
import type { Command, Directory } from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { compareNames } from './directory.ts';

/** What is wrong with it, for people. */
export function objectionToDirectory({ files, directories, symlinks }: Directory): string | undefined {
  const seen = new Set<string>();
  for (const list of [files, directories, symlinks]) {
    let before: string | undefined;
    for (const { name } of list) {
      if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || name.length > 255)
        return `${JSON.stringify(name)} is no name`;
      if (seen.has(name)) return `${JSON.stringify(name)} is there twice`;
      if (before !== undefined && compareNames(before, name) > 0)
        return `${JSON.stringify(name)} is out of order`;
      seen.add(name);
      before = name;
    }
  }
  const link = symlinks.find(({ target }) => target === '' || target.includes('\0'));
  return link && `the link ${JSON.stringify(link.name)} leads nowhere`;
}

/** Bazel 4 does not sort what it asks for, so that is left to it. */
export function objectionToCommand(command: Command): string | undefined {
  const names = command.environmentVariables.map(({ name }) => name);
  const [wrong] = names.filter((name, index) => index > 0 && compareNames(names[index - 1] ?? '', name) >= 0);
  if (wrong !== undefined) return `the variable ${JSON.stringify(wrong)} is out of order, or there twice`;
  const bad = names.find((name) => name === '' || /[=\0]/.test(name));
  if (bad !== undefined) return `${JSON.stringify(bad)} is no variable`;
  const values = [...command.arguments, ...command.environmentVariables.map(({ value }) => value)];
  if (values.some((value) => value.includes('\0'))) return 'a word has a NUL in it';
  if (command.arguments.length === 0) return 'there is no command';
  if (!isBelow(command.workingDirectory)) return 'the working directory is not below the input root';
  const output = outputsOf(command).find((path) => path === '' || !isBelow(path, command.workingDirectory));
  return output === undefined
    ? undefined
    : `the output ${JSON.stringify(output)} is not below the input root`;
}

/** By the newer name, or the two older ones. */
export function outputsOf({ outputPaths, outputFiles, outputDirectories }: Command): readonly string[] {
  return outputPaths.length > 0 ? outputPaths : [...outputFiles, ...outputDirectories];
}

function isBelow(path: string, from = ''): boolean {
  if (path.startsWith('/') || path.includes('\0')) return false;
  let depth = from.split('/').filter(Boolean).length;
  for (const word of path.split('/')) {
    if (word === '..') depth--;
    else if (word !== '' && word !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}
