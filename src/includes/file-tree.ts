/**
 * What is known of files and directories, and when to doubt it.
 *
 * The truth is stat(). Within one pass nothing is looked at twice, so jobs that come at the same time share
 * their looks. A file is what it was when its stat is the same; a directory that did not change keeps all
 * its absences, and of one that did only the names that mattered are looked up again. Whoever remembers an
 * answer keeps the generations of what it stands on: another generation means to ask again.
 *
 * Nothing young is trusted (contents.ts): a young file is read again, a young directory searched again.
 *
 * The compiler looks for a header where it is not before it reads it where it is. So what is known of files is
 * of no earlier than what is known of directories: a header that has moved would be read as it was before. Where
 * a directory has changed, or a file gone, files are looked at anew within the pass.
 *
 * Rejected: watching with inotify, which says too late, and nothing at all on network file systems.
 */
import type { Clock } from '../base/clock.ts';
import { Contents } from './contents.ts';
import { Doubt } from './doubt.ts';
import { absenceIn, DirectoryEntry, FileEntry, type Absence, type Lookup } from './file-entry.ts';
import { isSame, type FileStat, type Reader } from './reader.ts';

/** Names that are looked up are bounded by the kernel, too. */
const MOST_PATH_BYTES = 4000;

export class FileTree {
  readonly #reader: Reader;
  readonly #root = new DirectoryEntry('/');
  readonly #directories = new Map<string, DirectoryEntry>([['/', this.#root]]);
  readonly #files = new Map<string, FileEntry>();
  readonly #contents: Contents;
  #pass = 1;
  /** Greater than that of all files that have to be looked at anew. */
  #filePass = 1;
  #lookups = 0;
  #identities = 0;

  constructor(reader: Reader, clock: Clock) {
    this.#reader = reader;
    this.#contents = new Contents(reader, clock);
  }

  get size(): number {
    return this.#files.size + this.#directories.size + this.#lookups / 10;
  }

  /** Of all that was read, even if it is forgotten: an upper bound. */
  get sizeBytes(): number {
    return this.#contents.sizeBytes;
  }

  /** Changes when some name has come to lead to another file or directory. */
  get identities(): number {
    return this.#identities;
  }

  /** What is looked at from now on is looked at anew. */
  openPass(): void {
    this.#pass++;
    this.#filePass++;
    this.#contents.lookFromNow();
  }

