/** What is known of one file or directory, as of the pass in which it was looked at last. */
import { Content } from './content.ts';
import type { FileStat } from './reader.ts';

/** A file that is read, under one of the names by which the compiler calls it. */
export interface ReadFile {
  readonly entry: FileEntry;
  /** Relative to the directory of the call, where the command says so. */
  readonly typed: string;
}

const NOTHING: FileStat = {
  dev: -1,
  ino: -1,
  size: 0,
  mtimeMs: 0,
  ctimeMs: 0,
  isFile: () => false,
  isDirectory: () => false,
};

export class FileEntry {
  readonly path: string;
  readonly directory: DirectoryEntry;
  stat: FileStat;
  content: Content;
  isThere = true;
  isSettled = false;
  generation = 0;
  /** Counts how often another file has taken the name, whatever it says. */
  identity = 0;
  pass = 0;
  /** Without links and dots; and as of which state of the tree. */
  realName: { readonly name: string; readonly identities: number } | undefined;
  #read: ReadFile | undefined;

  constructor(directory: DirectoryEntry, path: string, found: { stat: FileStat; content: Content }) {
    this.directory = directory;
    this.path = path;
    this.stat = found.stat;
    this.content = found.content;
  }

  /** Where a link leads to no file yet. */
  static missing(directory: DirectoryEntry, path: string): FileEntry {
    const file = new FileEntry(directory, path, { stat: NOTHING, content: new Content(new Uint8Array()) });
    file.isThere = false;
    return file;
  }

  /** The same object for the same name, because thousands of answers hold it. */
  readAs(typed: string): ReadFile {
    if (this.#read?.typed !== typed) this.#read = { entry: this, typed };
    return this.#read;
  }

  /** Equal for two names of one file. */
  get identityKey(): string {
    return `${this.stat.dev}:${this.stat.ino}`;
  }
}

export class DirectoryEntry {
  readonly path: string;
  /** undefined where it is no directory, or none any more. */
  stat: FileStat | undefined;
  isSettled = false;
  /** Holds a precompiled header. */
  hasPrecompiled: boolean | undefined;
  generation = 0;
  pass = 0;
  /** Names that are no file here; with a slash behind them, that are no directory. */
  readonly absent = new Set<string>();
  /** What came of each name that was looked up from here. */
  readonly lookups = new Map<string, Lookup>();

  constructor(path: string) {
    this.path = path;
  }
}

export type Lookup = Found | Absence;

export interface Found {
  readonly file: FileEntry;
}

/** There is no such file as long as that directory is of that generation. */
export interface Absence {
  readonly file?: undefined;
  readonly holder: DirectoryEntry;
  readonly generation: number;
  /** A symbolic link is there, whose target comes and goes elsewhere: what it leads to is looked at each time. */
  readonly link?: FileEntry | DirectoryEntry;
}

export function absenceIn(holder: DirectoryEntry): Absence {
  return { holder, generation: holder.generation };
}
