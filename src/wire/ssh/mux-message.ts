/**
 * The first words on the control socket of an OpenSSH master, up to proxy mode: both sides say HELLO, we ask
 * for PROXY, the master grants it. From then on the socket carries channel packets (channel-packet.ts).
 *
 *   HELLO    1, version 4, extensions (none are known)
 *   PROXY    0x1000000f, request id        answered with 0x8000000f, request id
 *            or 0x80000002, 0x80000003, request id, reason
 *
 * Why proxy mode, not the one that ssh(1) itself uses as a client: that one passes file descriptors, which
 * Node cannot, and has one session on each connection. OpenSSH has had proxy mode since 7.4 (2016).
 *
 * Source: OpenSSH PROTOCOL.mux, sections 1, 9 and 10; the numbers of PROXY are in mux.c.
 */
import { encodePacket, PacketReader } from './packet.ts';

const HELLO = 0x0000_0001;
const ASK_PROXY = 0x1000_000f;
const DENIED = 0x8000_0002;
const FAILURE = 0x8000_0003;
const PROXY = 0x8000_000f;
const VERSION = 4;

const NO_HEAD = new Uint8Array();

export type MuxMessage =
  | { readonly type: 'hello'; readonly isKnownVersion: boolean }
  | { readonly type: 'proxy' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'unknown' };

/** Says hello and asks for proxy mode: all that a client has to say, in one go. */
export function encodeProxyRequest(): Buffer {
  return Buffer.concat([encodePacket(NO_HEAD, [HELLO, VERSION]), encodePacket(NO_HEAD, [ASK_PROXY, 0])]);
}

/** @throws {SshProtocolError} when the packet is too short. */
export function parseMuxMessage(packet: Buffer): MuxMessage {
  const reader = new PacketReader(packet);
  switch (reader.u32()) {
    case HELLO:
      return { type: 'hello', isKnownVersion: reader.u32() === VERSION };
    case PROXY:
      return { type: 'proxy' };
    case DENIED:
    case FAILURE:
      reader.u32();
      return { type: 'refused', reason: reader.text() };
    default:
      return { type: 'unknown' };
  }
}
