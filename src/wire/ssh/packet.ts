/**
 * What both protocols on an OpenSSH control socket are framed as: a length (u32, of what follows) and so
 * many bytes. Integers are big-endian; a string is its length (u32) and its bytes.
 *
 * Source: OpenSSH PROTOCOL.mux, introduction; RFC 4251, section 5.
 */

/** The master does not keep to the protocol, or we do not. */
export class SshProtocolError extends Error {}

const LENGTH_BYTES = 4;

/** What OpenSSH itself takes at most on this socket. */
const PACKET_MAX_BYTES = 256 << 10;

export type Field = number | string | Uint8Array;

/** A packet of these fields: numbers as u32, texts and bytes as strings. `head` goes before them as it is. */
export function encodePacket(head: Uint8Array, fields: readonly Field[]): Buffer {
  const parts = fields.map((field) => (typeof field === 'string' ? Buffer.from(field) : field));
  const size = parts.reduce<number>((sum, part) => sum + LENGTH_BYTES + sizeOf(part), head.length);
  const packet = Buffer.allocUnsafe(LENGTH_BYTES + size);
  let at = packet.writeUInt32BE(size);
  packet.set(head, at);
  at += head.length;
  for (const part of parts) {
    at = packet.writeUInt32BE(typeof part === 'number' ? part : part.length, at);
    if (typeof part === 'number') continue;
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}

function sizeOf(part: number | Uint8Array): number {
  return typeof part === 'number' ? 0 : part.length;
}

/** Takes fields off the front of a packet; every method throws a SshProtocolError when there is too little. */
export class PacketReader {
  readonly #packet: Buffer;
  #at: number;

  constructor(packet: Buffer, at = 0) {
    this.#packet = packet;
    this.#at = at;
  }

  u8(): number {
    return this.#packet.readUInt8(this.#skip(1));
  }

  u32(): number {
    return this.#packet.readUInt32BE(this.#skip(LENGTH_BYTES));
  }

  /** A view of the packet. */
  bytes(): Buffer {
    const size = this.u32();
    const start = this.#skip(size);
    return this.#packet.subarray(start, start + size);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  #skip(size: number): number {
    const start = this.#at;
    if (start + size > this.#packet.length) {
      throw new SshProtocolError(`A packet of ${this.#packet.length} bytes ends in the middle of a field`);
    }
    this.#at += size;
    return start;
  }
}

/** Cuts a stream into packets, without their lengths. */
export class PacketDecoder {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wantBytes = LENGTH_BYTES;

  /**
   * Takes the next bytes of the stream. The packets may be views of the chunk.
   *
   * @throws {SshProtocolError} when a packet is announced that is too long.
   */
  push(chunk: Buffer): Buffer[] {
    this.#rest.push(chunk);
    this.#restBytes += chunk.length;
    if (this.#restBytes < this.#wantBytes) return [];
    const bytes = this.#rest.length === 1 ? chunk : Buffer.concat(this.#rest);
    const packets: Buffer[] = [];
    let at = 0;
    for (;;) {
      this.#wantBytes = LENGTH_BYTES;
      if (bytes.length - at < this.#wantBytes) break;
      const size = bytes.readUInt32BE(at);
      if (size > PACKET_MAX_BYTES) {
        throw new SshProtocolError(`A packet of ${size} bytes; at most ${PACKET_MAX_BYTES} are taken`);
      }
      this.#wantBytes = LENGTH_BYTES + size;
      if (bytes.length - at < this.#wantBytes) break;
      packets.push(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + size));
      at += this.#wantBytes;
    }
    this.#rest = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#restBytes = bytes.length - at;
    return packets;
  }
}
