/**
 * What a compiler is made of: driver, the programs that it starts to compile, and their libraries. Headers are none of
 * it: they are inputs. Nor are message catalogues: elsewhere a compiler is told to speak English.
 *
 * The compiler itself is asked where its parts are, so it may be any gcc or clang, a cross compiler as well.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { toText } from '../base/byte-string.ts';
import { err, ok, type Result } from '../base/result.ts';
import { addLibraries, needsOf } from './libraries.ts';
import { PartList, type Parts } from './part-list.ts';

export interface CompilerParts extends Parts {
  /** `gcc 12.2.0 x86_64-linux-gnu`. */
  readonly version: string;
  /** All that it says to `-v`. */
  readonly banner: string;
  /** The PATH with which the driver finds its programs. */
  readonly searchPath: string;
}

export interface Answer {
  readonly isWell: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiler with these arguments; `argv` begins with its name. */
export type AskCompiler = (argv: readonly string[]) => Promise<Answer>;

/** What the driver starts to compile; those of languages that are not installed are not there. */
const GCC_PROGRAMS = ['cc1', 'cc1plus', 'cc1obj', 'cc1objplus'];
const STANDARD_PATH = '/usr/bin:/bin';
/** For texts in UTF-8, where the C library has not got that by itself. */
const LOCALES = ['/usr/lib/locale/C.utf8', '/usr/lib/locale/C.UTF-8'];

/** @param compiler absolute. The error is a sentence. */
export async function findParts(
  compiler: string,
  searchPath: string,
  ask: AskCompiler,
): Promise<Result<CompilerParts, string>> {
  try {
    const parts = new PartList();
    const driver = parts.add(compiler);
    // A script, or a program that only calls a compiler, may do anything.
    if (/ccache|distcc|icecc|sccache/.test(path.basename(driver)))
      return err(`${driver} is no compiler itself`);
    if (needsOf(driver) === undefined) return err(`${driver} is a script`);
    addLibraries(parts, compiler);
    const told = await ask([compiler, '-v']);
    const [, family, version] = /\b(gcc|clang) version (\S+)/.exec(told.stderr) ?? [];
    const [, target] = /^Target: (\S+)$/m.exec(told.stderr) ?? [];
    if (!told.isWell || family === undefined || target === undefined)
      return err(`${driver} does not say its version as gcc and clang do`);
    const programs = new Programs({ parts, compiler, searchPath, ask });
    if (family === 'gcc') await programs.addGcc();
    else programs.addClang(driver, told.stderr);
    for (const locale of LOCALES) addAll(parts, locale);
    return ok({
      files: parts.files,
      links: parts.links,
      absent: parts.absent,
      version: `${family} ${version} ${target}`,
      banner: toText(told.stderr),
      searchPath: programs.searchPath,
    });
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError) throw error;
    return err(error.message);
  }
}

interface ProgramsOptions {
  readonly parts: PartList;
  readonly compiler: string;
  readonly searchPath: string;
  readonly ask: AskCompiler;
}

class Programs {
  readonly #options: ProgramsOptions;
  readonly #directories = new Set<string>();

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  get searchPath(): string {
    return this.#directories.size === 0 ? STANDARD_PATH : [...this.#directories].join(':');
  }

  async addGcc(): Promise<void> {
    for (const name of GCC_PROGRAMS) {
      const file = await this.#print(`-print-prog-name=${name}`);
      if (file !== name && existsSync(file)) addLibraries(this.#options.parts, file);
    }
    const assembler = await this.#print('-print-prog-name=as');
    addLibraries(this.#options.parts, assembler === 'as' ? this.#findOnPath('as') : assembler);
    const specs = await this.#print('-print-file-name=specs');
    if (specs !== 'specs') this.#options.parts.add(specs);
  }

  /** It is its own front end and assembler, but looks around for a gcc, whose headers it takes, and for the system's name. */
  addClang(driver: string, told: string): void {
    const { parts, compiler } = this.#options;
    const [, gcc] = /^Selected GCC installation: (\S.*)$/m.exec(told) ?? [];
    if (gcc !== undefined) parts.addIfThere(path.join(gcc, 'crtbegin.o'));
    parts.addIfThere('/etc/os-release');
    for (const directory of new Set([path.dirname(driver), path.dirname(compiler)])) {
      parts.addIfThere(path.join(directory, `${path.basename(compiler)}.cfg`));
      parts.addIfThere(path.join(directory, 'clang.cfg'));
    }
  }

  async #print(question: string): Promise<string> {
    const { ask, compiler } = this.#options;
    return (await ask([compiler, question])).stdout.trim();
  }

  #findOnPath(name: string): string {
    const { parts, searchPath } = this.#options;
    for (const directory of searchPath.split(':')) {
      if (!directory.startsWith('/') || parts.addIfThere(path.join(directory, name)) === undefined) continue;
      this.#directories.add(directory);
      return path.join(directory, name);
    }
    throw new Error(`no ${name} is on the path`);
  }
}

function addAll(parts: PartList, directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) parts.add(path.join(entry.parentPath, entry.name));
}
