/** Makes a judged tree on the disk, under a root that is nobody else's and has nothing in it. */
import { closeSync, futimesSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import type { ByteString } from '../base/byte-string.ts';
import { toBytes } from '../base/byte-string.ts';
import { decodeBody } from '../wire/distcc/protocol.ts';
import type { Tree, TreeFile } from './tree.ts';

/** After so many bytes or files other jobs have their turn. */
const BYTES_AT_A_TIME = 1 << 20;
const FILES_AT_A_TIME = 64;
/** Sunday, 9 September 2001. */
const FIRST_TIME_S = 1_000_000_000;

export interface TreeWriting {
  readonly root: ByteString;
  /** For all files together, restored. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Stops early when the signal is aborted.
 *
 * @throws {ProtocolError} when a file is damaged, or all stand for more than `maxBytes`.
 */
export async function writeTree(tree: Tree, { root, maxBytes, signal }: TreeWriting): Promise<void> {
  mkdirSync(toBytes(root), { mode: 0o700 });
  for (const name of tree.directories) mkdirSync(toBytes(root + name), { mode: 0o700 });
  for (const { name, target, isSystem } of tree.links) {
    const there = isSystem ? name : target.startsWith('/') ? root + target : target;
    symlinkSync(toBytes(there), toBytes(root + name));
  }
  let bytesLeft = maxBytes;
  let sinceTurn = 0;
  for (const [index, file] of tree.files.entries()) {
    if (signal.aborted) return;
    const content = restore(file, bytesLeft);
    bytesLeft -= content.length;
    writeFile(root + file.name, content, FIRST_TIME_S + index);
    sinceTurn += content.length + BYTES_AT_A_TIME / FILES_AT_A_TIME;
    if (sinceTurn < BYTES_AT_A_TIME) continue;
    sinceTurn = 0;
    await setImmediate();
  }
}

/** The file as it is at the client: without the line with which a stock client names some headers. */
function restore({ name, body }: TreeFile, maxBytes: number): Uint8Array {
  const content = decodeBody(3, body, maxBytes);
  const line = toBytes(`#line 1 "${name}"\n`);
  const isAdded = Buffer.compare(line, content.subarray(0, line.length)) === 0;
  return isAdded ? content.subarray(line.length) : content;
}

/** Each has a time of its own: to gcc, under #pragma once, two of one time and one content are one file. */
function writeFile(name: ByteString, content: Uint8Array, seconds: number): void {
  const file = openSync(toBytes(name), 'wx', 0o600);
  try {
    for (let at = 0; at < content.length;) at += writeSync(file, content, at);
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
}
