/** The inputs of a command that is no compile: copies in a directory of its own, to which it may write. */
import {
  chmodSync,
  copyFileSync,
  constants,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { toText } from '../base/byte-string.ts';
import type { Digest } from '../base/digest.ts';
import type { FileBlobStore } from '../store/blob-store.ts';
import type { BoxedCommand } from './box.ts';
import type { TreeDirectory, TreeFile } from './box-tree.ts';

interface Place {
  /** Of the input root; made here. */
  readonly inputs: string;
  readonly blobs: FileBlobStore;
}

/** Lays all out, with the parents of outputs. @returns what is missing; then it is not whole. */
export function layOutInputs(
  { workingDirectory, outputPaths }: BoxedCommand,
  tree: TreeDirectory,
  { inputs, blobs }: Place,
): readonly Digest[] {
  const missing: Digest[] = [];
  const layOut = (directory: TreeDirectory, place: string): void => {
    mkdirSync(place, { mode: 0o755 });
    for (const [name, entry] of directory.entries) {
      const file = `${place}/${name}`;
      if (entry.kind === 'directory') layOut(entry, file);
      else if (entry.kind === 'link') symlinkSync(entry.target, file);
      else if (!copy(entry, file, blobs)) missing.push(entry.digest);
    }
  };
  layOut(tree, inputs);
  if (missing.length > 0) return missing;
  const below = path.join(inputs, toText(workingDirectory));
  for (const output of outputPaths)
    mkdirSync(path.dirname(path.join(below, toText(output))), { recursive: true });
  return [];
}

/**
 * Directories are made in what was laid out, on the way to outputs: a link on it would lead out of there.
 *
 * @returns why they cannot be made, as a sentence.
 */
export function objectionToDirectories(
  { workingDirectory, outputPaths, room }: BoxedCommand,
  tree: TreeDirectory,
): string | undefined {
  const below = toText(workingDirectory);
  const working = find(tree, below);
  if (working !== 'directory')
    return `the working directory ${JSON.stringify(below)} is none of the input root's`;
  for (const output of outputPaths) {
    const parent = path.dirname(path.join(below, toText(output)));
    const kind = find(tree, parent);
    if (kind === 'other') return `${JSON.stringify(parent)}, for an output, is no directory`;
    // What a compile's outputs are mounted on is made, and goes again with its parent.
    if (room.kind === 'compile' && kind !== undefined) return `${JSON.stringify(parent)} is taken`;
  }
  return undefined;
}

/** What stands there; undefined where nothing does. */
function find(tree: TreeDirectory, below: string): 'directory' | 'other' | undefined {
  let directory = tree;
  for (const name of path.normalize(below).split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') return 'other';
    const entry = directory.entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.kind !== 'directory') return 'other';
    directory = entry;
  }
  return 'directory';
}

function copy({ digest, isExecutable, mtimeSeconds }: TreeFile, file: string, blobs: FileBlobStore): boolean {
  const from = blobs.fileOf(digest);
  if (digest.sizeBytes === 0) writeFileSync(file, '', { flag: 'wx' });
  else if (from === undefined) return false;
  else copyFileSync(from, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  chmodSync(file, isExecutable ? 0o755 : 0o644);
  if (mtimeSeconds !== undefined) utimesSync(file, mtimeSeconds, mtimeSeconds);
  return true;
}
