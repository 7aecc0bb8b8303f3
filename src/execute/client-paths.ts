/**
 * Takes the root out of what a compiler has made in a tree, so that it names files as the client does.
 *
 * The compiler is told to leave it out of objects. Where it cannot be told (gcc before 8, clang before 10),
 * the root is overwritten with slashes in debug sections, as a stock distccd does: debuggers take many
 * slashes for one. An object that has it elsewhere (__FILE__) would not be the client's.
 */
import type { ByteString } from '../base/byte-string.ts';
import { fromBytes, toBytes } from '../base/byte-string.ts';
import { findDebugSections } from './debug-sections.ts';

/** For what the compiler prints. */
export function printedWithoutRoot(text: Uint8Array, root: ByteString): Uint8Array {
  const found = fromBytes(text);
  return found.includes(root) ? toBytes(found.replaceAll(root, '')) : text;
}

/** For objects and assembler texts, changed in place. @returns false when the root stays in it. */
export function hideRoot(object: Uint8Array, root: ByteString): boolean {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  const places = placesOf(bytes, toBytes(root));
  if (places.length === 0) return true;
  const sections = findDebugSections(object);
  let next = 0;
  for (const place of places) {
    while ((sections[next]?.end ?? Infinity) < place + root.length) next++;
    if (place < (sections[next]?.start ?? Infinity)) return false;
  }
  for (const place of places) bytes.fill('/', place, place + root.length);
  return true;
}

function placesOf(bytes: Buffer, sought: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(sought); at >= 0; at = bytes.indexOf(sought, at + sought.length))
    places.push(at);
  return places;
}
