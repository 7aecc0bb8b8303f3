/** An entry of the host list, and the list with what it says for all. */

export type Host = LocalHost | DistccdHost | ReapiHost;

export type DistccdHost = TcpHost | SshHost;

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
  /** `,down`: listed, but not to be used. */
  readonly isDown: boolean;
}

/** It speaks distcc's protocols, and may speak the native wire. */
interface Distccd extends RemoteHost {
  /** `,lzo`: bodies are compressed. */
  readonly isCompressed: boolean;
  /** `,cpp`: headers are sent and the preprocessor runs there. */
  readonly preprocessesThere: boolean;
  /** Without `,nonative`: the native wire is used where the far side speaks it. */
  readonly mayBeNative: boolean;
  /** `,auth` (an empty name) or `,auth=NAME`. */
  readonly authentication?: string;
}

export interface TcpHost extends Distccd {
  readonly kind: 'tcp';
  readonly port: number;
}

export interface SshHost extends Distccd {
  readonly kind: 'ssh';
  readonly user?: string;
  /** The program there; `distccd` unless the entry names another. */
  readonly command?: string;
}

/** `grpc://`: a server of the Remote Execution API, of any make. */
export interface ReapiHost extends RemoteHost {
  readonly kind: 'reapi';
  readonly port: number;
  /** `instance=`; empty for the server's only one. */
  readonly instance: string;
  /** `headers=image`: the compiler's own headers are those that the server has. */
  readonly hasHeaders: boolean;
  /** What the action asks of the machine that runs it. */
  readonly platform: ReadonlyMap<string, string>;
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
  switch (host.kind) {
    case 'tcp':
      return `tcp:${host.host}:${host.port}`;
    case 'ssh':
      return `ssh:${host.host}`;
    case 'reapi':
      return `reapi:${host.host}:${host.port}?${queryOf(host)}`;
  }
}

/** What stands behind the `?` of its entry, in one spelling: two that differ there are two places. */
export function queryOf({ instance, hasHeaders, platform }: ReapiHost): string {
  const parts: readonly (readonly [name: string, value: string])[] = [
    ...(instance === '' ? [] : [['instance', instance] as const]),
    ...(hasHeaders ? [['headers', 'image'] as const] : []),
    ...platform,
  ];
  return parts.map((part) => part.map(encode).join('=')).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/** Whether it is a daemon that may be spoken to as distcc does. */
export function isDistccdHost(host: Host): host is DistccdHost {
  return host.kind === 'tcp' || host.kind === 'ssh';
}

/** How many jobs the list has room for: what `-j` prints. */
export function countSlots(list: HostList): number {
  return list.hosts.reduce((sum, { limit }) => sum + limit, 0);
}
