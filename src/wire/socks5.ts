/**
 * The three messages of SOCKS5 that a client needs who has no password to say and one connection to ask for.
 *
 *   client  05 01 00                                 version, one method: none
 *   proxy   05 00                                    version, the method taken; ff: none of them
 *   client  05 01 00 03 LENGTH NAME PORT             version, connect, reserved, address, port
 *   proxy   05 STATUS 00 TYPE ADDRESS PORT           version, 0 or why not, reserved, whence it connects
 *
 * An address is of type 1 (4 bytes), 3 (one byte of length and a name) or 4 (16 bytes). Names are the
 * proxy's to resolve: who needs a proxy may have no resolver. An address in digits is sent as a name too,
 * which proxies resolve to itself.
 *
 * Source: RFC 1928, sections 3 to 6.
 */

export const GREETING = Uint8Array.of(5, 1, 0);

/** Of a name, by its byte of length. */
export const NAME_MAX_BYTES = 255;
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const STATUS: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'not allowed',
  3: 'no way to the network',
  4: 'no way to the host',
  5: 'refused',
  6: 'too many hops',
};

/** @throws {RangeError} when the name has no or more than 255 bytes. */
export function encodeConnect(host: string, port: number): Uint8Array {
  const name = Buffer.from(host);
  if (name.length === 0 || name.length > NAME_MAX_BYTES)
    throw new RangeError(`A name has 1 to ${NAME_MAX_BYTES} bytes, not ${name.length}`);
  return Uint8Array.of(5, 1, 0, 3, name.length, ...name, port >> 8, port & 0xff);
}

/** What has come so far means this; `sizeBytes` is what belongs to the message. */
export type SocksReply =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'granted'; readonly sizeBytes: number }
  | { readonly kind: 'denied'; readonly reason: string };

const INCOMPLETE: SocksReply = { kind: 'incomplete' };
const NOT_SOCKS: SocksReply = { kind: 'denied', reason: 'it does not speak SOCKS5' };

/** Reads the answer to GREETING at the front of `bytes`. */
export function decodeMethod(bytes: Uint8Array): SocksReply {
  if (bytes.length > 0 && bytes[0] !== 5) return NOT_SOCKS;
  if (bytes.length < 2) return INCOMPLETE;
  return bytes[1] === 0
    ? { kind: 'granted', sizeBytes: 2 }
    : { kind: 'denied', reason: 'it wants a password' };
}

/** Reads the answer to encodeConnect() at the front of `bytes`. */
export function decodeConnected(bytes: Uint8Array): SocksReply {
  const [version, status = 0, , type, length] = bytes;
  if (version !== undefined && version !== 5) return NOT_SOCKS;
  if (status !== 0) return { kind: 'denied', reason: STATUS[status] ?? `status ${status}` };
  if (type === undefined || length === undefined) return INCOMPLETE;
  const addressBytes = type === 3 ? 1 + length : ADDRESS_BYTES[type];
  if (addressBytes === undefined) return NOT_SOCKS;
  const sizeBytes = 4 + addressBytes + 2;
  return bytes.length < sizeBytes ? INCOMPLETE : { kind: 'granted', sizeBytes };
}
