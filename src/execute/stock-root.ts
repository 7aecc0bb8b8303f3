/**
 * Takes a stock distccd's root out of what came back. It lays out a client's files below a directory of its
 * own, TMPDIR/distccd_XXXXXX; release 3.4 does not overwrite that in DWARF 5, and none does in what the
 * compiler prints or in assembler text.
 */
import type { ActionResult } from '../action/action.ts';
import { fromBytes, type ByteString } from '../base/byte-string.ts';
import { hideRoot, printedWithoutRoot } from './client-paths.ts';

const MARK = '/distccd_';
const ROOT = /\/(?:[^\0\s"':]*\/)?distccd_\w{6}(?=\/)/;
/** Of a path before the mark. */
const LOOK_BACK_BYTES = 4096;

/**
 * @param isText the output is assembler text.
 * @returns undefined when the root is where it cannot be taken out of: `__FILE__` in a string.
 */
export function withoutStockRoot(result: ActionResult, isText: boolean): ActionResult | undefined {
  const stderr = strip(result.stderr);
  if (isText) return { ...result, stderr, object: strip(result.object) };
  const root = findRoot(result.object);
  if (root !== undefined && !hideRoot(result.object, root)) return undefined;
  return stderr === result.stderr ? result : { ...result, stderr };
}

function strip(text: Uint8Array): Uint8Array {
  const root = text.length === 0 ? undefined : findRoot(text);
  return root === undefined ? text : printedWithoutRoot(text, root);
}

function findRoot(bytes: Uint8Array): ByteString | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(MARK); at >= 0; at = buffer.indexOf(MARK, at + 1)) {
    const around = fromBytes(buffer.subarray(Math.max(0, at - LOOK_BACK_BYTES), at + MARK.length + 7));
    const root = ROOT.exec(around.slice(around.lastIndexOf('\0', at) + 1))?.[0];
    if (root !== undefined) return root;
  }
  return undefined;
}
