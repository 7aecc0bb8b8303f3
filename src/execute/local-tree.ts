/**
 * Compiles a tree on this machine, so that the result is the client's own, byte for byte: the tree is made
 * under a root, the compiler is told to leave the root out of all that it writes, and what it prints and
 * lists is rid of it afterwards.
 */
import type { ActionResult, TreeAction } from '../action/action.ts';
import type { ByteString } from '../base/byte-string.ts';
import { fromBytes, toBytes } from '../base/byte-string.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { hideRoot, printedWithoutRoot } from './client-paths.ts';
import { readIfThere, runCompiler, succeeds } from './compiler-run.ts';
import type { CompilerSettings } from './compiler-run.ts';
import { withoutRoot } from './dependency-file.ts';
import { Tree, TreeObjection } from './tree.ts';
import { writeTree } from './tree-files.ts';
import { placeInTree } from './tree-placement.ts';

export interface TreeSettings extends CompilerSettings {
  /** For all files of a tree, restored. */
  readonly maxSourceBytes: number;
}

/** gcc since 8, clang since 10. It maps __FILE__ and the names in debug information. */
const PREFIX_MAP = '-ffile-prefix-map=';
/** Clients may name any compiler where the worker's owner allows that. */
const MOST_COMPILERS = 1000;
const NOTHING = new Uint8Array(0);

export class TreeCompiles {
  readonly #settings: TreeSettings;
  /** Which compilers can leave a prefix out of what they write. */
  readonly #canMap = new Map<ByteString, boolean>();

  constructor(settings: TreeSettings) {
    this.#settings = settings;
  }

  /** `home` is a directory of the job's own, without links in its name. */
  async run(
    action: TreeAction,
    home: ByteString,
    signal: AbortSignal,
  ): Promise<Result<ActionResult, Failure>> {
    try {
      return await this.#run(action, home, signal);
    } catch (error) {
      if (error instanceof TreeObjection) return err({ kind: 'refused', message: error.message });
      throw error;
    }
  }

  async #run(
    { argv, directory, entries }: TreeAction,
    home: ByteString,
    signal: AbortSignal,
  ): Promise<Result<ActionResult, Failure>> {
    const root = `${home}/root`;
    const tree = new Tree(entries, directory);
    const placement = placeInTree(argv, { tree, root, home });
    await writeTree(tree, { root, maxBytes: this.#settings.maxSourceBytes, signal });
    if (signal.aborted) return err({ kind: 'cancelled', message: 'The compile was stopped' });
    const [compiler = '', ...words] = placement.argv;
    const map = (await this.#maps(compiler, home, signal)) ? [`${PREFIX_MAP}${root}=`] : [];
    const run = {
      argv: [compiler, ...map, ...words],
      home,
      workingDirectory: root + directory,
      outputPath: placement.outputPath,
    };
    const ended = await runCompiler(run, this.#settings, signal);
    return ended.ok ? relocate(ended.value, root, readIfThere(placement.dependencyPath)) : ended;
  }

  async #maps(compiler: ByteString, home: ByteString, signal: AbortSignal): Promise<boolean> {
    const known = this.#canMap.get(compiler);
    if (known !== undefined) return known;
    const words = [`${PREFIX_MAP}/=/`, '-E', '-x', 'c', '/dev/null'];
    const found = await succeeds({ argv: [compiler, ...words], home }, this.#settings, signal);
    if (found === undefined) return false;
    if (this.#canMap.size >= MOST_COMPILERS) this.#canMap.clear();
    this.#canMap.set(compiler, found);
    return found;
  }
}

/** The result as the client's compiler would have made it. */
function relocate(
  result: ActionResult,
  root: ByteString,
  dependencies: Uint8Array = NOTHING,
): Result<ActionResult, Failure> {
  if (!hideRoot(result.object, root)) {
    return err({ kind: 'refused', message: 'its compiler writes the worker’s paths into the object' });
  }
  return ok({
    ...result,
    stdout: printedWithoutRoot(result.stdout, root),
    stderr: printedWithoutRoot(result.stderr, root),
    dependencies: toBytes(withoutRoot(fromBytes(dependencies), root)),
  });
}
