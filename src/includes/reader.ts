/** The files of this machine, as far as the scanner needs them: `src/files` has the real ones, tests their own. */
export interface Reader {
  /** What a name leads to, links followed; undefined where there is nothing or it cannot be looked at. */
  stat(path: string): FileStat | undefined;
  /** A regular file's whole content, with what stat() said when it was just that; undefined as there. */
  read(path: string): { readonly bytes: Uint8Array; readonly stat: FileStat } | undefined;
  /** The names in a directory; undefined where they cannot be read, as the files in it still may. */
  names(path: string): readonly string[] | undefined;
  /** The text of a symbolic link; undefined for what is none. */
  link(path: string): string | undefined;
  /** The name of a file without links and dots in it; undefined where it has none. */
  realName(path: string): string | undefined;
}

export interface FileStat {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** Whether nothing has changed, for a stat that is settled. */
export function isSame(a: FileStat, b: FileStat): boolean {
  return (
    a.ctimeMs === b.ctimeMs &&
    a.mtimeMs === b.mtimeMs &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.dev === b.dev
  );
}
