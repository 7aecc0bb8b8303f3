/** The farm's build: each file of a corpus again and again, as a real build.ninja. */
import assert from 'node:assert';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '../../test/rig/client.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from '../../test/rig/scratch.ts';
import { emptyFiles } from '../corpus/build.ts';
import type { Corpus, CorpusFile } from '../corpus/corpus.ts';
import { cpuOfCommand } from './cpu.ts';
import { NUMBER_BYTES } from './farm-worker.ts';

export const FLAGS = ['-O2', '-g'];

/** A build.ninja with so many jobs: each file of the corpus again and again. */
export class FarmBuild {
  readonly jobs: number;
  readonly #corpus: Corpus;
  readonly #directory: string;
  readonly #text: string;
  /** Where the last run's objects are. */
  #outputs = '';
  #runs = 0;

  constructor(whole: Corpus, own: Scratch, jobs: number) {
    this.#corpus = whole;
    this.jobs = jobs;
    this.#directory = own.openDirectory('build');
    const rule = (name: string, prefix: string): string =>
      `rule ${name}\n  command = GCC_COLORS=job=$job ${prefix} $words -c $source -o $out\n`;
    const lines = [rule('compile', '$LAUNCHER'), rule('nothing', 'true')];
    const outputs: Record<string, string[]> = { compile: [], nothing: [] };
    for (let job = 0; job < jobs; job++) {
      const file = whole.files[job % whole.files.length] as CorpusFile;
      const words = [...file.argv, ...FLAGS].join(' ');
      for (const [name, list] of Object.entries(outputs)) {
        const output = `$OUTPUTS/${name}-${job}.o`;
        list.push(output);
        lines.push(
          `build ${output}: ${name}\n  job = ${job}\n  words = ${words}\n  source = ${file.source}\n`,
        );
      }
    }
    for (const [name, list] of Object.entries(outputs))
      lines.push(`build all-${name}: phony ${list.join(' ')}\n`);
    this.#text = lines.join('\n');
  }

  /** @returns the CPU milliseconds of ninja and all that it starts. */
  run(client: Client, slots: number): Promise<number> {
    const compiler = this.#corpus.language === 'c' ? 'gcc' : 'g++';
    return this.#run('compile', `${client.launcher} ${compiler}`, { slots, env: client.env });
  }

  runEmpty(slots: number): Promise<number> {
    return this.#run('nothing', '', { slots, env: PLAIN_ENVIRONMENT });
  }

  async #run(
    what: string,
    launcher: string,
    { slots, env }: { readonly slots: number; readonly env: NodeJS.ProcessEnv },
  ): Promise<number> {
    const file = path.join(this.#directory, `${what}.ninja`);
    emptyFiles(this.#outputs);
    // Each run is a first one to ninja.
    this.#outputs = path.join(this.#directory, `run-${this.#runs++}`);
    mkdirSync(this.#outputs);
    writeFileSync(
      file,
      `builddir = ${this.#outputs}/log\nOUTPUTS = ${this.#outputs}\nLAUNCHER = ${launcher}\n${this.#text}`,
    );
    // One for each slot, and some to come.
    const parallel = `-j${Math.ceil(slots * 1.2)}`;
    const command = ['ninja', '--quiet', parallel, '-C', this.#corpus.directory, '-f', file, `all-${what}`];
    return cpuOfCommand(command, env);
  }

  /** @throws where an object is not what the worker sent, or two jobs have one. */
  check(objectFile: string): void {
    const wanted = readFileSync(objectFile);
    const numbers = new Set<string>();
    for (let job = 0; job < this.jobs; job++) {
      const bytes = readFileSync(path.join(this.#outputs, `compile-${job}.o`));
      assert.ok(bytes.subarray(0, -NUMBER_BYTES).equals(wanted), `${job}.o is not what was sent`);
      numbers.add(bytes.toString('latin1', bytes.length - NUMBER_BYTES));
    }
    assert.equal(numbers.size, this.jobs, 'two jobs have one object');
  }
}
