/**
 * A distribution that has our programs where distcc's were, part of a real project for it to build, and two
 * workers of ours outside of it: for tests of how distributions use a distcc.
 *
 * What is done in there changes nothing of this machine (other-root.ts).
 */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { Build } from '../../bench/corpus/build.ts';
import { copyCorpus, prepareCorpus, type Corpus } from '../../bench/corpus/corpus.ts';
import { formatHosts } from './client.ts';
import { START_DISTCCD, type Daemon } from './cluster.ts';
import { make } from './installed.ts';
import { compareBuild, COMPILERS, prepareReference, type Reference } from './objects.ts';
import { runInOtherRoot } from './other-root.ts';
import { Scratch } from './scratch.ts';
import { sum } from './site.ts';

/** Without debug information an object says nothing of its directory: it has to be the local one anywhere. */
const FLAGS = ['-O2'];
/** Every fifth file, none of which takes a second. */
const isPart = (_: unknown, index: number): boolean => index % 5 === 1;

const INSTALL = 'cp -a /tmp/shared/stage/. /\n';

export class Distribution implements AsyncDisposable {
  readonly scratch: Scratch;
  readonly workers: readonly Daemon[];
  readonly corpus: Corpus;
  readonly #reference: Reference;

  private constructor(parts: Pick<Distribution, 'scratch' | 'workers' | 'corpus'>, reference: Reference) {
    this.scratch = parts.scratch;
    this.workers = parts.workers;
    this.corpus = parts.corpus;
    this.#reference = reference;
  }

  static async open(): Promise<Distribution> {
    const whole = await prepareCorpus('rdkafka');
    const corpus = { ...whole, files: whole.files.filter(isPart) };
    const reference = await prepareReference(corpus, FLAGS);
    const scratch = new Scratch();
    const workers: Daemon[] = [];
    try {
      scratch.openDirectory('shared');
      await make('install', { PREFIX: '/usr', DESTDIR: scratch.path('shared', 'stage') });
      chmodSync(scratch.path('shared', 'stage'), 0o755);
      for (let i = 0; i < 2; i++) workers.push(await START_DISTCCD.ours(scratch, { jobs: 4 }));
    } catch (error) {
      for (const worker of workers) await worker[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
      throw error;
    }
    return new Distribution({ scratch, workers, corpus }, reference);
  }

  /** Both workers, as DISTCC_HOSTS has them. */
  get hosts(): string {
    return formatHosts(this.workers);
  }

  /** The sources with a Makefile that says `CC = COMPILER`, in /tmp/shared/DIRECTORY when seen from inside. */
  async layOut(directory: string, compiler = COMPILERS.cc): Promise<Build> {
    const corpus = await copyCorpus(this.corpus, this.scratch.path('shared', directory));
    return new Build(corpus, {
      cc: compiler,
      cxx: compiler,
      flags: FLAGS,
      outOfTree: true,
      dependencies: [],
    });
  }

  /** Runs a script as root of the distribution, where nothing falls back but what the script lets fall back. */
  run(script: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    return runInOtherRoot(this.scratch, INSTALL + script, {
      shared: this.scratch.path('shared'),
      env: { DISTCC_HOSTS: this.hosts, DISTCC_FALLBACK: '0', ...env },
    });
  }

  /** Asserts that a build has the local objects. */
  assertLocalObjects(build: Build): void {
    assert.deepEqual(compareBuild(build, this.#reference).objections, []);
  }

  /** Asserts that the workers compile so many files, both of them some, while `work` is under way. */
  async assertCompiled(files: number, work: () => Promise<unknown>): Promise<void> {
    const before = await this.#counts();
    await work();
    let done: readonly number[] = [];
    // A worker counts a job after its client has the result.
    for (let triesLeft = 100; triesLeft > 0 && sum(done) < files; triesLeft--) {
      done = (await this.#counts()).map((count, index) => count - (before[index] ?? 0));
    }
    assert.equal(sum(done), files, `compiled by the workers: ${done.join(' and ')}`);
    if (files > 1) assert(!done.includes(0), `a worker had nothing to do: ${done.join(' and ')}`);
  }

  async #counts(): Promise<number[]> {
    const counts = await Promise.all(this.workers.map((worker) => worker.counts()));
    return counts.map(({ ok }) => ok);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
    this.scratch[Symbol.dispose]();
  }
}
