/**
 * Compilers told by their parts: each is taken apart and read once, and looked at again before it counts, at most
 * every few milliseconds.
 */
import { createHash } from 'node:crypto';
import { existsSync, type Stats, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { formToolchain, type Part } from '../action/toolchain-form.ts';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { versionOf } from '../files/file-version.ts';
import { findParts, type AskCompiler, type CompilerParts } from '../toolchain/compiler-parts.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';

interface Known {
  readonly result: Result<ToolchainTree, string>;
  /** Of all files, and of the compiler where it could not be taken apart. */
  readonly versions: ReadonlyMap<string, string>;
  readonly absent: readonly string[];
  lookedAtMs: number;
}

const LOOK_AGAIN_MS = 20;
/** What went wrong with it may be over. */
const ASK_AGAIN_MS = 60_000;
const MOST_COMPILERS = 100;
const PIECE_BYTES = 4 << 20;

export class ToolchainMemory {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #coming = new Map<string, Promise<Known>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param compiler absolute.
   * @param searchPath the PATH with which it is called.
   * @param ask runs it; not called for a compiler that is known, or that another caller has asked already.
   * @throws what `ask` throws. The error is a sentence on why it cannot be told by its parts.
   */
  async get(compiler: string, searchPath: string, ask: AskCompiler): Promise<Result<ToolchainTree, string>> {
    const key = `${compiler}\0${searchPath}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.#holds(known)) return known.result;
    const other = this.#coming.get(key);
    // Whoever asks may go away in the middle of it.
    if (other !== undefined)
      return other.then(
        ({ result }) => result,
        () => this.get(compiler, searchPath, ask),
      );
    const coming = this.#take(compiler, searchPath, ask);
    this.#coming.set(key, coming);
    try {
      const taken = await coming;
      if (this.#known.size >= MOST_COMPILERS) this.#known.clear();
      this.#known.set(key, taken);
      return taken.result;
    } finally {
      this.#coming.delete(key);
    }
  }

  #holds(known: Known): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - known.lookedAtMs < LOOK_AGAIN_MS) return true;
    if (!known.result.ok && nowMs - known.lookedAtMs > ASK_AGAIN_MS) return false;
    for (const [file, version] of known.versions) if (versionOf(file) !== version) return false;
    if (known.absent.some((name) => existsSync(name))) return false;
    if (known.result.ok) known.lookedAtMs = nowMs;
    return true;
  }

  async #take(compiler: string, searchPath: string, ask: AskCompiler): Promise<Known> {
    const own = new Map([[compiler, versionOf(compiler)]]);
    const lookedAtMs = this.#clock.monotonicMs();
    const parts = await findParts(compiler, searchPath, ask);
    if (!parts.ok) return { result: parts, versions: own, absent: [], lookedAtMs };
    const { files, links, absent } = parts.value;
    // Before they are read: what changes meanwhile is seen the next time.
    const versions = new Map([
      ...own,
      ...[...files, ...links.keys()].map((name) => [name, versionOf(name)] as const),
    ]);
    const result = await readTree(compiler, parts.value);
    return { result, versions, absent: [...absent], lookedAtMs };
  }
}

async function readTree(
  compiler: string,
  { files, links, version, banner, searchPath }: CompilerParts,
): Promise<Result<ToolchainTree, string>> {
  const parts = new Map<string, Part>();
  const byHash = new Map<string, string>();
  try {
    for (const name of files) {
      const part = await readPart(name);
      parts.set(name, part);
      byHash.set(part.digest.hash, name);
    }
  } catch (error) {
    return err(`${compiler} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return ok({ compiler, version, banner, searchPath, ...formToolchain(parts, links), files: byHash });
}

/** In pieces: a front end is as large as all else of a job. */
async function readPart(name: string): Promise<Part> {
  await using file = await open(name);
  const stats: Stats = statSync(name);
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let sizeBytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
  return { digest: { hash: hash.digest('hex'), sizeBytes }, isExecutable: (stats.mode & 0o111) !== 0 };
}
