/**
 * distcc's state files: what one job is doing just now, for its monitors. One file a job,
 * `DISTCC_DIR/state/binstate_PID`: a C structure as the writer's machine lays it out.
 *
 *    64-bit  32-bit
 *       0       0   size of the structure, 296 or 280 bytes     one word
 *       8       4   magic, 0x44494800                           one word
 *      16       8   process id of the client                    one word
 *      24      12   name of the source, without directory       128 bytes, ended by a NUL
 *     152     140   name of the host                            128 bytes, ended by a NUL
 *     280     268   slot                                        4 bytes, signed
 *     284     272   phase                                       4 bytes
 *     288     276   a pointer that means nothing in a file      one word
 *
 * Source: distcc src/state.h and src/state.c; files of distcc 3.4 on x86-64. The 32-bit layout is computed.
 */
import { toBytes, type ByteString } from '../../base/byte-string.ts';

/** By their number in the file, and as monitors print them. */
export const STATE_PHASES = [
  'Startup',
  'Blocked',
  'Connect',
  'Preprocess',
  'Send',
  'Compile',
  'Receive',
  'Done',
] as const;
export type StatePhase = (typeof STATE_PHASES)[number];

export interface TaskState {
  /** Of the client, which is the compiler itself later if it runs here. */
  readonly pid: number;
  readonly file: ByteString;
  readonly host: ByteString;
  readonly slot: number;
  readonly phase: StatePhase;
}

/** How a machine lays structures out. */
export interface StateLayout {
  readonly wordBytes: 4 | 8;
  readonly isLittleEndian: boolean;
}

export const STATE_FILE_PREFIX = 'binstate_';

const MAGIC = 0x4449_4800n;
const NAME_BYTES = 128;
const WORDS = 4;
const NARROW_MACHINES = new Set(['arm', 'ia32', 'mips', 'mipsel']);

/** The layout of this machine, by node's names for it. */
export function stateLayoutOf(arch: string, endianness: 'LE' | 'BE'): StateLayout {
  return { wordBytes: NARROW_MACHINES.has(arch) ? 4 : 8, isLittleEndian: endianness === 'LE' };
}

export function stateFileBytes({ wordBytes }: StateLayout): number {
  return WORDS * wordBytes + 2 * NAME_BYTES + 8;
}

/** Names that are too long are cut. */
export function encodeState({ pid, file, host, slot, phase }: TaskState, layout: StateLayout): Uint8Array {
  const { wordBytes, isLittleEndian } = layout;
  const bytes = new Uint8Array(stateFileBytes(layout));
  const view = new DataView(bytes.buffer);
  const putWord = (index: number, value: bigint): void => {
    if (wordBytes === 8) view.setBigUint64(index * 8, value, isLittleEndian);
    else view.setUint32(index * 4, Number(value), isLittleEndian);
  };
  putWord(0, BigInt(bytes.length));
  putWord(1, MAGIC);
  putWord(2, BigInt(pid));
  const { fileAt, hostAt, slotAt, phaseAt } = offsetsOf(layout);
  bytes.set(toBytes(file.slice(0, NAME_BYTES - 1)), fileAt);
  bytes.set(toBytes(host.slice(0, NAME_BYTES - 1)), hostAt);
  view.setInt32(slotAt, slot, isLittleEndian);
  view.setInt32(phaseAt, STATE_PHASES.indexOf(phase), isLittleEndian);
  return bytes;
}

/** What is no state file of this layout: cut short, of another version or machine, or no state file at all. */
export type StateObjection = 'short' | 'wrong-size' | 'wrong-magic';

/** Reads one file; a phase that nobody knows counts as Compile, as in distcc. Bytes after the end do not count. */
export function decodeState(bytes: Uint8Array, layout: StateLayout): TaskState | StateObjection {
  const { wordBytes, isLittleEndian } = layout;
  const sizeBytes = stateFileBytes(layout);
  if (bytes.length < sizeBytes) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (index: number): bigint =>
    wordBytes === 8
      ? view.getBigInt64(index * 8, isLittleEndian)
      : BigInt(view.getInt32(index * 4, isLittleEndian));
  if (word(0) !== BigInt(sizeBytes)) return 'wrong-size';
  if (word(1) !== MAGIC) return 'wrong-magic';
  const { fileAt, hostAt, slotAt, phaseAt } = offsetsOf(layout);
  return {
    pid: Number(word(2)),
    file: nameAt(bytes, fileAt),
    host: nameAt(bytes, hostAt),
    slot: view.getInt32(slotAt, isLittleEndian),
    phase: STATE_PHASES[view.getUint32(phaseAt, isLittleEndian)] ?? 'Compile',
  };
}

interface Offsets {
  readonly fileAt: number;
  readonly hostAt: number;
  readonly slotAt: number;
  readonly phaseAt: number;
}

function offsetsOf({ wordBytes }: StateLayout): Offsets {
  const fileAt = 3 * wordBytes;
  const hostAt = fileAt + NAME_BYTES;
  const slotAt = hostAt + NAME_BYTES;
  return { fileAt, hostAt, slotAt, phaseAt: slotAt + 4 };
}

function nameAt(bytes: Uint8Array, at: number): ByteString {
  const text = Buffer.from(bytes.subarray(at, at + NAME_BYTES)).toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
