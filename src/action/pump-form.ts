/**
 * A compile with all its files, as protocol 3 has it.
 *
 * A file that the compiler calls by an absolute name gets `#line 1 "NAME"` as its first line: on the worker
 * it stands below another root, and `__FILE__` and debug information would name that.
 *
 * Packets are made once per content: a header is compressed for the first job that needs it. System headers
 * travel without the comments between their lines where no compiler cares for them: half of the bytes.
 */
import { fromText } from '../base/byte-string.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import { makesDebugInformation } from '../command/debug-information.ts';
import type { RemoteCompiler } from '../command/rewrite.ts';
import { withoutComments } from '../includes/bare-text.ts';
import type { Content } from '../includes/content.ts';
import type { Closure } from '../includes/answer-memory.ts';
import type { ReadFile } from '../includes/file-entry.ts';
import { compress } from '../wire/distcc/lzo-compress.ts';
import { encodeEntry } from '../wire/distcc/tree.ts';
import type { EncodedTreeAction } from './action.ts';
import { pumpArgv, type PumpRefusal } from './pump-argv.ts';
import { RealNames } from './real-names.ts';
import { layOutTree, lineName } from './tree-layout.ts';

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
  readonly name: string;
  content: Content | undefined;
  isBare: boolean;
  packet: Uint8Array;
}

/** What is the same for each job with these files. */
interface Layout {
  readonly epoch: number;
  /** One of each that is the same file. */
  readonly files: readonly ReadFile[];
  /** Those of them of which the compiler says nothing. */
  readonly system: ReadonlySet<ReadFile>;
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
    const { files, others, system } = layout.value;
    const areBare = needsNoComments(command);
    const packets = files.map((file) => this.#packetOf(file, areBare && system.has(file)));
    const tree = { entryCount: files.length + others.length, packets: [...packets, ...others] };
    return ok({ kind: 'tree', argv: argv.value, directory: fromText(directory), tree });
  }

  #layoutOf({ closure, directory, epoch }: PumpJob): Result<Layout, PumpRefusal> {
    const before = this.#layouts.get(closure);
    if (before?.epoch === epoch) return ok(before);
    if (this.#epoch !== epoch) this.#names.clear();
    this.#epoch = epoch;
    const laidOut = layOutTree(this.#names, closure, directory);
    if (!laidOut.ok) return laidOut;
    const { files, links, emptyDirectories } = laidOut.value;
    for (const [name, file] of files) this.#place(file, name);
    const others = [
      ...[...links].map(([name, target]) => encodeLink(name, target)),
      ...emptyDirectories.map((name) => encodeFile(`${name === '/' ? '' : name}/${PLACEHOLDER}`, NOTHING)),
    ];
    const all = [...files.values()];
    const layout = { epoch, files: all, system: new Set(all.filter(isInSystem(closure))), others };
    this.#layouts.set(closure, layout);
    return ok(layout);
  }

  #place(file: ReadFile, name: string): void {
    if (this.#placed.get(file)?.name === name) return;
    this.#placed.set(file, { name, content: undefined, isBare: false, packet: NOTHING });
  }

  #packetOf(file: ReadFile, isBare: boolean): Uint8Array {
    const placed = this.#placed.get(file);
    if (placed === undefined) throw new Error(`${file.typed} has no place`);
    const { content } = file.entry;
    if (placed.content !== content || placed.isBare !== isBare) {
      const bytes = isBare ? withoutComments(content.bytes) : content.bytes;
      placed.packet = encodeFile(placed.name, compressed(bytes, lineName(file)));
      placed.content = content;
      placed.isBare = isBare;
    }
    return placed.packet;
  }
}

/** Whether a file is found in a directory whose headers compilers do not warn of. */
function isInSystem({ searchDirectories }: Closure): (file: ReadFile) => boolean {
  const system = searchDirectories.filter(({ isSystem }) => isSystem).map(({ typed }) => `${typed}/`);
  const other = searchDirectories.filter(({ isSystem }) => !isSystem).map(({ typed }) => `${typed}/`);
  const isIn = (typed: string, directories: readonly string[]): boolean =>
    directories.some((directory) => typed.startsWith(directory));
  return ({ typed }) => isIn(typed, system) && !isIn(typed, other);
}

/** clang's debug information has digests of all headers in it. */
function needsNoComments(command: CompileCommand): boolean {
  const warns = command.words.some(({ texts }) => texts[0] === '-Wsystem-headers');
  return !warns && (command.family === 'gcc' || !makesDebugInformation(command));
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
