/** What a store on disk holds, for its owner; and the ways to tidy it up. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { digestOf } from '../base/digest.ts';
import { isWholeResult } from './disk-results.ts';
import type { DiskDirectory } from './disk-directory.ts';
import { listFiles } from './eviction.ts';

export interface StoreReport {
  readonly blobs: number;
  readonly results: number;
  readonly bytes: number;
  /** When the file was used that nobody has used for longest, in ms since 1970; to the hour. */
  readonly oldestUseMs: number | undefined;
}

export async function reportStore(directory: DiskDirectory): Promise<StoreReport> {
  let [blobs, results, bytes] = [0, 0, 0];
  let oldestUseMs: number | undefined;
  for await (const files of listFiles(directory)) {
    for (const file of files) {
      if (file.kind === 'cas') blobs++;
      else results++;
      bytes += file.bytes;
      oldestUseMs = Math.min(oldestUseMs ?? Infinity, file.usedMs);
    }
  }
  return { blobs, results, bytes, oldestUseMs };
}

/** Removes all; what others write meanwhile may stay. @returns how many files. */
export async function clearStore(directory: DiskDirectory): Promise<number> {
  let removed = 0;
  for await (const files of listFiles(directory)) {
    for (const file of files) directory.remove(file.path);
    removed += files.length;
  }
  return removed;
}

/** Reads all, and removes what is damaged. */
export async function verifyStore(
  directory: DiskDirectory,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<{ readonly whole: number; readonly damaged: readonly string[] }> {
  const { blobs, results } = await reportStore(directory);
  let [whole, looked] = [0, 0];
  const damaged: string[] = [];
  for await (const files of listFiles(directory)) {
    for (const { path: file, kind } of files) {
      onProgress(++looked, blobs + results);
      const bytes = readIfThere(file);
      if (bytes === undefined) continue;
      const isWhole = kind === 'cas' ? digestOf(bytes).hash === path.basename(file) : isWholeResult(bytes);
      if (isWhole) whole++;
      else {
        directory.remove(file);
        damaged.push(file);
      }
    }
  }
  return { whole, damaged };
}

/** It may have gone meanwhile. */
function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
