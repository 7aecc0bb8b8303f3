/**
 * The name of an agent's socket: who may share an agent, as 16 hexadecimal digits. Callers that differ
 * in user, group, root, mount namespace, build or DISTCC_DIR get agents of their own.
 *
 * native/launcher.c computes the same; the test vector is shared.
 */

/** What separates agents from each other. */
export interface AgentWorld {
  /** Effective, both: the agent creates files in the name of its callers. */
  readonly uid: number;
  readonly gid: number;
  readonly rootDevice: bigint;
  readonly rootInode: bigint;
  /** Inode of /proc/self/ns/mnt, 0 where there is none. */
  readonly mountNamespace: bigint;
  readonly buildId: string;
  /** Resolved by realpath(3) where it exists. */
  readonly distccDir: string;
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

export function socketName(world: AgentWorld): string {
  const { uid, gid, rootDevice, rootInode, mountNamespace, buildId, distccDir } = world;
  const text = `${uid}:${gid}:${rootDevice}:${rootInode}:${mountNamespace}:${buildId}:${distccDir}`;
  return fnv1a64(Buffer.from(text, 'utf8')).toString(16).padStart(16, '0');
}

/** FNV-1a: not against an enemy, who would have to be this user. */
function fnv1a64(bytes: Uint8Array): bigint {
  let hash = FNV_OFFSET;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}
