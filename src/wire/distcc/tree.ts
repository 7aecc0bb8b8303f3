/**
 * A tree of source files on the wire, as protocol 3 has it: each file and each link under the name that it
 * has at the client.
 *
 *   NAME  length, bytes          absolute
 *   FILE  length, bytes          one LZO1X stream; nothing for an empty file
 *   or
 *   LINK  length, bytes          what the symbolic link points to, plain
 *
 * A client sends the same headers with every source, so the packets of an entry are a value of their own:
 * made once, and sent as often as the file is needed.
 */
import type { ByteString } from '../../base/byte-string.ts';
import { fromBytes, toBytes } from '../../base/byte-string.ts';
import type { Grammar } from './decoder.ts';
import { body, packet, token } from './decoder.ts';
import type { WireLimits } from './limits.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatToken, parseToken, TOKEN_BYTES } from './token.ts';

export type TreeEntry =
  | {
      readonly kind: 'file';
      readonly name: ByteString;
      /** One LZO1X stream; empty for an empty file. */
      readonly body: Uint8Array;
    }
  | { readonly kind: 'link'; readonly name: ByteString; readonly target: ByteString };

/** Entries as they travel. */
export interface EncodedTree {
  readonly entryCount: number;
  /** What encodeEntry() made of each, in any pieces. */
  readonly packets: readonly Uint8Array[];
}

/** The two packets of an entry, in one piece. */
export function encodeEntry(entry: TreeEntry): Uint8Array {
  const name = formatToken('NAME', entry.name.length) + entry.name;
  if (entry.kind === 'link') return toBytes(name + formatToken('LINK', entry.target.length) + entry.target);
  return Buffer.concat([toBytes(name + formatToken('FILE', entry.body.length)), entry.body]);
}

/** NFIL, and as many entries. */
export function* readTree(limits: WireLimits): Grammar<TreeEntry[]> {
  const count = yield* token('NFIL');
  if (count > limits.entryCount) {
    throw new ProtocolError(`NFIL announces ${count} files; at most ${limits.entryCount} are taken`);
  }
  const entries: TreeEntry[] = [];
  let namesLeft = limits.namesBytes;
  let filesLeft = limits.filesBytes;
  while (entries.length < count) {
    const name = fromBytes(yield* packet('NAME', Math.min(namesLeft, limits.nameBytes)));
    namesLeft -= name.length;
    const { kind, bytes } = yield* readKind();
    if (kind === 'LINK') {
      const target = fromBytes(yield* body(kind, bytes, Math.min(namesLeft, limits.nameBytes)));
      namesLeft -= target.length;
      entries.push({ kind: 'link', name, target });
    } else {
      const content = yield* body(kind, bytes, Math.min(filesLeft, limits.bodyBytes));
      filesLeft -= content.length;
      entries.push({ kind: 'file', name, body: content });
    }
  }
  return entries;
}

/** The one place in the protocol where either of two packets may come. */
function* readKind(): Grammar<{ kind: 'FILE' | 'LINK'; bytes: number }> {
  const header = yield { stage: 'FILE', bytes: TOKEN_BYTES };
  const kind = fromBytes(header.subarray(0, 4)) === 'LINK' ? 'LINK' : 'FILE';
  return { kind, bytes: parseToken(header, kind) };
}
