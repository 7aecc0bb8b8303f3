/** The compilers of callers, told by their parts: each is taken apart once, with the help of a launcher that is just here. */
import type { Clock } from '../base/clock.ts';
import { err, type Result } from '../base/result.ts';
import { ToolchainMemory } from '../execute/toolchain-memory.ts';
import type { ToolchainTree } from '../toolchain/toolchain-tree.ts';
import { askCompiler, isFileError } from './ask-compiler.ts';
import type { Caller } from './caller.ts';

export class CallersToolchains {
  readonly #memory: ToolchainMemory;

  constructor(clock: Clock) {
    this.#memory = new ToolchainMemory(clock);
  }

  /**
   * The error is a sentence.
   *
   * @throws {CallerGone} when the launcher goes away meanwhile.
   */
  async of(caller: Caller, spool: string): Promise<Result<ToolchainTree, string>> {
    const { compiler, environment } = caller.invocation;
    const ask = (argv: readonly string[]) =>
      askCompiler({ caller, spool }, { program: compiler, argv: () => argv });
    try {
      return await this.#memory.get(compiler, environment.get('PATH') ?? '', ask);
    } catch (error) {
      // A disk that is full, say.
      if (isFileError(error)) return err(`${compiler} cannot be asked: ${error.message}`);
      throw error;
    }
  }
}
