/**
 * What a client asks of a worker, in protocols 1 and 2.
 *
 *   DIST  version
 *   ARGC  number of arguments, the compiler's name included
 *   ARGV  length, bytes          each argument
 *   DOTI  length, bytes          the preprocessed source
 */
import type { ByteString } from '../../base/byte-string.ts';
import { fromBytes } from '../../base/byte-string.ts';
import type { Grammar } from './decoder.ts';
import { Decoder, packet, token } from './decoder.ts';
import type { WireLimits } from './limits.ts';
import { WIRE_LIMITS } from './limits.ts';
import type { Protocol } from './protocol.ts';
import { decodeBody, encodeText, protocolOf } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatToken } from './token.ts';

export interface Request {
  readonly protocol: Protocol;
  readonly argv: readonly ByteString[];
  /** The preprocessed text, plain. */
  readonly source: Uint8Array;
}

export interface ReceivedRequest {
  readonly protocol: Protocol;
  /** As the client said it, for the reply to repeat. */
  readonly version: number;
  readonly argv: readonly ByteString[];
  /** The source as it came, compressed or not: see decodeSource(). */
  readonly body: Uint8Array;
}

/** The request in pieces for one gathered write; in protocol 1 the last one is `source` itself. */
export function encodeRequest(request: Request): Uint8Array[] {
  const { protocol, argv, source } = request;
  const body = encodeText(protocol, source);
  const head = [
    formatToken('DIST', protocol),
    formatToken('ARGC', argv.length),
    ...argv.map((argument) => formatToken('ARGV', argument.length) + argument),
    formatToken('DOTI', body.length),
  ];
  const pieces = [Buffer.from(head.join(''), 'latin1'), body];
  return body.length === 0 ? pieces.slice(0, 1) : pieces;
}

/** Decodes one request; its source stays as it came until decodeSource(). */
export class RequestDecoder extends Decoder<ReceivedRequest> {
  constructor(limits: WireLimits = WIRE_LIMITS) {
    super(readRequest(limits));
  }
}

/**
 * The plain source, at most `maxBytes` of it. A step of its own, so that the worker spends processor
 * and memory on it only once it is let in and its turn has come.
 *
 * @throws {ProtocolError} when the body is damaged or stands for more.
 */
export function decodeSource(request: ReceivedRequest, maxBytes: number = WIRE_LIMITS.bodyBytes): Uint8Array {
  return decodeBody(request.protocol, request.body, maxBytes);
}

function* readRequest(limits: WireLimits): Grammar<ReceivedRequest> {
  const version = yield* token('DIST');
  const protocol = protocolOf(version);
  const argv = yield* readArguments(limits);
  const body = yield* packet('DOTI', limits.bodyBytes);
  return { protocol, version, argv, body };
}

function* readArguments(limits: WireLimits): Grammar<ByteString[]> {
  const count = yield* token('ARGC');
  if (count < 1) throw new ProtocolError('ARGC announces no argument, not even the compiler');
  if (count > limits.argumentCount) {
    throw new ProtocolError(`ARGC announces ${count} arguments; at most ${limits.argumentCount} are taken`);
  }
  const argv: ByteString[] = [];
  let bytesLeft = limits.argumentsBytes;
  while (argv.length < count) {
    const bytes = yield* packet('ARGV', Math.min(bytesLeft, limits.argumentBytes));
    bytesLeft -= bytes.length;
    argv.push(fromBytes(bytes));
  }
  return argv;
}
