/**
 * LZO1X, the compressing half: what distcc's protocols 2 and 3 do to each body.
 *
 * Greedy: one table remembers where each hash of four bytes was seen last; a hit is taken as far as it
 * goes. Where nothing repeats, the search strides ahead faster and faster.
 *
 * An instruction, as the peer's decoder reads it (a distance counts bytes back from the output's end):
 *
 *   0000LLLL                        3 + L literals; L = 0: 18 + a long count. Never after literals
 *   LLLDDDSS d                      copy 1 + L (3 to 8) from 1 + D + 8d, at most 2,048 back
 *   001LLLLL [count] DDDDDDSS d     copy 2 + L, or 33 + count, from at most 16,384 back
 *   0001DLLL [count] DDDDDDSS d     copy 2 + L, or 9 + count, from 16,385 to 49,151 back
 *   00010001 0 0                    the end
 *
 * A long count is a 0 byte for each 255 and a last byte of 1 to 255. SS, always in the last byte but
 * one of a copy, are 0 to 3 literals that follow it. The stream's first literals have a form of their
 * own: a byte 17 + n, then n literals.
 *
 * All reads and writes of words go through DataView: V8 makes one unaligned load or store of each, and
 * it stays the same code whether the source is a Buffer or a Uint8Array.
 *
 * Rejected: looking for matches again inside a match that was taken (a better ratio by a few percent,
 * at half the speed); WebAssembly (a second language for a page of code).
 */
const HASH_BITS = 14;
const MAX_DISTANCE = 49_151;
const NEAR = 2_048;
const MIDDLE = 16_384;

/** No match starts or is looked for this close to the end: words may then be read without a check. */
const TAIL = 16;

/** Scratch above this size is not kept between calls. */
const KEPT_BYTES = 8 << 20;

/** Where each hash was last seen: position + base. Entries of earlier calls are always too far away. */
const seen = new Int32Array(1 << HASH_BITS);
let base = MAX_DISTANCE + 1;

let scratch = new Uint8Array(1 << 16);

/** Compresses `source` to one LZO1X stream with its end mark. The result is the caller's own. */
export function compress(source: Uint8Array): Uint8Array {
  const out = scratchFor(worstCaseBytes(source.length));
  if (base + source.length > 0x3fff_ffff) forgetAll();
  const length = compressInto(out, source);
  base += source.length + MAX_DISTANCE + 1;
  return out.slice(0, length);
}

function worstCaseBytes(sourceBytes: number): number {
  return sourceBytes + (sourceBytes >>> 4) + 64;
}

function scratchFor(bytes: number): Uint8Array {
  if (bytes <= scratch.length) return scratch;
  const larger = new Uint8Array(bytes);
  if (bytes <= KEPT_BYTES) scratch = larger;
  return larger;
}

function forgetAll(): void {
  seen.fill(0);
  base = MAX_DISTANCE + 1;
}

/** Writes the stream to the front of `out` and says how long it is. */
function compressInto(out: Uint8Array, source: Uint8Array): number {
  const from = new DataView(source.buffer, source.byteOffset, source.length);
  const to = new DataView(out.buffer, out.byteOffset, out.length);
  const length = source.length;
  const searchEnd = length - TAIL;
  let put = 0;
  let literalsStart = 0;
  let at = 4; // the first literals are at least four, as lzo1x_1's are

  while (at < searchEnd) {
    const word = from.getInt32(at, true);
    const slot = Math.imul(word, 0x9e37_79b1) >>> (32 - HASH_BITS);
    const distance = at + base - seen[slot]!;
    seen[slot] = at + base;
    if (distance > MAX_DISTANCE || from.getInt32(at - distance, true) !== word) {
      at += 1 + ((at - literalsStart) >> 5);
      continue;
    }

    const literals = at - literalsStart;
    if (literals > 0) put = putLiterals(from, to, literalsStart, literals, put);

    let end = at + 4;
    let difference = 0;
    while (end < searchEnd) {
      difference = from.getInt32(end, true) ^ from.getInt32(end - distance, true);
      if (difference !== 0) break;
      end += 4;
    }
    if (difference !== 0) end += (31 - Math.clz32(difference & -difference)) >> 3;

    put = putMatch(to, put, end - at, distance);
    at = literalsStart = end;
  }

  if (length > literalsStart) put = putLiterals(from, to, literalsStart, length - literalsStart, put);
  to.setUint8(put, 0x11);
  to.setUint16(put + 1, 0);
  return put + 3;
}

function putLiterals(from: DataView, to: DataView, start: number, count: number, position: number): number {
  let put = position;
  if (put === 0 && count <= 238) {
    to.setUint8(put++, 17 + count);
  } else if (count <= 3) {
    to.setUint8(put - 2, to.getUint8(put - 2) | count);
  } else if (count <= 18) {
    to.setUint8(put++, count - 3);
  } else {
    to.setUint8(put++, 0);
    put = putLongCount(to, put, count - 18);
  }
  let get = start;
  const end = put + count;
  const safe = from.byteLength - 4;
  while (put < end && get <= safe) {
    to.setInt32(put, from.getInt32(get, true), true);
    put += 4;
    get += 4;
  }
  while (put < end) to.setUint8(put++, from.getUint8(get++));
  return end;
}

function putMatch(to: DataView, position: number, length: number, distance: number): number {
  let put = position;
  if (distance <= NEAR && length <= 8) {
    const back = distance - 1;
    to.setUint8(put, ((length - 1) << 5) | ((back & 7) << 2));
    to.setUint8(put + 1, back >>> 3);
    return put + 2;
  }
  let back = distance - 1;
  if (distance <= MIDDLE) {
    if (length <= 33) to.setUint8(put++, 0x20 | (length - 2));
    else {
      to.setUint8(put++, 0x20);
      put = putLongCount(to, put, length - 33);
    }
  } else {
    back = distance - MIDDLE;
    const far = 0x10 | ((back >>> 11) & 8);
    if (length <= 9) to.setUint8(put++, far | (length - 2));
    else {
      to.setUint8(put++, far);
      put = putLongCount(to, put, length - 9);
    }
  }
  to.setUint16(put, (back & 0x3fff) << 2, true);
  return put + 2;
}

function putLongCount(to: DataView, position: number, count: number): number {
  let put = position;
  let rest = count;
  while (rest > 255) {
    to.setUint8(put++, 0);
    rest -= 255;
  }
  to.setUint8(put++, rest);
  return put;
}
