/**
 * Directories of the Remote Execution API, encoded by hand: a compile has hundreds of files in dozens of directories,
 * of which one or two are new, and generated code would encode them all again. A child is encoded once, and a Directory
 * is its children one after the other.
 *
 *    Directory      1 FileNode…  2 DirectoryNode…  3 SymlinkNode…
 *    FileNode       1 name  2 Digest  4 is_executable  6 NodeProperties
 *    DirectoryNode  1 name  2 Digest
 *    SymlinkNode    1 name  2 target
 *    Digest         1 hash  2 size_bytes
 *    NodeProperties 2 Timestamp (1 seconds, 2 nanos)
 *
 * Canonical: fields in the order of their numbers, defaults left out, children sorted by their names' bytes.
 */
import type { Digest } from '../../base/digest.ts';

/** Of a file's last modification. */
export interface Timestamp {
  /** Since 1970; may be negative. */
  readonly seconds: bigint;
  readonly nanos: number;
}

const LENGTH_DELIMITED = 2;

export function encodeFileNode(
  name: string,
  digest: Digest,
  {
    mtime,
    isExecutable = false,
  }: { readonly mtime?: Timestamp | undefined; readonly isExecutable?: boolean } = {},
): Uint8Array {
  const properties = mtime === undefined ? NOTHING : field(6, field(2, encodeTimestamp(mtime)));
  return field(
    1,
    Buffer.concat([
      field(1, Buffer.from(name)),
      field(2, encodeDigest(digest)),
      isExecutable ? Uint8Array.of(tag(4, 0), 1) : NOTHING,
      properties,
    ]),
  );
}

export function encodeDirectoryNode(name: string, digest: Digest): Uint8Array {
  return field(2, Buffer.concat([field(1, Buffer.from(name)), field(2, encodeDigest(digest))]));
}

export function encodeSymlinkNode(name: string, target: string): Uint8Array {
  return field(3, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(target))]));
}

/** Each list sorted by its names' bytes: see compareNames(). */
export function encodeDirectory(nodes: {
  readonly files: readonly Uint8Array[];
  readonly directories: readonly Uint8Array[];
  readonly links: readonly Uint8Array[];
}): Uint8Array {
  return Buffer.concat([...nodes.files, ...nodes.directories, ...nodes.links]);
}

/** The order of UTF-8's bytes, which is not that of UTF-16's units. */
export function compareNames(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

const NOTHING = new Uint8Array();

function encodeDigest({ hash, sizeBytes }: Digest): Uint8Array {
  const name = field(1, Buffer.from(hash, 'latin1'));
  return sizeBytes === 0 ? name : Buffer.concat([name, numberField(2, BigInt(sizeBytes))]);
}

function encodeTimestamp({ seconds, nanos }: Timestamp): Uint8Array {
  return Buffer.concat([
    seconds === 0n ? NOTHING : numberField(1, BigInt.asUintN(64, seconds)),
    nanos === 0 ? NOTHING : numberField(2, BigInt(nanos)),
  ]);
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(tag(number, LENGTH_DELIMITED)), varint(BigInt(bytes.length)), bytes]);
}

function numberField(number: number, value: bigint): Uint8Array {
  return Buffer.concat([Uint8Array.of(tag(number, 0)), varint(value)]);
}

function tag(number: number, type: number): number {
  return (number << 3) | type;
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  while (left > 0x7fn) {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Uint8Array.from(bytes);
}
