/**
 * What a worker answers, in protocols 1 and 2.
 *
 *   DONE  version                as the client said it
 *   STAT  wait status
 *   SERR  length, bytes          the compiler's stderr; a stock worker's own warnings may be among it
 *   SOUT  length, bytes          its stdout
 *   DOTO  length, bytes          the object; nothing unless the wait status is 0
 */
import type { WaitStatus } from '../../base/wait-status.ts';
import type { Grammar } from './decoder.ts';
import { Decoder, packet, token } from './decoder.ts';
import type { WireLimits } from './limits.ts';
import { WIRE_LIMITS } from './limits.ts';
import { decodeBody, encodeBody, protocolOf } from './protocol.ts';
import { ProtocolError } from './protocol-error.ts';
import type { TokenName } from './token.ts';
import { formatToken } from './token.ts';

export interface Reply {
  /** As the client said it: 0, 1 or 2. */
  readonly version: number;
  readonly waitStatus: WaitStatus;
  readonly stderr: Uint8Array;
  readonly stdout: Uint8Array;
  /** The object or assembler text. Empty unless waitStatus is 0; may be empty then, too. */
  readonly object: Uint8Array;
}

/** The largest wait status that wait4(2) gives for a process that ended. */
const MAX_WAIT_STATUS = 0xffff;

const NOTHING = new Uint8Array(0);

/** The reply in pieces for one gathered write. The object is left out unless the wait status is 0. */
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
  return { version, waitStatus, stderr, stdout, object };
}

/** A compile that failed has no object. Should the worker announce one, it is not read. */
function* readNoObject(): Grammar<Uint8Array> {
  yield* token('DOTO');
  return NOTHING;
}

function* readBody(name: TokenName, version: number, limits: WireLimits): Grammar<Uint8Array> {
  const body = yield* packet(name, limits.bodyBytes);
  return decodeBody(protocolOf(version), body, limits.bodyBytes);
}
