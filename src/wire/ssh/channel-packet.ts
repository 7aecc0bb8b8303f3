/**
 * The packets of the SSH connection protocol that a client needs to run commands, as they travel over a
 * master's control socket in proxy mode: not encrypted, not padded.
 *
 *    0  0      padding length, u8
 *    1  type   u8
 *    2  fields
 *
 * Both sides number a channel for themselves; a packet carries the receiver's number.
 *
 * Source: RFC 4254, sections 5 and 6; OpenSSH PROTOCOL.mux, section 9.
 */
import { encodePacket, PacketReader, type Field } from './packet.ts';

const TYPE = {
  open: 90,
  opened: 91,
  notOpened: 92,
  window: 93,
  data: 94,
  extendedData: 95,
  eof: 96,
  close: 97,
  request: 98,
  success: 99,
  failure: 100,
} as const;

export type ChannelPacket = { readonly channel: number } & (
  | {
      readonly type: 'opened';
      /** The channel's number at the other side. */
      readonly peer: number;
      /** How many bytes may be sent before the other side grants more. */
      readonly windowBytes: number;
      /** How many of them in one packet. */
      readonly packetBytes: number;
    }
  | { readonly type: 'not-opened'; readonly reason: string }
  | { readonly type: 'window'; readonly bytes: number }
  /** Views of the packet. */
  | { readonly type: 'data' | 'stderr'; readonly data: Buffer }
  | { readonly type: 'eof' | 'close' | 'success' | 'failure' }
  | { readonly type: 'exit-status'; readonly status: number }
  | { readonly type: 'exit-signal'; readonly signal: string }
  /** A request that we do not know. */
  | { readonly type: 'request'; readonly name: string; readonly wantsReply: boolean }
);

/** Asks for a session: a channel that runs one command. */
export function encodeOpen(channel: number, windowBytes: number, packetBytes: number): Buffer {
  return encode(TYPE.open, ['session', channel, windowBytes, packetBytes]);
}

/** Starts the session's command, by the other side's shell. The answer is `success` or `failure`. */
export function encodeExec(peer: number, command: string): Buffer {
  const request = Buffer.from('\0\0\0\x04exec\x01', 'latin1');
  return encodePacket(Buffer.concat([Buffer.of(0, TYPE.request), u32(peer), request]), [command]);
}

/** Data on its way to the command's standard input; a copy of it, because packets wait for each other. */
export function encodeData(peer: number, data: Uint8Array): Buffer {
  return encode(TYPE.data, [peer, data]);
}

/** Lets the other side send so many bytes more. */
export function encodeWindow(peer: number, bytes: number): Buffer {
  return encode(TYPE.window, [peer, bytes]);
}

/** Nothing more will be sent. */
export function encodeEof(peer: number): Buffer {
  return encode(TYPE.eof, [peer]);
}

/** The last packet; the number is free once both sides have sent it. */
export function encodeClose(peer: number): Buffer {
  return encode(TYPE.close, [peer]);
}

/** The answer to a request that we do not know. */
export function encodeRequestFailure(peer: number): Buffer {
  return encode(TYPE.failure, [peer]);
}

/**
 * Reads a packet that is about a channel of ours.
 *
 * @returns undefined for all others.
 * @throws {SshProtocolError} when it is too short.
 */
export function parseChannelPacket(packet: Buffer): ChannelPacket | undefined {
  const reader = new PacketReader(packet, 1);
  const type = reader.u8();
  if (type < TYPE.opened || type > TYPE.failure) return undefined;
  const channel = reader.u32();
  switch (type) {
    case TYPE.opened:
      return {
        type: 'opened',
        channel,
        peer: reader.u32(),
        windowBytes: reader.u32(),
        packetBytes: reader.u32(),
      };
    case TYPE.notOpened:
      reader.u32();
      return { type: 'not-opened', channel, reason: reader.text() };
    case TYPE.window:
      return { type: 'window', channel, bytes: reader.u32() };
    case TYPE.data:
      return { type: 'data', channel, data: reader.bytes() };
    case TYPE.extendedData:
      reader.u32(); // 1, standard error: there is no other
      return { type: 'stderr', channel, data: reader.bytes() };
    case TYPE.eof:
      return { type: 'eof', channel };
    case TYPE.close:
      return { type: 'close', channel };
    case TYPE.success:
      return { type: 'success', channel };
    case TYPE.failure:
      return { type: 'failure', channel };
    default:
      return parseRequest(channel, reader);
  }
}

function parseRequest(channel: number, reader: PacketReader): ChannelPacket {
  const name = reader.text();
  const wantsReply = reader.u8() !== 0;
  switch (name) {
    case 'exit-status':
      return { type: 'exit-status', channel, status: reader.u32() };
    case 'exit-signal':
      return { type: 'exit-signal', channel, signal: reader.text() };
    default:
      return { type: 'request', channel, name, wantsReply };
  }
}

function encode(type: number, fields: readonly Field[]): Buffer {
  return encodePacket(Buffer.of(0, type), fields);
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
