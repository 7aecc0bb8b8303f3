/** What is fetched or compiled once and kept between runs. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

export const CACHE_DIRECTORY = process.env['MANYHANDS_CORPUS'] ?? path.join(import.meta.dirname, 'cache');

/**
 * Has `directory` made unless it is there. `make` fills a workspace beside it, which is renamed at the
 * end: an interrupted run leaves nothing that looks complete, and two at a time do not meet.
 */
export async function makeOnce(directory: string, make: (workspace: string) => Promise<void>): Promise<void> {
  if (existsSync(directory)) return;
  const parent = path.dirname(directory);
  mkdirSync(parent, { recursive: true });
  const workspace = mkdtempSync(path.join(parent, 'making-'));
  try {
    await make(workspace);
    renameUnlessThere(workspace, directory);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
