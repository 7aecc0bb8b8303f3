/** Closures of files that are not there. */
import { dirname } from 'node:path/posix';
import type { Closure } from '../../src/includes/answer-memory.ts';
import { Content } from '../../src/includes/content.ts';
import { DirectoryEntry, FileEntry, type ReadFile } from '../../src/includes/file-entry.ts';

const STAT = {
  dev: 1,
  ino: 1,
  size: 0,
  mtimeMs: 0,
  ctimeMs: 0,
  isFile: () => true,
  isDirectory: () => false,
};

interface FileParts {
  readonly text?: string;
  readonly ino?: number;
  readonly mtimeMs?: number;
}

/** @param typed as the compiler calls it, from `/w`. */
export function file(typed: string, { text = `${typed}\n`, ino = 1, mtimeMs = 0 }: FileParts = {}): ReadFile {
  const path = typed.startsWith('/') ? typed : `/w/${typed}`;
  const found = { stat: { ...STAT, ino, mtimeMs }, content: new Content(Buffer.from(text)) };
  return new FileEntry(new DirectoryEntry(dirname(path)), path, found).readAs(typed);
}

interface ClosureParts {
  readonly unread?: readonly ReadFile[];
  readonly directories?: readonly string[];
  readonly isSystem?: boolean;
}

export function closureOf(
  files: readonly ReadFile[],
  { unread = [], directories = [], isSystem = false }: ClosureParts = {},
): Closure {
  const searchDirectories = directories.map((typed) => {
    return { typed, entry: new DirectoryEntry(typed), isSystem };
  });
  const empty = { builtinDirectories: [], preincluded: [], marks: new Set<never>() };
  return { files, unread: new Set(unread), searchDirectories, ...empty };
}
