/**
 * How much we let a peer say. The protocol's own bound is 4 GiB for everything; what is compared with a
 * limit here is compared before anything is reserved for it.
 */
export interface WireLimits {
  /** Arguments of one command, the compiler's name among them. */
  readonly argumentCount: number;
  /** The bytes of one argument. */
  readonly argumentBytes: number;
  /** The bytes of all arguments of one command. */
  readonly argumentsBytes: number;
  /** The bytes of one body (source, object, stderr, stdout), as sent and again when restored. */
  readonly bodyBytes: number;
}

export const WIRE_LIMITS: WireLimits = {
  // Real commands have hundreds; response files that a client expanded, some ten thousand.
  argumentCount: 100_000,
  // Linux starts no program with an argument above 128 KiB where pages have 4 KiB, 2 MiB where 64.
  argumentBytes: 1 << 20,
  // Linux starts no program with more than 6 MiB of arguments and environment, whatever ulimit says.
  argumentsBytes: 16 << 20,
  // Generated sources of 100 MB exist, and debug objects of several hundred.
  bodyBytes: 1 << 30,
};
