/**
 * Where an ELF file has its debug sections, as the System V ABI's "Object Files" has it. Little-endian ones
 * only, of 32 or 64 bits; in others none is found.
 */
import { fromBytes } from '../base/byte-string.ts';

/** Bytes of the file, from `start` up to `end`. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

const MAGIC = '\x7fELF';
const DEBUG = '.debug';
const NO_BITS = 8;
const IN_FIRST_SECTION = 0xffff;

/** In the order of the file; none when it is no such ELF file, or a damaged one. */
export function findDebugSections(object: Uint8Array): readonly Section[] {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  if (fromBytes(bytes.subarray(0, 4)) !== MAGIC || bytes[5] !== 1) return [];
  try {
    return readSections(bytes, bytes[4] === 2 ? WIDE : NARROW).sort((a, b) => a.start - b.start);
  } catch (error) {
    if (error instanceof RangeError) return []; // an offset that leads out of the file
    throw error;
  }
}

/** Where things are in the file's header and in a section's, and how wide addresses are. */
interface Layout {
  readonly table: number;
  readonly entryBytes: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly read: (bytes: Buffer, at: number) => number;
}

const WIDE: Layout = {
  table: 0x28,
  entryBytes: 0x3a,
  offset: 0x18,
  size: 0x20,
  link: 0x28,
  read: (bytes, at) => Number(bytes.readBigUInt64LE(at)),
};

const NARROW: Layout = {
  table: 0x20,
  entryBytes: 0x2e,
  offset: 0x10,
  size: 0x14,
  link: 0x18,
  read: (bytes, at) => bytes.readUInt32LE(at),
};

function readSections(bytes: Buffer, layout: Layout): Section[] {
  const { offset, size, link, read } = layout;
  const table = read(bytes, layout.table);
  const entryBytes = bytes.readUInt16LE(layout.entryBytes);
  // What is too large for the file's header is in that of the first section.
  const count = bytes.readUInt16LE(layout.entryBytes + 2) || read(bytes, table + size);
  const index = bytes.readUInt16LE(layout.entryBytes + 4);
  const namesIndex = index === IN_FIRST_SECTION ? bytes.readUInt32LE(table + link) : index;
  const names = read(bytes, table + namesIndex * entryBytes + offset);
  const sections: Section[] = [];
  for (let number = 1; number < count; number++) {
    const header = table + number * entryBytes;
    const name = names + bytes.readUInt32LE(header);
    const isDebug = fromBytes(bytes.subarray(name, name + DEBUG.length)) === DEBUG;
    if (!isDebug || bytes.readUInt32LE(header + 4) === NO_BITS) continue;
    const start = read(bytes, header + offset);
    sections.push({ start, end: start + read(bytes, header + size) });
  }
  return sections;
}
