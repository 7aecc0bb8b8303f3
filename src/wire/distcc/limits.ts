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
  /** Files and links of one tree. */
  readonly entryCount: number;
  /** The bytes of one name in a tree, of a link's target and of the directory. */
  readonly nameBytes: number;
  /** The bytes of all names and targets of one tree. */
  readonly namesBytes: number;
  /** The bytes of all files of one tree, as sent. */
  readonly filesBytes: number;
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
  // A source that includes all of Boost has some 15,000.
  entryCount: 100_000,
  // Linux's PATH_MAX.
  nameBytes: 4096,
  namesBytes: 16 << 20,
  filesBytes: 1 << 30,
};
