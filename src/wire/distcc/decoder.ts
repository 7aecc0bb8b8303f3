/**
 * Messages out of pieces, however the network cut them.
 *
 * A grammar is a generator that yields what must come next (so many bytes, at such a stage) and is
 * handed exactly these; it reads like the protocol's table. The Decoder drives it: it collects the
 * bytes, in time linear in their number even one at a time.
 *
 * Nothing is reserved on a peer's word. What lies whole in one chunk is handed on as a view of it; what
 * does not is collected in a buffer of at most 256 KiB or eight times what has come, so that no more than
 * one byte in seven is copied twice.
 */
import { ProtocolError } from './protocol-error.ts';
import type { TokenName } from './token.ts';
import { parseToken, TOKEN_BYTES } from './token.ts';

/** What a grammar waits for. */
export interface Want {
  readonly stage: TokenName;
  readonly bytes: number;
  /** The message may be over: where the stream ends in place of these bytes, none are given. */
  readonly isOptional?: true;
}

export type Grammar<Result> = Generator<Want, Result, Uint8Array>;

/** A header of that name; gives its value. */
export function* token(name: TokenName): Grammar<number> {
  return parseToken(yield { stage: name, bytes: TOKEN_BYTES }, name);
}

/** The same; undefined where the stream ends in its place. */
export function* optionalToken(name: TokenName): Grammar<number | undefined> {
  const bytes = yield { stage: name, bytes: TOKEN_BYTES, isOptional: true };
  return bytes.length === 0 ? undefined : parseToken(bytes, name);
}

/** A header of that name and the body that it announces, if that is at most `maxBytes`. */
export function* packet(name: TokenName, maxBytes: number): Grammar<Uint8Array> {
  return yield* body(name, yield* token(name), maxBytes);
}

/** The body that the header of that name has announced. */
export function* body(name: TokenName, bytes: number, maxBytes: number): Grammar<Uint8Array> {
  if (bytes > maxBytes) {
    throw new ProtocolError(`${name} announces ${bytes} bytes; at most ${maxBytes} are taken`);
  }
  return bytes === 0 ? NOTHING : yield { stage: name, bytes };
}

const NOTHING = new Uint8Array(0);
const FIRST_BYTES = 256 << 10;
const GROWTH = 8;

/** Decodes one message. It may hold views of the chunks pushed: do not write to these afterwards. */
export class Decoder<Message> {
  readonly #grammar: Grammar<Message>;
  #state: 'reading' | 'whole' | 'failed' = 'reading';
  #want: Want;
  #buffer = new Uint8Array(0);
  #filled = 0;
  #collected: Uint8Array = NOTHING;
  #takenBytes = 0;
  #excessBytes = 0;

  constructor(grammar: Grammar<Message>) {
    this.#grammar = grammar;
    const first = grammar.next();
    if (first.done === true) throw new RangeError('A grammar must want something');
    this.#want = first.value;
  }

  /** The packet that is being read, or how it ended. */
  get stage(): TokenName | 'whole' | 'failed' {
    return this.#state === 'reading' ? this.#want.stage : this.#state;
  }

  /** Bytes of the unfinished message that have come; 0 when it has ended. */
  get bufferedBytes(): number {
    return this.#state === 'reading' ? this.#takenBytes : 0;
  }

  /** What was handed on last out of several chunks: to be freed by who knows that the message has no view of it. */
  get collected(): Uint8Array {
    return this.#collected;
  }

  /** Bytes that came after the message. Stock programs send none; what they mean the caller decides. */
  get excessBytes(): number {
    return this.#excessBytes;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @returns the message with the chunk that ends it, undefined with all others.
   * @throws {ProtocolError} when the peer does not keep to the protocol, and again at each later push.
   */
  push(chunk: Uint8Array): Message | undefined {
    if (this.#state === 'failed') throw new ProtocolError('More bytes after a broken message');
    let at = 0;
    while (this.#state === 'reading') {
      const missing = this.#want.bytes - this.#filled;
      const available = Math.min(missing, chunk.length - at);
      const piece = chunk.subarray(at, at + available);
      at += available;
      this.#takenBytes += available;
      if (available < missing) {
        this.#keep(piece);
        return undefined;
      }
      const message = this.#step(this.#filled === 0 ? piece : this.#complete(piece));
      if (message !== undefined) {
        this.#excessBytes = chunk.length - at;
        return message;
      }
    }
    this.#excessBytes += chunk.length;
    return undefined;
  }

  /**
   * The stream has ended.
   *
   * @returns the message, if it may end here; undefined when it is cut short, or was given already.
   */
  end(): Message | undefined {
    const mayEnd = this.#state === 'reading' && this.#want.isOptional === true && this.#filled === 0;
    return mayEnd ? this.#step(NOTHING) : undefined;
  }

  #keep(piece: Uint8Array): void {
    const needed = this.#filled + piece.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.#want.bytes, Math.max(FIRST_BYTES, needed * GROWTH)));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#filled);
    this.#filled = needed;
  }

  #complete(piece: Uint8Array): Uint8Array {
    this.#keep(piece);
    const whole = this.#buffer.subarray(0, this.#filled);
    this.#buffer = new Uint8Array(0);
    this.#filled = 0;
    this.#collected = whole;
    return whole;
  }

  #step(bytes: Uint8Array): Message | undefined {
    try {
      const next = this.#grammar.next(bytes);
      if (next.done !== true) {
        this.#want = next.value;
        return undefined;
      }
      this.#state = 'whole';
      return next.value;
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }
}