  /**
   * Looks a name up, which may have slashes in it.
   *
   * @throws {Doubt} where something is there that is neither there nor not.
   */
  find(directory: DirectoryEntry, name: string): Lookup {
    const known = directory.lookups.get(name);
    if (known !== undefined && this.#holds(known)) return known;
    const found = this.#look(directory, name);
    if (known === undefined) this.#lookups++;
    directory.lookups.set(name, found);
    return found;
  }

  /** @param path absolute; dots in it mean what they mean to the system. */
  findDirectory(path: string): DirectoryEntry | Absence {
    checkName(path);
    const known = this.#directories.get(path);
    if (known !== undefined) {
      this.refreshDirectory(known);
      if (known.stat !== undefined) return known;
    }
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? this.#root : this.findDirectory(path.slice(0, slash));
    if (!(parent instanceof DirectoryEntry)) return parent;
    return this.#subdirectory(parent, path.slice(slash + 1), path);
  }

  findFile(path: string): Lookup {
    checkName(path);
    const slash = path.lastIndexOf('/');
    const parent = slash <= 0 ? this.#root : this.findDirectory(path.slice(0, slash));
    return parent instanceof DirectoryEntry ? this.find(parent, path.slice(slash + 1)) : parent;
  }

  /** Whether there may be a precompiled header in it. Part of the directory's generation once asked. */
  mayHavePrecompiled(directory: DirectoryEntry): boolean {
    this.refreshDirectory(directory);
    directory.hasPrecompiled ??= mayHavePrecompiled(this.#reader.names(directory.path));
    return directory.hasPrecompiled;
  }

  /** The text of a symbolic link. */
  linkAt(path: string): string | undefined {
    return this.#reader.link(path);
  }

  /** The file's name without links and dots. */
  realName(file: FileEntry): string {
    if (file.realName?.identities !== this.#identities) {
      const name = this.#reader.realName(file.path) ?? file.path;
      file.realName = { name, identities: this.#identities };
    }
    return file.realName.name;
  }

  /** Sees to it that the entry is true as of this pass. */
  refreshFile(file: FileEntry): void {
    if (file.pass === this.#filePass) return;
    file.pass = this.#filePass;
    const stat = this.#reader.stat(file.path);
    if (file.isThere && file.isSettled && stat !== undefined && isSame(stat, file.stat)) return;
    this.#reread(file, stat);
  }

  refreshDirectory(directory: DirectoryEntry): void {
    if (directory.pass === this.#pass) return;
    directory.pass = this.#pass;
    const before = directory.stat;
    const found = this.#reader.stat(directory.path);
    const stat = found?.isDirectory() === true ? found : undefined;
    const isSettled = directory.isSettled;
    directory.stat = stat;
    directory.isSettled = stat !== undefined && this.#contents.isSettled(stat);
    const isTheSame = isSettled && stat !== undefined && before !== undefined && isSame(stat, before);
    if (isTheSame) return;
    this.#filePass++;
    if (stat === undefined || before === undefined) {
      // One that appears was looked up in its parent before.
      if (before !== undefined) this.#forget(directory);
      else if (stat !== undefined) directory.generation++;
      return;
    }
    if (stat.ino !== before.ino || stat.dev !== before.dev) this.#forget(directory);
    else this.#searchAgain(directory);
  }

  #holds(known: Lookup): boolean {
    if (known.file !== undefined) {
      this.refreshFile(known.file);
      return known.file.isThere;
    }
    const { holder, generation, link } = known;
    this.refreshDirectory(holder);
    // What a link leads to is looked up anew.
    return link === undefined && holder.generation === generation;
  }

  #look(directory: DirectoryEntry, name: string): Lookup {
    checkName(name);
    const slash = name.lastIndexOf('/');
    const parent = slash < 0 ? directory : this.findDirectory(join(directory.path, name.slice(0, slash)));
    if (!(parent instanceof DirectoryEntry)) return parent;
    const base = name.slice(slash + 1);
    this.refreshDirectory(parent);
    if (parent.absent.has(base)) return absenceIn(parent);
    const path = join(parent.path, base);
    const file = base === '' ? undefined : this.#fileAt(parent, path);
    if (file !== undefined) return { file };
    if (this.#isIdleLink(path)) return { ...absenceIn(parent), link: this.#missingAt(parent, path) };
    parent.absent.add(base);
    return absenceIn(parent);
  }

  #subdirectory(parent: DirectoryEntry, base: string, path: string): DirectoryEntry | Absence {
    this.refreshDirectory(parent);
    const key = `${base}/`;
    if (parent.absent.has(key)) return absenceIn(parent);
    const known = this.#directories.get(path) ?? new DirectoryEntry(path);
    this.#directories.set(path, known);
    known.pass = 0;
    this.refreshDirectory(known);
    if (known.stat !== undefined) return known;
    if (this.#isIdleLink(path)) return { ...absenceIn(parent), link: known };
    parent.absent.add(key);
    return absenceIn(parent);
  }

  #missingAt(parent: DirectoryEntry, path: string): FileEntry {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const file = FileEntry.missing(parent, path);
    file.pass = this.#filePass;
    this.#files.set(path, file);
    return file;
  }

  /**
   * Whether a link is there that leads to nothing of use: an absence holds until its directory changes, but a
   * link's target comes and goes elsewhere.
   *
   * @throws {Doubt} for a file that may not be read, and for pipes and devices: what they say nobody can know.
   */
  #isIdleLink(path: string): boolean {
    const stat = this.#reader.stat(path);
    const isPlain = stat === undefined || stat.isDirectory() || stat.isFile();
    const isReadable = stat?.isFile() !== true || this.#reader.read(path) !== undefined;
    if (!isPlain || !isReadable) throw new Doubt('odd-file', path);
    return this.#reader.link(path) !== undefined;
  }

  #fileAt(parent: DirectoryEntry, path: string): FileEntry | undefined {
    const known = this.#files.get(path);
    if (known !== undefined) {
      known.pass = 0;
      this.refreshFile(known);
      return known.isThere ? known : undefined;
    }
    const stat = this.#reader.stat(path);
    const read = stat?.isFile() === true ? this.#contents.read(path, stat) : undefined;
    if (read === undefined) return undefined;
    const file = new FileEntry(parent, path, read);
    file.pass = this.#filePass;
    file.isSettled = this.#contents.isSettled(read.stat);
    this.#files.set(path, file);
    return file;
  }

  #reread(file: FileEntry, stat: FileStat | undefined): void {
    const read = stat?.isFile() === true ? this.#contents.read(file.path, stat) : undefined;
    if (read === undefined) {
      if (file.isThere) {
        file.generation++;
        this.#filePass++;
      }
      file.isThere = false;
      return;
    }
    const isOther = read.stat.ino !== file.stat.ino || read.stat.dev !== file.stat.dev;
    if (isOther) {
      file.identity++;
      this.#identities++;
    }
    if (!file.isThere || !read.content.meansTheSameAs(file.content)) file.generation++;
    file.isThere = true;
    // One that was scanned is kept, or the next would be compared with nothing.
    if (read.content.digest.hash !== file.content.digest.hash) file.content = read.content;
    file.stat = read.stat;
    file.isSettled = this.#contents.isSettled(read.stat);
  }

  /** It is another directory, or none. */
  #forget(directory: DirectoryEntry): void {
    this.#identities++;
    directory.generation++;
    directory.absent.clear();
    directory.lookups.clear();
    directory.hasPrecompiled = undefined;
  }

  #searchAgain(directory: DirectoryEntry): void {
    if (directory.absent.size === 0 && directory.hasPrecompiled === undefined) return;
    const names = this.#reader.names(directory.path);
    const isListed = names && new Set(names);
    let isOther = false;
    for (const key of directory.absent) {
      const wantsDirectory = key.endsWith('/');
      const name = wantsDirectory ? key.slice(0, -1) : key;
      if (isListed?.has(name) === false) continue;
      // Where names cannot be listed, all that changed is for the one who looks it up again.
      const stat = isListed && this.#reader.stat(join(directory.path, name));
      if (wantsDirectory ? stat?.isFile() === true : stat?.isDirectory() === true) continue;
      directory.absent.delete(key);
      isOther = true;
    }
    if (directory.hasPrecompiled !== undefined) {
      const before = directory.hasPrecompiled;
      directory.hasPrecompiled = mayHavePrecompiled(names);
      isOther ||= directory.hasPrecompiled !== before;
    }
    if (isOther) directory.generation++;
  }
}

function mayHavePrecompiled(names: readonly string[] | undefined): boolean {
  return names?.some((name) => name.endsWith('.gch') || name.endsWith('.pch')) ?? true;
}

/** @throws {Doubt} for a name that the system does not take. */
function checkName(name: string): void {
  if (name.length > MOST_PATH_BYTES || name.includes('\0')) throw new Doubt('odd-name', name.slice(0, 100));
}

export function join(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}
