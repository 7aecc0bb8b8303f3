/**
 * What a client asks of a worker: in protocols 1 and 2 to compile a text, in 3 to preprocess and compile
 * a source with all that it includes.
 *
 *   1, 2                         3
 *   DIST  version                DIST  version
 *                                CDIR  length, bytes     the working directory, absolute
 *   ARGC  number of arguments    ARGC  the same          the compiler's name included
 *   ARGV  length, bytes          ARGV  the same          each argument
 *   DOTI  length, bytes          NFIL  number of entries, and each of them: see tree.ts
 */
import type { ByteString } from '../../base/byte-string.ts';
import { fromBytes, toBytes } from '../../base/byte-string.ts';
import type { Grammar } from './decoder.ts';
import { Decoder, packet, token } from './decoder.ts';
import type { WireLimits } from './limits.ts';
import { WIRE_LIMITS } from './limits.ts';
import type { TextProtocol } from './protocol.ts';
import { decodeBody, encodeText, protocolOf } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import { formatToken } from './token.ts';
import type { EncodedTree, TreeEntry } from './tree.ts';
import { readTree } from './tree.ts';

export interface TextRequest {
  readonly protocol: TextProtocol;
  readonly argv: readonly ByteString[];
  /** The preprocessed text, plain. */
  readonly source: Uint8Array;
}

export interface TreeRequest {
  /** Where the client calls the compiler; absolute. */
  readonly directory: ByteString;
  readonly argv: readonly ByteString[];
  readonly tree: EncodedTree;
}

export interface ReceivedText {
  readonly kind: 'text';
  readonly protocol: TextProtocol;
  /** As the client said it, for the reply to repeat. */
  readonly version: number;
  readonly argv: readonly ByteString[];
  /** The source as it came, compressed or not: see decodeSource(). */
  readonly body: Uint8Array;
}

export interface ReceivedTree {
  readonly kind: 'tree';
  readonly version: 3;
  readonly argv: readonly ByteString[];
  /** This and the names are whatever the client said. */
  readonly directory: ByteString;
  readonly entries: readonly TreeEntry[];
}

export type ReceivedRequest = ReceivedText | ReceivedTree;

/** The request in pieces for one gathered write; in protocol 1 the last one is `source` itself. */
export function encodeTextRequest(request: TextRequest): Uint8Array[] {
  const { protocol, argv, source } = request;
  const body = encodeText(protocol, source);
  const head = formatToken('DIST', protocol) + formatArguments(argv) + formatToken('DOTI', body.length);
  return body.length === 0 ? [toBytes(head)] : [toBytes(head), body];
}

/** The same of protocol 3; all pieces but the first are the packets themselves. */
export function encodeTreeRequest({ directory, argv, tree }: TreeRequest): Uint8Array[] {
  const head = [
    formatToken('DIST', 3),
    formatToken('CDIR', directory.length) + directory,
    formatArguments(argv),
    formatToken('NFIL', tree.entryCount),
  ];
  return [toBytes(head.join('')), ...tree.packets];
}

/** Decodes one request; a source stays as it came until decodeSource(). */
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
export function decodeSource(request: ReceivedText, maxBytes: number = WIRE_LIMITS.bodyBytes): Uint8Array {
  return decodeBody(request.protocol, request.body, maxBytes);
}

function formatArguments(argv: readonly ByteString[]): string {
  const packets = argv.map((argument) => formatToken('ARGV', argument.length) + argument);
  return formatToken('ARGC', argv.length) + packets.join('');
}

function* readRequest(limits: WireLimits): Grammar<ReceivedRequest> {
  const version = yield* token('DIST');
  const protocol = protocolOf(version);
  if (protocol === 3) {
    const directory = fromBytes(yield* packet('CDIR', limits.nameBytes));
    const argv = yield* readArguments(limits);
    return { kind: 'tree', version: protocol, argv, directory, entries: yield* readTree(limits) };
  }
  const argv = yield* readArguments(limits);
  return { kind: 'text', protocol, version, argv, body: yield* packet('DOTI', limits.bodyBytes) };
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
