/**
 * Whether agent and caller see the same files. They may not: a chroot, a container or another mount
 * namespace can share the home directory and still have other headers.
 */
import { statSync } from 'node:fs';
import type { FileId, InvocationFrame } from '../wire/launcher/launcher-message.ts';

/** The first name that means another file here than there, or undefined. */
export function findStranger(invocation: InvocationFrame): string | undefined {
  const { root, directory, cwd, compiler, compilerId, argv, seen } = invocation;
  if (!isSame('/', root)) return '/';
  if (!isSame(directory, cwd)) return directory;
  if (compiler !== '' && !isSame(compiler, compilerId)) return compiler;
  for (const { index, id } of seen) {
    const word = argv[index] ?? '';
    if (!isSame(word.startsWith('/') ? word : `${directory}/${word}`, id)) return word;
  }
  return undefined;
}

function isSame(name: string, id: FileId): boolean {
  // The word of a caller: a name with a NUL in it was refused by the codec.
  const stats = statSync(name, { bigint: true, throwIfNoEntry: false });
  return stats !== undefined && stats.dev === id.device && stats.ino === id.inode;
}
