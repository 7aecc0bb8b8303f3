/**
 * A socket of the file system at which nobody listens: it can be seen, and whoever connects to it is refused at once.
 *
 * It stands where others look for a server that we do not need.
 */
import { once } from 'node:events';
import { closeSync, constants, openSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** @throws when it cannot be made, as where `file` is there already. */
export async function makeDeafSocket(file: string): Promise<void> {
  const server = createServer();
  const other = `${file}.new`;
  // The name of a socket has 107 bytes at most, which a TMPDIR may have already: this one is short.
  const directory = openSync(path.dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    server.listen(`/proc/self/fd/${directory}/${path.basename(other)}`);
    await once(server, 'listening');
    // Else it would go when the server closes.
    renameSync(other, file);
    server.close();
    await once(server, 'close');
  } finally {
    closeSync(directory);
  }
}
