/**
 * The build of a corpus, as a real Makefile and a real build.ninja, so that real `make -jN` and real
 * `ninja` drive what is measured and tested.
 *
 * The compiler runs in the corpus's directory with relative sources, as most projects have it. Objects go
 * into a build directory there, `build-<8 hex digits>/`: names of equal length, because gcc breaks the
 * lines of a dependency file by length, so that files from two builds differ in that name only.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Corpus, CorpusFile } from './corpus.ts';

export interface BuildOptions {
  /** What stands before the arguments: `gcc`, or `distcc gcc`, or an absolute path. */
  readonly cc: string;
  readonly cxx: string;
  /** Optimisation, debug information and the like, after the project's own flags. */
  readonly flags: readonly string[];
  /** Objects in a build directory of their own, or beside their sources (then in a copyCorpus()). */
  readonly outOfTree: boolean;
  /**
   * Flags for dependency files, `['-MMD']` in the usual case. The word `OBJECT` becomes the object's name,
   * `DEPENDENCIES` the name that gcc gives the dependency file by itself.
   */
  readonly dependencies: readonly string[];
  /** The commands for one file, where they are not `CC ARGV FLAGS DEPENDENCIES -c -o OBJECT SOURCE`. */
  readonly recipe?: Recipe;
}

/** `compiler` is `cc` or `cxx` by language. Commands are words that need no quoting. */
export type Recipe = (step: Step) => readonly string[];

export interface Step {
  readonly compiler: string;
  readonly file: CorpusFile;
  readonly object: string;
  readonly options: BuildOptions;
}

/**
 * Makes all files of a directory empty. To remove them would make those of the next build dear: ext4 gives out no inode that
 * became free a short time ago, and looks at each of them for every new file.
 */
export function emptyFiles(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) truncateSync(path.join(entry.parentPath, entry.name));
}

/** Of builds that are over; removed at the end. */
const left = new Set<string>();
process.once('exit', () => {
  for (const directory of left) rmSync(directory, { recursive: true, force: true });
});

/** A build directory with its Makefile and build.ninja; emptied when disposed, and removed at the process's end. */
export class Build implements Disposable {
  readonly corpus: Corpus;
  readonly options: BuildOptions;
  /** Relative to the corpus's directory. */
  readonly name = `build-${randomBytes(4).toString('hex')}`;

  constructor(corpus: Corpus, options: BuildOptions) {
    this.corpus = corpus;
    this.options = options;
    for (const file of corpus.files) {
      mkdirSync(path.dirname(path.join(corpus.directory, this.objectOf(file))), { recursive: true });
    }
    mkdirSync(this.directory, { recursive: true });
    writeFileSync(path.join(this.directory, 'Makefile'), formatMakefile(this));
    writeFileSync(path.join(this.directory, 'build.ninja'), formatNinja(this));
  }

  get directory(): string {
    return path.join(this.corpus.directory, this.name);
  }

  /** The object's name as the compiler is told it. */
  objectOf(file: CorpusFile): string {
    const object = `${file.source}.o`;
    return this.options.outOfTree ? path.join(this.name, object) : object;
  }

  /** The shell's words for `make`, with CC and CXX to be set after them by who likes. */
  makeCommand(jobs: number): readonly string[] {
    return [
      'make',
      '--silent',
      '--keep-going',
      `-j${jobs}`,
      '-C',
      this.corpus.directory,
      '-f',
      `${this.name}/Makefile`,
    ];
  }

  ninjaCommand(jobs: number): readonly string[] {
    return [
      'ninja',
      '--quiet',
      '-k0',
      `-j${jobs}`,
      '-C',
      this.corpus.directory,
      '-f',
      `${this.name}/build.ninja`,
    ];
  }

  [Symbol.dispose](): void {
    emptyFiles(this.directory);
    left.add(this.directory);
  }
}

function formatMakefile(build: Build): string {
  const { corpus, options } = build;
  const objects = corpus.files.map((file) => build.objectOf(file));
  const rules = corpus.files.map((file) => {
    const commands = commandsFor(build, file, corpus.language === 'c' ? '$(CC)' : '$(CXX)');
    return `${build.objectOf(file)}: ${file.source}\n${commands.map((command) => `\t${command}\n`).join('')}`;
  });
  return [
    `CC = ${options.cc}\nCXX = ${options.cxx}\n`,
    `.PHONY: all\nall: ${objects.join(' \\\n  ')}\n`,
    ...rules,
  ].join('\n');
}

function formatNinja(build: Build): string {
  const { corpus, options } = build;
  const compiler = corpus.language === 'c' ? options.cc : options.cxx;
  const edges = corpus.files.map((file) => {
    const command = commandsFor(build, file, compiler).join(' && ');
    return `build ${build.objectOf(file)}: run ${file.source}\n  command_line = ${command}\n`;
  });
  return [
    `builddir = ${build.name}\n`,
    'rule run\n  command = $command_line\n  description = $out\n',
    ...edges,
  ].join('\n');
}

function commandsFor(build: Build, file: CorpusFile, compiler: string): readonly string[] {
  const recipe = build.options.recipe ?? compileOnce;
  return recipe({ compiler, file, object: build.objectOf(file), options: build.options });
}

function compileOnce({ compiler, file, object, options }: Step): readonly string[] {
  const names: Readonly<Record<string, string>> = { OBJECT: object, DEPENDENCIES: dependencyFileOf(object) };
  const dependencies = options.dependencies.map((word) => names[word] ?? word);
  const words = [...file.argv, ...options.flags, ...dependencies];
  return [[compiler, ...words, '-c', '-o', object, file.source].join(' ')];
}

/** The dependency file's name when none is asked for: gcc replaces the object's last suffix. */
export function dependencyFileOf(object: string): string {
  return object.replace(/\.o$/, '.d');
}
