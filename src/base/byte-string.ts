/**
 * Byte strings: JavaScript strings with one character (U+0000 to U+00FF) per byte. File names and
 * arguments on Unix are bytes, not text; as byte strings they survive the way through the system
 * unchanged, and ASCII in them can still be compared as usual.
 */
export type ByteString = string;

export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function toBytes(text: ByteString): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The byte string of a text in UTF-8. */
export function fromText(text: string): ByteString {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The text, for messages only: bytes that are no UTF-8 become U+FFFD. */
export function toText(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- every ASCII byte counts, control characters too
  return /^[\x00-\x7f]*$/.test(text);
}
