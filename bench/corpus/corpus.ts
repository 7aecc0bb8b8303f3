/**
 * A corpus: a real project, unpacked, and how each of its files is compiled.
 *
 * Fetched at first use into `bench/corpus/cache` or $MANYHANDS_CORPUS and then left alone: every build
 * goes into a directory of its own (build.ts), so that tests may share the sources.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_DIRECTORY, makeOnce } from './cache.ts';
import { PINS, type CorpusName, type Language, type Pin, type TreePin } from './pins.ts';

export interface Corpus {
  readonly name: string;
  readonly version: string;
  readonly language: Language;
  /** Where the compiler is started; sources and include paths are relative to it. */
  readonly directory: string;
  readonly files: readonly CorpusFile[];
}

export interface CorpusFile {
  readonly source: string;
  /** The flags that belong to the project: neither `-c` nor `-o`, no optimisation, no debug information. */
  readonly argv: readonly string[];
}

/** The corpus, ready to be compiled; the first time this needs npm, some megabytes and some seconds. */
export async function prepareCorpus(name: CorpusName): Promise<Corpus> {
  const pin = PINS.find((candidate) => candidate.name === name);
  assert(pin !== undefined, `no corpus is called ${name}`);
  return preparePinned(pin);
}

/** The same for a pin that is not among those with a name of their own. */
export async function preparePinned(pin: Pin): Promise<Corpus> {
  return toCorpus(pin, await prepareTree(pin));
}

/** The directory of a project's sources, fetched the first time. Builds write elsewhere. */
export async function prepareTree(pin: TreePin): Promise<string> {
  const directory = path.join(CACHE_DIRECTORY, directoryName(pin));
  await makeOnce(directory, (workspace) => fetchInto(pin, workspace));
  return directory;
}

/** A copy of the tree for builds that write beside the sources. It has a path of its own, so objects with
 * debug information are not those of the original. */
export async function copyCorpus(corpus: Corpus, into: string): Promise<Corpus> {
  const isOurs = (source: string) => !path.basename(source).startsWith('build-');
  cpSync(corpus.directory, into, { recursive: true, preserveTimestamps: true, filter: isOurs });
  return { ...corpus, directory: into };
}

/** The name changes with all that decides what is in the directory; pins of the same tree share it. */
function directoryName(pin: TreePin): string {
  const parts = [pin.integrity, JSON.stringify(pin.extra), pin.archive ?? ''];
  const digest = createHash('sha256').update(parts.join('')).digest('hex');
  return `${pin.package}-${pin.version}-${digest.slice(0, 8)}`;
}

function toCorpus(pin: Pin, directory: string): Corpus {
  const sources = pin.folders
    .flatMap((folder) =>
      readdirSync(path.join(directory, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(folder, file),
      ),
    )
    .filter((source) => pin.compiles(source))
    .sort();
  assert.equal(sources.length, pin.count, `files to compile in ${directory}`);
  const { name, version, language } = pin;
  return { name, version, language, directory, files: sources.map((source) => ({ source, argv: pin.argv })) };
}

/** npm finds its registry and proxy as the user has set them; what comes is believed by its digest only. */
async function fetchInto(pin: TreePin, workspace: string): Promise<void> {
  const packageName = `${pin.package}@${pin.version}`;
  const tarball = path.join(workspace, `${pin.package}-${pin.version}.tgz`);
  run('npm', ['pack', packageName, '--ignore-scripts', '--loglevel=error', '--pack-destination', workspace]);
  const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  assert.equal(`sha512-${digest}`, pin.integrity, `digest of ${packageName}`);
  const wanted = pin.archive === undefined ? [] : [`package/${pin.archive}`];
  run('tar', ['-xzf', tarball, '-C', workspace, '--strip-components=1', ...wanted]);
  if (pin.archive !== undefined) unpackInside(path.join(workspace, pin.archive), workspace);
  for (const [file, text] of Object.entries(pin.extra)) writeFileSync(path.join(workspace, file), text);
  rmSync(tarball);
}

function unpackInside(archive: string, workspace: string): void {
  run('tar', ['-xf', archive, '-C', workspace, '--strip-components=1']);
  rmSync(archive);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', cwd: CACHE_DIRECTORY });
  if (status === 0) return;
  throw new Error(`Cannot run ${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
