/** Where the agent of this user, group, world, build and distcc directory listens, if one does. */
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { socketName } from '../wire/launcher/socket-name.ts';

export interface FindAgentOptions {
  /** Effective, both. */
  readonly uid: number;
  readonly gid: number;
  readonly build: string;
  readonly distccDir: string;
  readonly xdgRuntimeDir: string | undefined;
}

/**
 * The socket's path, whether somebody still listens there or not; undefined when there is none. The places
 * and the name are the launcher's: docs/protocol/launcher.md, "Where".
 */
export function findAgent({
  uid,
  gid,
  build,
  distccDir,
  xdgRuntimeDir,
}: FindAgentOptions): string | undefined {
  const root = statSync('/', { bigint: true });
  const name = socketName({
    uid,
    gid,
    rootDevice: root.dev,
    rootInode: root.ino,
    mountNamespace: statSync('/proc/self/ns/mnt', { bigint: true, throwIfNoEntry: false })?.ino ?? 0n,
    buildId: build,
    distccDir: resolved(distccDir),
  });
  const directories = [
    ...(xdgRuntimeDir?.startsWith('/') === true ? [path.join(xdgRuntimeDir, 'manyhands')] : []),
    `/run/user/${uid}/manyhands`,
    `/tmp/manyhands-${uid}`,
  ];
  const network = statSync('/proc/self/ns/net', { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
  return directories
    .filter((directory) => isOwnDirectory(directory, uid))
    .flatMap((directory) => [name, `${name}.${network}`].map((file) => path.join(directory, file)))
    .find((socket) => lstatSync(socket, { throwIfNoEntry: false })?.isSocket() === true);
}

/**
 * The same by the word that an agent leaves in its distcc directory: for root, who asks another user's agent. Whoever may
 * write there could name another socket; so it has to be of the same owner.
 */
export function findAgentOf(distccDir: string): string | undefined {
  const file = path.join(distccDir, 'state', 'agent');
  try {
    const socket = /^\d+ (\/.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    const stats = lstatSync(socket);
    return stats.isSocket() && stats.uid === lstatSync(file).uid ? socket : undefined;
  } catch {
    return undefined;
  }
}

function isOwnDirectory(name: string, uid: number): boolean {
  const stats = lstatSync(name, { throwIfNoEntry: false });
  return stats?.uid === uid && stats.isDirectory();
}

function resolved(directory: string): string {
  if (directory === '') return '';
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}
