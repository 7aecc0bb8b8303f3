/**
 * The versions of distcc's protocol. Version 1 sends bodies as they are, 2 compresses each with LZO1X;
 * in both the client has preprocessed. In 3 ("pump") the worker does, of a tree of files that it is sent,
 * and bodies are compressed, too. Version 0 is 1 by another number, and is answered as 0. Greater ones
 * do not exist.
 */
import { compress } from './lzo-compress.ts';
import { compressText } from './lzo-text.ts';
import { decompress } from './lzo-decompress.ts';
import { ProtocolError } from './protocol-error.ts';

/** Those in which one preprocessed text is sent. */
export type TextProtocol = 1 | 2;

export type Protocol = TextProtocol | 3;

/** @throws {ProtocolError} when we do not speak that version. */
export function protocolOf(version: number): Protocol {
  switch (version) {
    case 0:
    case 1:
      return 1;
    case 2:
      return 2;
    case 3:
      return 3;
    default:
      throw new ProtocolError(`Protocol version ${version} is not spoken here`);
  }
}

/** The body as it travels. Nothing is sent for nothing: no end mark either. */
export function encodeBody(protocol: Protocol, plain: Uint8Array): Uint8Array {
  return protocol === 1 || plain.length === 0 ? plain : compress(plain);
}

/** The same for a preprocessed text, of which much has been sent before. */
export function encodeText(protocol: TextProtocol, text: Uint8Array): Uint8Array {
  return protocol === 1 || text.length === 0 ? text : compressText(text);
}

/** @throws {ProtocolError} when the body is damaged, or stands for more than `maxBytes`. */
export function decodeBody(protocol: Protocol, body: Uint8Array, maxBytes: number): Uint8Array {
  return protocol === 1 || body.length === 0 ? body : decompress(body, { maxBytes });
}
