/** Which Node an installed copy runs on: the machine's own, or one that it carries along. */

/** Where the package managers of a machine put programs that are there for everybody, and stay. */
const MACHINE_DIRECTORIES = /^\/(?:usr|opt|nix|gnu)\//;

/**
 * Whether `node` (resolved) belongs to the machine. One that npm brought, or that stands in somebody's
 * home, may go away or be closed to other users: that is copied.
 */
export function isMachineNode(node: string): boolean {
  return MACHINE_DIRECTORIES.test(node) && !node.includes('/node_modules/');
}
