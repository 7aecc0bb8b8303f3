/** Bytes that name a file → a name that the system can be asked for. */
import type { ByteString } from '../base/byte-string.ts';
import { Doubt } from './doubt.ts';

/** @throws {Doubt} when the bytes are no UTF-8: what is called otherwise cannot be named here. */
export function asText(bytes: ByteString): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(buffer)) throw new Doubt('odd-name', bytes);
  return text;
}
