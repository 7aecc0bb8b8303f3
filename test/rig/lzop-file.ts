/**
 * The file format of lzop, so far as it wraps raw LZO1X streams: our oracle for them.
 *
 *    0  magic                    9 bytes
 *    9  lzop's version, the library's, the one needed to read     u16 each, big-endian as all that follows
 *   15  method, level            u8 each
 *   17  flags                    u32: which checksums there are
 *   21  mode, mtime, its upper half                               u32 each
 *   33  name                     u8 length and bytes
 *       checksum of the header from its version on                u32
 *       blocks: plain length, packed length (u32), a u32 for each checksum, the packed bytes
 *       0                        u32
 *
 * A block that did not shrink is stored as it is, and then has no checksum of its packed bytes.
 */
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from([0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]);
const FIXED_BYTES = 34;
const HEADER_HAS_CRC32 = 0x1000;
const PLAIN_CHECKSUMS = [0x1, 0x100];
const PACKED_CHECKSUMS = [0x2, 0x200];

export interface LzopBlock {
  readonly plainBytes: number;
  readonly packed: Uint8Array;
}

/** The blocks of a file that lzop wrote. */
export function parseLzopFile(file: Buffer): LzopBlock[] {
  const flags = file.readUInt32BE(17);
  const countOf = (masks: readonly number[]) => masks.filter((mask) => (flags & mask) !== 0).length;
  const blocks: LzopBlock[] = [];
  let at = FIXED_BYTES + file.readUInt8(33) + 4;
  for (;;) {
    const plainBytes = file.readUInt32BE(at);
    if (plainBytes === 0) return blocks;
    const packedBytes = file.readUInt32BE(at + 4);
    at += 8 + 4 * countOf(PLAIN_CHECKSUMS);
    if (packedBytes < plainBytes) at += 4 * countOf(PACKED_CHECKSUMS);
    blocks.push({ plainBytes, packed: file.subarray(at, at + packedBytes) });
    at += packedBytes;
  }
}

/** A file that `lzop -d` reads. It takes a block for stored when it is no shorter than its plain text. */
export function formatLzopFile(blocks: readonly LzopBlock[]): Buffer {
  const header = Buffer.alloc(FIXED_BYTES);
  MAGIC.copy(header);
  header.writeUInt16BE(0x1030, 9);
  header.writeUInt16BE(0x2080, 11);
  header.writeUInt16BE(0x0940, 13);
  header.writeUInt8(1, 15); // LZO1X-1
  header.writeUInt8(5, 16);
  header.writeUInt32BE(HEADER_HAS_CRC32, 17);
  header.writeUInt32BE(0o100644, 21);
  const pieces: Uint8Array[] = [header, u32(crc32(header.subarray(MAGIC.length)))];
  for (const { plainBytes, packed } of blocks) pieces.push(u32(plainBytes), u32(packed.length), packed);
  return Buffer.concat([...pieces, u32(0)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
