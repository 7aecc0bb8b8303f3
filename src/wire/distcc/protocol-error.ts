/** The peer's bytes are not the protocol. The connection is of no use any more: close it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
