/**
 * LZO1X, the compressing half: what distcc's protocols 2 and 3 do to each body.
 *
 * Greedy: a table remembers where each hash of four bytes was seen last; what repeats there is taken as
 * far as it goes, forwards and backwards. Where nothing repeats, the search strides on faster and faster.
 *
 * The instructions, as the other side reads them (0, 1 and capitals are bits, d is a byte; distances
 * count back from where the output ends):
 *
 *   0000LLLL [count]             3 + L literals, or 18 + count. Never after literals
 *   LLLDDDSS d                   copy 1 + L (3 to 8) from 1 + D + 8d, at most 2,048 back
 *   001LLLLL [count] DDDDDDSS d  copy 2 + L, or 33 + count, from 1 + D + 64d, at most 16,384 back
 *   0001ELLL [count] DDDDDDSS d  copy 2 + L, or 9 + count, from 16,384 (1 + E) + D + 64d, at most 49,151
 *   00010001 0 0                 the end: a copy from exactly 16,384
 *
 * A count is there only where L is 0: a 0 byte for each 255, then a byte of 1 to 255. S, always in the
 * last byte but one of a copy, is how many literals follow it, up to 3. The literals that begin a stream
 * may have a byte 17 + n before them instead, n up to 238.
 *
 * Words are read and written through DataView: V8 makes one load or store of each, and the code stays
 * the same for a Buffer and a Uint8Array. Rejected: WebAssembly, a second language for a page of code.
 */
const HASH_BITS = 14;
const MAX_DISTANCE = 49_151;

/** So close to the end nothing is looked for: words can be read without asking. */
const TAIL = 16;

/** Scratch above this size is not kept between calls. */
const KEPT_BYTES = 8 << 20;

/**
 * Where each hash was seen last, as position + base. The base grows with each call by so much that what
 * earlier calls left is too far away to be used; so the table need not be cleared.
 */
const seen = new Int32Array(1 << HASH_BITS);
let base = MAX_DISTANCE + 1;

let scratch = new Uint8Array(1 << 16);

/** Compresses `source` to one LZO1X stream, end mark included. The result is the caller's own. */
export function compress(source: Uint8Array): Uint8Array {
  const stream = new Stream(source);
  stream.compressUpTo(source.length);
  return stream.end();
}

/** Where nothing is saved: a copy of 4 that takes 3 bytes, then a run of 19 literals that takes 21. */
function worstCaseBytes(sourceBytes: number): number {
  return sourceBytes + (sourceBytes >>> 4) + 64;
}

function scratchFor(bytes: number): Uint8Array {
  if (bytes <= scratch.length) return scratch;
  const larger = new Uint8Array(bytes);
  if (bytes <= KEPT_BYTES) scratch = larger;
  return larger;
}

/** What a stretch of the source became, to be used again where the same bytes come. */
export interface Packed {
  /** Literals before the first copy. */
  readonly leadBytes: number;
  /** From the first copy to the last. */
  readonly body: Uint8Array;
  /** Literals after the last copy: they are written together with what follows. */
  readonly tailBytes: number;
}

/** So many literals begin each stretch, because a run of literals between two copies has four or more. */
const LEAD_MIN_BYTES = 4;

/**
 * One stream under way: the source is compressed stretch by stretch. A stretch refers to nothing before
 * it, so what it became (`Packed`) holds wherever the same bytes come again.
 */
export class Stream {
  readonly #source: Uint8Array;
  readonly #from: DataView;
  readonly #out: Uint8Array;
  readonly #to: DataView;
  #put = 0;
  #at = 0;
  #literalsStart = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
    this.#from = new DataView(source.buffer, source.byteOffset, source.length);
    this.#out = scratchFor(worstCaseBytes(source.length));
    this.#to = new DataView(this.#out.buffer);
  }

  /** How much of the source has been dealt with. */
  get position(): number {
    return this.#at;
  }

  /** Compresses from the position up to `end`; undefined when nothing in it repeats. */
  compressUpTo(end: number): (Omit<Packed, 'body'> & { readonly bodyStart: number }) | undefined {
    const from = this.#from;
    const to = this.#to;
    const origin = this.#at;
    const lowest = origin === 0 ? 0 : origin + LEAD_MIN_BYTES;
    const searchEnd = end - TAIL;
    const base = nextBase(end - origin) - origin;
    let put = this.#put;
    let literalsStart = this.#literalsStart;
    let at = Math.max(1, lowest);
    let first: { leadBytes: number; bodyStart: number } | undefined;
    while (at < searchEnd) {
      const word = from.getInt32(at, true);
      const slot = slotOf(word);
      const distance = at + base - seen[slot]!;
      seen[slot] = at + base;
      if (distance > MAX_DISTANCE || from.getInt32(at - distance, true) !== word) {
        at += 1 + ((at - Math.max(literalsStart, origin)) >> 5);
        continue;
      }
      const matched = matchEnd(from, at + 4, distance, searchEnd);
      const start = matchStart(from, at, distance, Math.max(literalsStart, lowest, origin + distance));
      const literals = start - literalsStart;
      if (literals > 3 || put === 0) {
        put = putLiterals(to, put, from, literalsStart, literals);
      } else if (literals > 0) {
        put = putFewLiterals(to, put, from, literalsStart, literals);
      }
      first ??= { leadBytes: start - origin, bodyStart: put };
      put = putCopy(to, put, matched - start, distance);
      // One place more to find again, the end being the likeliest.
      seen[slotOf(from.getInt32(matched - 2, true))] = matched - 2 + base;
      at = literalsStart = matched;
    }
    this.#put = put;
    this.#literalsStart = literalsStart;
    this.#at = end;
    return first && { ...first, tailBytes: end - literalsStart };
  }

  /** The instructions from `bodyStart` up to now: a copy, to be kept. */
  bodyFrom(bodyStart: number): Uint8Array {
    return this.#out.slice(bodyStart, this.#put);
  }

  /** Writes what a stretch of `bytes`, known to be the same, became before. */
  repeat({ leadBytes, body, tailBytes }: Packed, bytes: number): void {
    const literals = this.#at + leadBytes - this.#literalsStart;
    this.#put = putLiterals(this.#to, this.#put, this.#from, this.#literalsStart, literals);
    this.#out.set(body, this.#put);
    this.#put += body.length;
    this.#at += bytes;
    this.#literalsStart = this.#at - tailBytes;
  }

  /** The whole stream. Call it once, when the position is the source's end. */
  end(): Uint8Array {
    // More than 3, or all there is: no copy ends as close to the end as that.
    const rest = this.#source.length - this.#literalsStart;
    if (rest > 0) this.#put = putLiterals(this.#to, this.#put, this.#from, this.#literalsStart, rest);
    this.#to.setUint8(this.#put, 0x11);
    this.#to.setUint16(this.#put + 1, 0);
    return this.#out.slice(0, this.#put + 3);
  }
}

