/**
 * Says whether a distributed build wrote what this machine's compiler would have written.
 *
 * In plain mode the remote compiler sees preprocessed text, so with `-g` columns inside macros and the
 * line table differ from a direct compile. Identical therefore means two things (DESIGN, "Same bytes"):
 *
 *   split    the bytes of a local `gcc -E` followed by compiling the result, in the same directory
 *   direct   the bytes of the direct compile, once debug sections are stripped on both sides
 *
 * Both are compiled once per corpus, flags and compiler, and kept in the cache directory. That split and
 * direct agree after stripping is settled there too, once: an object that equals the split one then has
 * both properties.
 *
 * Where the worker preprocesses, there is the direct compile alone to compare with: the same bytes on our
 * worker; on a stock one, which compiles below another directory, the same once debug sections are stripped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import {
  Build,
  dependencyFileOf,
  type BuildOptions,
  type Recipe,
  type Step,
} from '../../bench/corpus/build.ts';
import { CACHE_DIRECTORY, makeOnce } from '../../bench/corpus/cache.ts';
import type { Corpus, CorpusFile } from '../../bench/corpus/corpus.ts';
import { runWell } from './run.ts';

export interface Reference {
  /** The build directory's name while the reference was made; it stands in the dependency files. */
  readonly buildName: string;
  readonly directory: string;
}

export interface Comparison {
  readonly identical: number;
  /** One line per object or dependency file that is missing or other than it should be. */
  readonly objections: readonly string[];
}

/** Which local object a distributed one is to be: see above. */
export type Fidelity = 'split' | 'direct' | 'direct-stripped';

/** The names that the reference compiles use; who distributes must end up at the same compilers. */
export const COMPILERS: Compilers = { cc: 'gcc', cxx: 'g++' };
/** References of these have the direct objects alone. */
export const CLANG: Compilers = { cc: 'clang', cxx: 'clang++' };

export interface Compilers {
  readonly cc: string;
  readonly cxx: string;
}

/** The local builds to compare with; the first time this compiles the whole corpus twice. */
export async function prepareReference(
  corpus: Corpus,
  flags: readonly string[],
  compilers = COMPILERS,
): Promise<Reference> {
  const directory = path.join(CACHE_DIRECTORY, 'references', await keyOf(corpus, flags, compilers));
  await makeOnce(directory, (workspace) => compileInto(corpus, { flags, compilers }, workspace));
  return { directory, buildName: readFileSync(path.join(directory, 'name'), 'utf8') };
}

/**
 * Compares the objects of a build, and its dependency files where it wrote any with `-MMD`: all of them,
 * or a sample, for which a reference of `{ ...corpus, files }` is enough.
 */
export function compareBuild(
  build: Build,
  reference: Reference,
  {
    files = build.corpus.files,
    fidelity = 'split',
  }: { readonly files?: readonly CorpusFile[]; readonly fidelity?: Fidelity } = {},
): Comparison {
  assert(build.options.outOfTree, 'references have their objects in a build directory');
  const hasDependencies = build.options.dependencies.includes('-MMD');
  const objections: string[] = [];
  for (const file of files) {
    const objection =
      objectObjection(build, file, path.join(reference.directory, fidelity, `${file.source}.o`)) ??
      (hasDependencies ? dependencyObjection(build, reference, file) : undefined);
    if (objection !== undefined) objections.push(objection);
  }
  return { identical: files.length - objections.length, objections };
}

function objectObjection(build: Build, file: CorpusFile, expected: string): string | undefined {
  const object = path.join(build.corpus.directory, build.objectOf(file));
  if (!existsSync(object)) return `${file.source}: no object was written`;
  const isStripped = expected.includes('/direct-stripped/');
  if (isStripped) execFileSync('objcopy', ['--strip-debug', object]);
  return readFileSync(object).equals(readFileSync(expected))
    ? undefined
    : `${file.source}: ${object} is not the local object ${expected}`;
}

function dependencyObjection(build: Build, reference: Reference, file: CorpusFile): string | undefined {
  const name = path.join(build.corpus.directory, dependencyFileOf(build.objectOf(file)));
  if (!existsSync(name)) return `${file.source}: no dependency file ${name} was written`;
  const expected = readFileSync(
    path.join(reference.directory, 'direct', dependencyFileOf(`${file.source}.o`)),
  );
  const actual = readFileSync(name, 'latin1').replaceAll(build.name, reference.buildName);
  return actual === expected.toString('latin1')
    ? undefined
    : `${file.source}: ${name} is not what gcc writes`;
}

/** All that decides about the bytes: the digest of the sources is in the corpus's directory name. */
async function keyOf(corpus: Corpus, flags: readonly string[], { cc, cxx }: Compilers): Promise<string> {
  const compiler = corpus.language === 'c' ? cc : cxx;
  const { stdout, stderr } = await runWell([compiler, '-v']);
  // Changes with what is kept.
  const edition = 2;
  const parts = [edition, corpus.directory, corpus.files, flags, stdout, stderr];
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return `${corpus.name}-${digest}`;
}

async function compileInto(
  corpus: Corpus,
  { flags, compilers }: { readonly flags: readonly string[]; readonly compilers: Compilers },
  workspace: string,
): Promise<void> {
  const isSplit = compilers === COMPILERS;
  const recipe: Recipe = (step) => [
    ...direct(step),
    ...(isSplit ? [...split(step), ...sameWhenStripped(step)] : []),
  ];
  const options: BuildOptions = { ...compilers, flags, outOfTree: true, dependencies: ['-MMD'], recipe };
  using build = new Build(corpus, options);
  await runWell(build.makeCommand(availableParallelism()));
  for (const file of corpus.files) {
    const object = path.join(corpus.directory, build.objectOf(file));
    keep(object, path.join(workspace, 'direct', `${file.source}.o`));
    if (isSplit) {
      keep(`${object}.1`, path.join(workspace, 'direct-stripped', `${file.source}.o`));
      keep(`${object}.split`, path.join(workspace, 'split', `${file.source}.o`));
    }
    keep(dependencyFileOf(object), path.join(workspace, 'direct', dependencyFileOf(`${file.source}.o`)));
  }
  writeFileSync(path.join(workspace, 'name'), build.name);
}

function direct({ compiler, file, object, options }: Step): readonly string[] {
  const words = [...file.argv, ...options.flags, ...options.dependencies];
  return [[compiler, ...words, '-c', '-o', object, file.source].join(' ')];
}

function split({ compiler, file, object, options }: Step): readonly string[] {
  const text = `${object}.${file.source.endsWith('.c') ? 'i' : 'ii'}`;
  const flags = [...file.argv, ...options.flags];
  const compileFlags = flags.filter((flag) => !/^-[DIU]/.test(flag));
  return [
    [compiler, ...flags, '-E', '-o', text, file.source].join(' '),
    [compiler, ...compileFlags, '-c', '-o', `${object}.split`, text].join(' '),
    `rm ${text}`,
  ];
}

function sameWhenStripped({ object }: Step): readonly string[] {
  return [
    `objcopy --strip-debug ${object} ${object}.1`,
    `objcopy --strip-debug ${object}.split ${object}.2`,
    `cmp ${object}.1 ${object}.2`,
    `rm ${object}.2`,
  ];
}

function keep(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(from, to);
}
