/**
 * What a worker answers.
 *
 *   DONE  version                as the client said it
 *   STAT  wait status
 *   SERR  length, bytes          the compiler's stderr; a stock worker's own warnings may be among it
 *   SOUT  length, bytes          its stdout
 *   DOTO  length, bytes          the object; nothing unless the wait status is 0
 *   DOTD  length, bytes          the dependencies; only in protocol 3, and if the wait status is 0
 *
 * A stock worker whose compiler wrote no dependencies closes in place of DOTD.
 */
import type { WaitStatus } from '../../base/wait-status.ts';
import type { Grammar } from './decoder.ts';
import { body, Decoder, optionalToken, packet, token } from './decoder.ts';
import type { WireLimits } from './limits.ts';
import { WIRE_LIMITS } from './limits.ts';
import { decodeBody, encodeBody, protocolOf } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import type { TokenName } from './token.ts';
import { formatToken } from './token.ts';

export interface Reply {
  /** As the client said it: 0 to 3. */
  readonly version: number;
  readonly waitStatus: WaitStatus;
  readonly stderr: Uint8Array;
  readonly stdout: Uint8Array;
  /** The object or assembler text. Empty unless waitStatus is 0; may be empty then, too. */
  readonly object: Uint8Array;
  /** In protocol 3: what a compiler asked for -MMD wrote. */
  readonly dependencies?: Uint8Array;
}

/** The largest wait status that wait4(2) gives for a process that ended. */
const MAX_WAIT_STATUS = 0xffff;

const NOTHING = new Uint8Array(0);

/** The reply in pieces for one gathered write. What only a success has is left out of others. */
export function encodeReply(reply: Reply): Uint8Array[] {
  const protocol = protocolOf(reply.version);
  const pieces: Uint8Array[] = [];
  let head = formatToken('DONE', reply.version) + formatToken('STAT', reply.waitStatus);
  const add = (name: TokenName, plain: Uint8Array): void => {
    const body = encodeBody(protocol, plain);
    head += formatToken(name, body.length);
    if (body.length === 0) return;
    pieces.push(Buffer.from(head, 'latin1'), body);
    head = '';
  };
  add('SERR', reply.stderr);
  add('SOUT', reply.stdout);
  add('DOTO', reply.waitStatus === 0 ? reply.object : NOTHING);
  if (protocol === 3 && reply.waitStatus === 0) add('DOTD', reply.dependencies ?? NOTHING);
  if (head !== '') pieces.push(Buffer.from(head, 'latin1'));
  return pieces;
}

/** Decodes the reply to a request of `version`, and restores its bodies. */
export class ReplyDecoder extends Decoder<Reply> {
  constructor(version: number, limits: WireLimits = WIRE_LIMITS) {
    super(readReply(version, limits));
  }
}

function* readReply(asked: number, limits: WireLimits): Grammar<Reply> {
  const version = yield* token('DONE');
  if (version !== asked) throw new ProtocolError(`The reply is of version ${version}, we asked for ${asked}`);
  const waitStatus = yield* token('STAT');
  if (waitStatus > MAX_WAIT_STATUS) {
    throw new ProtocolError(`STAT 0x${waitStatus.toString(16)} is no wait status`);
  }
  const stderr = yield* readBody('SERR', version, limits);
  const stdout = yield* readBody('SOUT', version, limits);
  const object = waitStatus === 0 ? yield* readBody('DOTO', version, limits) : yield* readNoObject();
  const reply = { version, waitStatus, stderr, stdout, object };
  if (version < 3 || waitStatus !== 0) return reply;
  const dependencies = yield* readDependencies(limits);
  return dependencies === undefined ? reply : { ...reply, dependencies };
}

/** A compile that failed has no object. Should the worker announce one, it is not read. */
function* readNoObject(): Grammar<Uint8Array> {
  yield* token('DOTO');
  return NOTHING;
}

function* readDependencies(limits: WireLimits): Grammar<Uint8Array | undefined> {
  const bytes = yield* optionalToken('DOTD');
  if (bytes === undefined) return undefined;
  return decodeBody(3, yield* body('DOTD', bytes, limits.bodyBytes), limits.bodyBytes);
}

function* readBody(name: TokenName, version: number, limits: WireLimits): Grammar<Uint8Array> {
  return decodeBody(protocolOf(version), yield* packet(name, limits.bodyBytes), limits.bodyBytes);
}
