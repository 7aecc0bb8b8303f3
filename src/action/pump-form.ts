/**
 * A compile with all its files, as protocol 3 has it.
 *
 * Files stand at their real names, and each symbolic link on the way to one is a link there as well, so that
 * two names of one file are one file on the worker. A file that the compiler calls by an absolute name gets
 * `#line 1 "NAME"` as its first line: on the worker it stands below another root, and `__FILE__` and debug
 * information would name that.
 *
 * Packets are made once per content: a header is compressed for the first job that needs it.
 */
import { fromText } from '../base/byte-string.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import type { RemoteCompiler } from '../command/rewrite.ts';
import type { Content } from '../includes/content.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { ReadFile } from '../includes/file-entry.ts';
import { compress } from '../wire/distcc/lzo-compress.ts';
import { encodeEntry } from '../wire/distcc/tree.ts';
import type { EncodedTreeAction } from './action.ts';
import { pumpArgv, type PumpRefusal } from './pump-argv.ts';
import { RealNames } from './real-names.ts';

export interface PumpJob {
  readonly command: CompileCommand;
  readonly compiler: RemoteCompiler;
  readonly closure: Closure;
  /** Absolute, through no link. */
  readonly directory: string;
  /** `$PWD`, where the compiler writes that into debug information; else empty. */
  readonly logicalDirectory: string;
  /** Changes when some name may lead elsewhere than before. */
  readonly epoch: number;
}

/** One file's place in the tree, and its packet as of some content. */
interface Placed {
  readonly epoch: number;
  readonly name: string;
  content: Content | undefined;
  packet: Uint8Array;
}

/** What is the same for each job with these files. */
interface Layout {
  readonly epoch: number;
  /** One of each that is the same file. */
  readonly files: readonly ReadFile[];
  /** Links, and directories that no file is in. */
  readonly others: readonly Uint8Array[];
}

/** The name by which a stock distccd makes a directory without a file in it. */
const PLACEHOLDER = 'forcing_technique_271828';
const NOTHING = new Uint8Array();

export class PumpForms {
  readonly #names: RealNames;
  readonly #placed = new WeakMap<ReadFile, Placed>();
  readonly #layouts = new WeakMap<Closure, Layout>();
  #epoch = 0;

  /** @param linkAt gives a symbolic link's text; undefined for what is none. */
  constructor(linkAt: (path: string) => string | undefined) {
    this.#names = new RealNames(linkAt);
  }

  form(job: PumpJob): Result<EncodedTreeAction, PumpRefusal> {
    const { command, compiler, closure, directory, logicalDirectory } = job;
    if (logicalDirectory !== '' && logicalDirectory !== directory)
      return err({ reason: 'logical-directory', detail: logicalDirectory });
    const argv = pumpArgv(command, compiler, closure);
    if (!argv.ok) return argv;
    const layout = this.#layoutOf(job);
    if (!layout.ok) return layout;
    const { files, others } = layout.value;
    const packets = files.map((file) => this.#packetOf(file));
    const tree = { entryCount: files.length + others.length, packets: [...packets, ...others] };
    return ok({ kind: 'tree', argv: argv.value, directory: fromText(directory), tree });
  }

  #layoutOf(job: PumpJob): Result<Layout, PumpRefusal> {
    const { closure, epoch } = job;
    const before = this.#layouts.get(closure);
    if (before?.epoch === epoch) return ok(before);
    if (this.#epoch !== epoch) this.#names.clear();
    this.#epoch = epoch;
    try {
      const layout = this.#layOut(job);
      if (layout.ok) this.#layouts.set(closure, layout.value);
      return layout;
    } catch (error) {
      if (error instanceof RangeError) return err({ reason: 'link-circle', detail: error.message });
      throw error;
    }
  }

  #layOut({ closure, directory, epoch }: PumpJob): Result<Layout, PumpRefusal> {
    const byName = new Map<string, ReadFile>();
    const links = new Map<string, string>();
    const directories = new Set<string>();
    const resolve = (path: string): string => {
      const { name, links: met, passed } = this.#names.find(path);
      for (const link of met) links.set(link.name, link.target);
      for (const left of passed) directories.add(left);
      return name;
    };
    for (const file of closure.files) {
      const name = resolve(file.entry.path);
      const before = byName.get(name);
      if (before !== undefined && lineName(before) !== lineName(file)) {
        if (!closure.unread.has(file) && !closure.unread.has(before))
          return err({ reason: 'two-names', detail: `${before.typed} ${file.typed}` });
        if (closure.unread.has(file)) continue;
      }
      byName.set(name, file);
      this.#place(file, name, epoch);
    }
    for (const { entry } of closure.searchDirectories) directories.add(resolve(entry.path));
    const isThere = directoriesWithin([...byName.keys(), `${directory}/.`]);
    const empty = [...directories].filter((name) => !isThere.has(name));
    const others = [
      ...[...links].map(([name, target]) => encodeLink(name, target)),
      ...empty.map((name) => encodeFile(`${name === '/' ? '' : name}/${PLACEHOLDER}`, NOTHING)),
    ];
    return ok({ epoch, files: [...byName.values()], others });
  }

  #place(file: ReadFile, name: string, epoch: number): void {
    const before = this.#placed.get(file);
    if (before?.name === name) return;
    this.#placed.set(file, { epoch, name, content: undefined, packet: NOTHING });
  }

  #packetOf(file: ReadFile): Uint8Array {
    const placed = this.#placed.get(file);
    if (placed === undefined) throw new Error(`${file.typed} has no place`);
    const { content } = file.entry;
    if (placed.content !== content) {
      placed.packet = encodeFile(placed.name, compressed(content.bytes, lineName(file)));
      placed.content = content;
    }
    return placed.packet;
  }
}

/** What the file is to call itself; undefined where the worker's name for it is right. */
function lineName({ typed }: ReadFile): string | undefined {
  return typed.startsWith('/') ? typed : undefined;
}

function compressed(bytes: Uint8Array, name: string | undefined): Uint8Array {
  if (bytes.length === 0) return NOTHING;
  if (name === undefined) return compress(bytes);
  const line = Buffer.from(`#line 1 "${name.replaceAll(/[\\"]/g, String.raw`\$&`)}"\n`);
  return compress(Buffer.concat([line, bytes]));
}

function encodeFile(name: string, body: Uint8Array): Uint8Array {
  return encodeEntry({ kind: 'file', name: fromText(name), body });
}

function encodeLink(name: string, target: string): Uint8Array {
  return encodeEntry({ kind: 'link', name: fromText(name), target: fromText(target) });
}

/** All directories that there are when these files are. */
function directoriesWithin(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>(['/']);
  for (const file of files) {
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      const directory = file.slice(0, end);
      if (found.has(directory)) break;
      found.add(directory);
    }
  }
  return found;
}
