import { readdirSync } from 'node:fs';

/** What a directory holds; nothing where it is not there, is none, or cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
