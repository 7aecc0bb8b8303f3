/** An entry of the host list, and the list with what it says for all. */

export type Host = LocalHost | TcpHost | SshHost;

/** `localhost`: compile here, as one of the hosts. */
export interface LocalHost {
  readonly kind: 'local';
  /** As the user wrote it. */
  readonly token: string;
  /** How many jobs at once. */
  readonly limit: number;
}

interface RemoteHost {
  readonly token: string;
  readonly limit: number;
  /** Without brackets where it is an IPv6 address. */
  readonly host: string;
  /** `,lzo`: bodies are compressed. */
  readonly isCompressed: boolean;
  /** `,cpp`: headers are sent and the preprocessor runs there. */
  readonly preprocessesThere: boolean;
  /** Without `,nonative`: the native wire is used where the far side speaks it. */
  readonly mayBeNative: boolean;
  /** `,down`: listed, but not to be used. */
  readonly isDown: boolean;
  /** `,auth` (an empty name) or `,auth=NAME`. */
  readonly authentication?: string;
}

export interface TcpHost extends RemoteHost {
  readonly kind: 'tcp';
  readonly port: number;
}

export interface SshHost extends RemoteHost {
  readonly kind: 'ssh';
  readonly user?: string;
  /** The program there; `distccd` unless the entry names another. */
  readonly command?: string;
}

export interface HostList {
  readonly hosts: readonly Host[];
  /** `--randomize`: each job tries them in an order of its own. */
  readonly isRandomized: boolean;
  /** `+zeroconf`: discovered hosts belong before the host with this index. */
  readonly zeroconfIndex?: number;
  /** `--localslots`: how many jobs may be compiled here at once; undefined where the list does not say. */
  readonly localSlots?: number;
  /** `--localslots_cpp`: the same for preprocessors. */
  readonly localPreprocessorSlots?: number;
  /** A sentence for each entry, or part of one, that was passed over. */
  readonly complaints: readonly string[];
}

export const DEFAULT_PORT = 3632;
export const DEFAULT_LIMIT = 4;
export const DEFAULT_LOCALHOST_LIMIT = 2;

/**
 * Two entries with one key are the same place, and share its slots and its back-off. As in distcc, user
 * and command do not count.
 */
export function keyOf(host: Host): string {
  if (host.kind === 'local') return 'localhost';
  return host.kind === 'tcp' ? `tcp:${host.host}:${host.port}` : `ssh:${host.host}`;
}

/** How many jobs the list has room for: what `-j` prints. */
export function countSlots(list: HostList): number {
  return list.hosts.reduce((sum, { limit }) => sum + limit, 0);
}
