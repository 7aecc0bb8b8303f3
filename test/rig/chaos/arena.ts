/**
 * Where things are killed: two daemons behind slow proxies, a client, a project of small files, and
 * compilers that can be told to take their time. It knows what the objects have to be, and what of us
 * may be left when a build is over.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAgent } from '../agent-process.ts';
import { formatHosts, openClient, type Client } from '../client.ts';
import type { Make } from '../cluster.ts';
import { run, type Ended } from '../run.ts';
import { Scratch } from '../scratch.ts';
import { ChaosDaemon } from './daemon.ts';
import { descendantsOf, processesMarked, signal, type Seen } from './processes.ts';
import { SlowProxy, type WirePhase } from './slow-proxy.ts';

export interface ArenaOptions {
  readonly client: Make;
  readonly daemon: Make;
  /** At once on each daemon. */
  readonly jobs: number;
  /** How many the client may send to each. */
  readonly limit: number;
  readonly onWirePhase: (phase: WirePhase, daemon: ChaosDaemon, clientPort: number) => void;
  /** Built with short deadlines; the usual one without it. */
  readonly launcher: string | undefined;
  /** Whether hosts preprocess. */
  readonly sendsHeaders?: boolean;
}

const DAEMONS = 2;
const FILES = 12;
const SLOW_MS = 50;
/** The issue's: by then nothing of ours is left of a build. */
const CLEAN_WITHIN_MS = 5000;

const NAMES = Array.from({ length: FILES }, (_, index) => `f${index}`);

export class Arena implements AsyncDisposable {
  readonly scratch = new Scratch();
  readonly daemons: ChaosDaemon[] = [];
  /** What takes its time. */
  slow: WirePhase | 'preprocess' | undefined;
  readonly #options: ArenaOptions;
  readonly #proxies: SlowProxy[] = [];
  readonly #compilers: string;
  readonly #reference: string;
  #client: Client | undefined;
  #builds = 0;

  private constructor(options: ArenaOptions) {
    this.#options = options;
    this.#compilers = this.scratch.openDirectory('compilers');
    this.#reference = this.scratch.openDirectory('reference');
  }

