/**
 * What a program says of the libraries that it needs: the dynamic section of an ELF file.
 *
 * Source: elf(5); the gABI, chapters "Program Loading" and "Dynamic Linking".
 */

export interface DynamicNeeds {
  /** The program that loads it; undefined for libraries, and for what is linked statically. */
  readonly interpreter: string | undefined;
  readonly needed: readonly string[];
  /** Where it wants them to be looked for, as it says it: with `$ORIGIN`. */
  readonly searchPath: readonly string[];
  /** Whether that goes for the libraries of its libraries, too: DT_RPATH. */
  readonly isInherited: boolean;
}

/** Bytes of the file from `offset` on; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Buffer;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_RPATH = 15n;
const DT_RUNPATH = 29n;
const MOST_TABLE_BYTES = 16 << 20;

/** @returns undefined for what is no ELF file. */
export function readDynamicNeeds(readAt: ReadAt): DynamicNeeds | undefined {
  const head = readAt(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const file = new ElfFile(readAt, head);
  const segments = file.segments();
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const none = { needed: [], searchPath: [], isInherited: false };
  const loader = interpreter && file.text(interpreter.offset, interpreter.size);
  if (dynamic === undefined) return { interpreter: loader, ...none };
  const entries = file.dynamicEntries(dynamic);
  const table = entries.find(({ tag }) => tag === DT_STRTAB);
  const strings = table && file.offsetOf(table.value, segments);
  if (strings === undefined) return { interpreter: loader, ...none };
  const texts = (wanted: bigint): string[] =>
    entries.filter(({ tag }) => tag === wanted).map(({ value }) => file.text(strings + Number(value), 4096));
  const runPath = texts(DT_RUNPATH);
  const paths = runPath.length > 0 ? runPath : texts(DT_RPATH);
  return {
    interpreter: loader,
    needed: texts(DT_NEEDED),
    searchPath: paths.flatMap((text) => text.split(':')).filter((path) => path !== ''),
    isInherited: runPath.length === 0 && paths.length > 0,
  };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

class ElfFile {
  readonly #readAt: ReadAt;
  readonly #head: Buffer;
  readonly #is64: boolean;
  readonly #isLittle: boolean;

  constructor(readAt: ReadAt, head: Buffer) {
    this.#readAt = readAt;
    this.#head = head;
    this.#is64 = head[4] === 2;
    this.#isLittle = head[5] === 1;
  }

  segments(): readonly Segment[] {
    const is64 = this.#is64;
    const start = Number(this.#word(this.#head, is64 ? 32 : 28));
    const size = this.#half(this.#head, is64 ? 54 : 42);
    const count = this.#half(this.#head, is64 ? 56 : 44);
    const table = this.#readAt(start, size * count);
    return Array.from({ length: size === 0 ? 0 : Math.floor(table.length / size) }, (_, index) => {
      const at = index * size;
      return {
        type: this.#isLittle ? table.readUInt32LE(at) : table.readUInt32BE(at),
        offset: Number(this.#word(table, at + (is64 ? 8 : 4))),
        address: this.#word(table, at + (is64 ? 16 : 8)),
        size: Number(this.#word(table, at + (is64 ? 32 : 16))),
      };
    });
  }

  dynamicEntries({ offset, size }: Segment): readonly { readonly tag: bigint; readonly value: bigint }[] {
    const table = this.#readAt(offset, Math.min(size, MOST_TABLE_BYTES));
    const width = this.#is64 ? 8 : 4;
    return Array.from({ length: Math.floor(table.length / (2 * width)) }, (_, index) => ({
      tag: this.#word(table, 2 * width * index),
      value: this.#word(table, 2 * width * index + width),
    }));
  }

  /** Where in the file stands what will be loaded at that address. */
  offsetOf(address: bigint, segments: readonly Segment[]): number | undefined {
    const segment = segments.find(
      ({ type, address: start, size }) =>
        type === PT_LOAD && address >= start && address < start + BigInt(size),
    );
    return segment && segment.offset + Number(address - segment.address);
  }

  /** Up to a NUL. */
  text(offset: number, mostBytes: number): string {
    const bytes = this.#readAt(offset, Math.min(mostBytes, 4096));
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
  }

  #word(bytes: Buffer, at: number): bigint {
    if (!this.#is64) return BigInt(this.#isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
    return this.#isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
  }

  #half(bytes: Buffer, at: number): number {
    return this.#isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }
}
