/**
 * This machine's compilers for those who name one by all its parts: only those of the whitelist, called by where they
 * are.
 */
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { fromText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { isSameDigest, type Digest } from '../base/digest.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { isExecutableFile } from '../files/executable.ts';
import { ToolchainMemory } from '../execute/toolchain-memory.ts';
import type { TempDirectories } from '../files/temp-directories.ts';
import type { Runner } from '../process/runner.ts';
import type { Answer } from '../toolchain/compiler-parts.ts';
import type { FoundToolchain, Toolchains } from '../toolchain/toolchain-tree.ts';

export interface ToolchainShelfOptions {
  readonly runner: Runner;
  readonly directories: TempDirectories;
  /** Whether a compiler of that name may be run. */
  readonly allows: (name: ByteString) => boolean;
  /** `NAME=value`; compilers are looked for in its PATH. */
  readonly environment: readonly ByteString[];
  readonly searchPath: string;
  readonly clock: Clock;
  readonly log: Log;
}

const ASK_MS = 10_000;

export class ToolchainShelf implements Toolchains {
  readonly #options: ToolchainShelfOptions;
  readonly #memory: ToolchainMemory;

  constructor(options: ToolchainShelfOptions) {
    this.#options = options;
    this.#memory = new ToolchainMemory(options.clock);
  }

  async find(compiler: string, root: Digest): Promise<FoundToolchain> {
    const { log, searchPath } = this.#options;
    if (!this.#mayRun(compiler)) {
      log('info', `${compiler} is not in the whitelist, or not in ${searchPath}`);
      return { kind: 'other', version: undefined };
    }
    const toolchain = await this.#memory.get(compiler, searchPath, (argv) => this.#ask(argv));
    if (!toolchain.ok) {
      log('info', `${compiler} cannot be told by its parts: ${toolchain.error}`);
      return { kind: 'other', version: undefined };
    }
    return isSameDigest(toolchain.value.root, root)
      ? { kind: 'found', toolchain: toolchain.value }
      : { kind: 'other', version: toolchain.value.version };
  }

  /** The compiler that runs by that name, by all its parts; undefined where it cannot be told so. */
  async rootOf(name: string): Promise<Digest | undefined> {
    const { searchPath } = this.#options;
    const places = name.includes('/') ? [name] : searchPath.split(':').map((place) => path.join(place, name));
    const compiler = places.find((place) => path.isAbsolute(place) && isExecutableFile(place));
    if (compiler === undefined) return undefined;
    const toolchain = await this.#memory.get(compiler, searchPath, (argv) => this.#ask(argv));
    return toolchain.ok ? toolchain.value.root : undefined;
  }

  /** A name of the whitelist, in a directory in which it would be looked for. */
  #mayRun(compiler: string): boolean {
    const directory = path.dirname(compiler);
    return (
      path.isAbsolute(compiler) &&
      path.normalize(compiler) === compiler &&
      this.#options.searchPath.split(':').includes(directory) &&
      this.#options.allows(fromText(path.basename(compiler)))
    );
  }

  async #ask(argv: readonly string[]): Promise<Answer> {
    const { runner, directories, environment } = this.#options;
    using directory = directories.make();
    const [stdout, stderr] = [`${directory.path}/stdout`, `${directory.path}/stderr`];
    const program = {
      argv: argv.map(fromText),
      directory: '/',
      environment: [...environment, 'LC_ALL=C'],
      stdoutPath: fromText(stdout),
      stderrPath: fromText(stderr),
      umask: 0o077,
      niceness: 0,
      maxFileSizeBytes: 1 << 20,
    };
    const ended = await runner.run(program, AbortSignal.timeout(ASK_MS));
    if (ended.failedAt !== undefined) return { isWell: false, stdout: '', stderr: '' };
    return {
      isWell: ended.waitStatus === 0,
      stdout: readFileSync(stdout, 'latin1'),
      stderr: readFileSync(stderr, 'latin1'),
    };
  }
}