  static async open(options: ArenaOptions): Promise<Arena> {
    const arena = new Arena(options);
    arena.#writeCompiler();
    const { jobs, daemon: make, limit, onWirePhase } = options;
    for (let i = 0; i < DAEMONS; i++) {
      const daemon = await ChaosDaemon.open(make, arena.scratch, { jobs, compilers: arena.#compilers });
      arena.daemons.push(daemon);
      const proxy = await SlowProxy.open({
        target: daemon.port,
        holdMs: (phase) => (phase === arena.slow && phase !== 'compile' ? SLOW_MS : 0),
        onPhase: (phase, port) => onWirePhase(phase, daemon, port),
      });
      arena.#proxies.push(proxy);
    }
    const compression = options.sendsHeaders === true ? ',cpp,lzo' : '';
    arena.#client = openClient(options.client, arena.scratch, {
      hosts: formatHosts(arena.#proxies, { limit, compression }),
      env: {
        PATH: `${arena.#compilers}:${process.env['PATH'] ?? ''}`,
        DISTCC_BACKOFF_PERIOD: '0',
        DISTCC_FALLBACK: '1',
        DISTCC_IO_TIMEOUT: '2',
      },
    });
    arena.#makeReference();
    return arena;
  }

  get env(): NodeJS.ProcessEnv {
    assert(this.#client !== undefined);
    return this.#client.env;
  }

  get runtimeDirectory(): string {
    return this.scratch.path('run');
  }

  get distccDirectory(): string {
    return this.scratch.path('distcc');
  }

  /** All that lives here, whoever started it. */
  get processes(): Seen[] {
    return processesMarked(this.scratch.directory);
  }

  /** How many jobs came with all their files, to whatever end. */
  get trees(): number {
    return this.#proxies.reduce((sum, { trees }) => sum + trees, 0);
  }

  /** Clients under way. */
  get launchers(): number[] {
    const own = [this.#options.launcher, this.#client?.launcher];
    return this.processes.filter(({ argv }) => own.includes(argv[0])).map(({ pid }) => pid);
  }

  /** The directory of a new build. */
  newBuild(): string {
    const directory = this.scratch.path(`build-${this.#builds++}`);
    for (const phase of ['preprocess', 'compile']) {
      rmSync(this.scratch.path(`slow-${phase}`), { force: true });
      if (this.slow === phase) writeFileSync(this.scratch.path(`slow-${phase}`), '');
    }
    mkdirSync(path.join(directory, 'obj'), { recursive: true });
    writeProject(directory, this.#options.client);
    // The agent asks a compiler that is another one all that it has asked the last.
    if (this.#options.sendsHeaders === true) this.#writeCompiler();
    return directory;
  }

  /** make, with what is left of the targets; `env` is added to the client's. */
  make(directory: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const launcher = this.#options.launcher ?? this.#client?.launcher ?? '';
    return run(['make', '-k', '-j6', `CC=${launcher} gcc`], {
      cwd: directory,
      env: { ...this.env, ...env },
      timeoutMs: 60_000,
    });
  }

  /** Asserts that objects and dependency files are right, down to the byte. */
  assertRight(directory: string, isComplete: boolean): void {
    const wanted = NAMES.flatMap((name) => [`${name}.o`, `${name}.d`]);
    const found = readdirSync(path.join(directory, 'obj')).filter((name) => wanted.includes(name));
    if (isComplete)
      assert.deepEqual(
        wanted.filter((name) => !found.includes(name)),
        [],
        'missing',
      );
    for (const name of found) {
      const bytes = readFileSync(path.join(directory, 'obj', name));
      const right = readFileSync(path.join(this.#reference, 'obj', name));
      assert(
        bytes.equals(right),
        `${name} is not what gcc writes: ${bytes.length} for ${right.length} bytes`,
      );
    }
  }

  /** Waits until nothing of a build is left, for 5 s at most. */
  async assertClean(): Promise<void> {
    const deadline = performance.now() + CLEAN_WITHIN_MS;
    for (;;) {
      const left = [...this.#leftFiles(), ...this.#leftProcesses()];
      if (left.length === 0) return;
      assert(performance.now() < deadline, `left after 5 s:\n${left.join('\n')}`);
      await delay(50);
    }
  }

  /**
   * Asserts that all slots can be used at the same time: as many compilers as there are slots wait for
   * each other on the daemons, and nothing may fall back.
   */
  async assertAllSlotsFree(): Promise<void> {
    const { jobs, limit } = this.#options;
    await Promise.all(this.daemons.map((daemon) => daemon.whenUp()));
    const slots = DAEMONS * Math.min(jobs, limit);
    const before = await this.#compiledWell();
    const meeting = this.scratch.openDirectory('meeting');
    writeFileSync(this.scratch.path('expected'), `${slots}`);
    const directory = this.newBuild();
    const targets = NAMES.slice(0, slots).map((name) => `obj/${name}.o`);
    const ended = await run(['make', `-j${slots}`, `CC=${this.#client?.launcher} gcc`, ...targets], {
      cwd: directory,
      env: { ...this.env, DISTCC_FALLBACK: '0', DISTCC_IO_TIMEOUT: '20' },
      timeoutMs: 60_000,
    });
    rmSync(meeting, { recursive: true });
    assert.equal(ended.status, 0, `with all slots in use: ${ended.stdout}${ended.stderr}`);
    this.assertRight(directory, false);
    for (let triesLeft = 50; triesLeft > 0; triesLeft--) {
      if ((await this.#compiledWell()) - before >= slots) return;
      await delay(20);
    }
    assert.fail(`the workers count ${(await this.#compiledWell()) - before} of ${slots} compiles`);
  }

  async #compiledWell(): Promise<number> {
    const counts = await Promise.all(this.daemons.map((daemon) => daemon.compiledWell()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #leftFiles(): string[] {
    const spools = path.join(this.runtimeDirectory, 'manyhands');
    const directories = [
      ...(this.#options.client === 'ours' ? [this.scratch.path('tmp')] : []),
      ...(this.#options.daemon === 'ours' ? this.daemons.map((daemon) => daemon.temporaryDirectory) : []),
      ...namesIn(spools).flatMap((name) => (name.endsWith('.d') ? [path.join(spools, name)] : [])),
      ...Array.from({ length: this.#builds }, (_, index) => this.scratch.path(`build-${index}`, 'obj')),
    ];
    const isExpected = /^f\d+\.[od]$/;
    return directories.flatMap((directory) =>
      namesIn(directory)
        .filter((name) => !isExpected.test(name))
        .map((name) => path.join(directory, name)),
    );
  }

  #leftProcesses(): string[] {
    const all = this.processes;
    const agents = all.filter(({ argv }) => isAgent(argv));
    const services = this.daemons.flatMap(({ pid, make }) => {
      const own = all.filter((seen) => seen.pid === pid);
      const children = descendantsOf(pid, all);
      return [...own, ...(make === 'debian' ? children : children.filter(isWorker))];
    });
    const expected = new Set([...agents.slice(0, 1), ...services].map(({ pid }) => pid));
    return all.filter(({ pid }) => !expected.has(pid)).map(({ pid, argv }) => `${pid} ${argv.join(' ')}`);
  }

  #makeReference(): void {
    mkdirSync(path.join(this.#reference, 'obj'));
    writeProject(this.#reference, 'ours');
    const { status, stderr } = spawnSync('make', ['-j2', 'CC=gcc'], {
      cwd: this.#reference,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }

  /** Waits for the others if there is a meeting, is slow if it was asked to be, and is gcc then. */
  #writeCompiler(): void {
    const pause = (phase: string): string =>
      `if [ -e ${this.scratch.path(`slow-${phase}`)} ]; then sleep ${SLOW_MS / 1000}; fi`;
    const meeting = this.scratch.path('meeting');
    const script = `#!/bin/sh
case " $* " in
*" -E "*) ${pause('preprocess')} ;;
*) if [ -d ${meeting} ]; then
    : > ${meeting}/$$
    tries=0
    until [ $(ls ${meeting} | wc -l) -ge $(cat ${this.scratch.path('expected')}) ]; do
      tries=$((tries + 1))
      [ $tries -lt 200 ] || { echo "the other compilers do not come" >&2; exit 1; }
      sleep 0.05
    done
  fi
  ${pause('compile')} ;;
esac
exec /usr/bin/gcc "$@"
`;
    const fresh = path.join(this.#compilers, 'gcc.new');
    writeFileSync(fresh, script);
    chmodSync(fresh, 0o755);
    renameSync(fresh, path.join(this.#compilers, 'gcc'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const daemon of this.daemons) await daemon[Symbol.asyncDispose]();
    for (const proxy of this.#proxies) await proxy[Symbol.asyncDispose]();
    for (const { pid } of this.processes) signal(pid, 'SIGKILL');
    this.scratch[Symbol.dispose]();
  }
}

export function isWorker({ argv }: Seen): boolean {
  return argv.includes('--work');
}

function writeProject(directory: string, client: Make): void {
  const lines = Array.from(
    { length: 400 },
    (_, i) => `static inline int base${i}(int x) { return x * ${i}; }`,
  );
  writeFileSync(path.join(directory, 'base.h'), `${lines.join('\n')}\n`);
  for (const [index, name] of NAMES.entries()) {
    const body = `for (int i = 0; i < x; i++) x += base${index}(i) + ${index};`;
    writeFileSync(
      path.join(directory, `${name}.c`),
      `#include "base.h"\nint ${name}(int x) { ${body} return x; }\n`,
    );
  }
  const objects = NAMES.map((name) => `obj/${name}.o`).join(' ');
  // Debian's client gets the name and the target wrong where they are not said.
  const flags = client === 'ours' ? '-MMD' : '-MMD -MF $(@:.o=.d) -MT $@';
  const rule = `obj/%.o: %.c\n\t@$(CC) -O1 ${flags} -c $< -o $@\n`;
  writeFileSync(path.join(directory, 'Makefile'), `all: ${objects}\n${rule}`);
}

/** Of files and directories, however deep. What goes away meanwhile is still there. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return existsSync(directory) ? ['going'] : [];
  }
}