/** Room for positions that no earlier stretch has used. */
function nextBase(bytes: number): number {
  if (base + bytes > 0x3fff_ffff) {
    seen.fill(0);
    base = MAX_DISTANCE + 1;
  }
  const own = base;
  base += bytes + MAX_DISTANCE + 1;
  return own;
}

function slotOf(word: number): number {
  return Math.imul(word, 0x9e37_79b1) >>> (32 - HASH_BITS);
}

/** Where what repeats from `start` on ends; at most three bytes past `searchEnd`. */
function matchEnd(from: DataView, start: number, distance: number, searchEnd: number): number {
  for (let end = start; ; end += 4) {
    if (end >= searchEnd) return end;
    const difference = from.getInt32(end, true) ^ from.getInt32(end - distance, true);
    // The lowest bit that differs is in the first byte that does.
    if (difference !== 0) return end + ((31 - Math.clz32(difference & -difference)) >> 3);
  }
}

/** Where what repeats up to `end` starts; not before `lowest`. */
function matchStart(from: DataView, end: number, distance: number, lowest: number): number {
  let start = end;
  while (start > lowest) {
    if (from.getUint8(start - 1) !== from.getUint8(start - 1 - distance)) break;
    start--;
  }
  return start;
}

/** One to three literals after a copy, which has room for their number. */
function putFewLiterals(to: DataView, put: number, from: DataView, start: number, count: number): number {
  to.setUint8(put - 2, to.getUint8(put - 2) | count);
  to.setInt32(put, from.getInt32(start, true), true);
  return put + count;
}

/** More than three literals, or the first ones. */
function putLiterals(to: DataView, position: number, from: DataView, start: number, count: number): number {
  let put = position;
  if (put === 0 && count <= 238) {
    to.setUint8(put++, 17 + count);
  } else if (count <= 18) {
    to.setUint8(put++, count - 3);
  } else {
    to.setUint8(put++, 0);
    put = putCount(to, put, count - 18);
  }
  copyLiterals(to, put, from, start, count);
  return put + count;
}

/** By words, which may write three bytes too many; what comes next overwrites them. */
function copyLiterals(to: DataView, position: number, from: DataView, start: number, count: number): void {
  const words = Math.min(count, from.byteLength - start - 3);
  let at = 0;
  for (; at < words; at += 4) to.setInt32(position + at, from.getInt32(start + at, true), true);
  for (; at < count; at++) to.setUint8(position + at, from.getUint8(start + at));
}

function putCopy(to: DataView, position: number, length: number, distance: number): number {
  let put = position;
  if (length <= 8 && distance <= 2_048) {
    const back = distance - 1;
    to.setUint8(put, ((length - 1) << 5) | ((back & 7) << 2));
    to.setUint8(put + 1, back >> 3);
    return put + 2;
  }
  const isFar = distance > 16_384;
  const back = isFar ? distance - 16_384 : distance - 1;
  const code = isFar ? 0x10 | ((back >> 11) & 8) : 0x20;
  const longest = isFar ? 9 : 33;
  if (length <= longest) {
    to.setUint8(put++, code | (length - 2));
  } else {
    to.setUint8(put++, code);
    put = putCount(to, put, length - longest);
  }
  to.setUint16(put, (back & 0x3fff) << 2, true);
  return put + 2;
}

function putCount(to: DataView, position: number, count: number): number {
  let put = position;
  let rest = count;
  for (; rest > 255; rest -= 255) to.setUint8(put++, 0);
  to.setUint8(put++, rest);
  return put;
}
