/**
 * One kind of process, hit again and again while builds go on: in an arena of its own, and at the moments
 * when a job comes into a phase.
 */
import assert from 'node:assert/strict';
import { agentsOf } from '../agent-process.ts';
import type { Make } from '../cluster.ts';
import { Arena, isWorker } from './arena.ts';
import { Chance } from './chance.ts';
import type { ChaosDaemon } from './daemon.ts';
import { descendantsOf, ownerOf, signal } from './processes.ts';
import type { WirePhase } from './slow-proxy.ts';
import { Striker, type Blow } from './striker.ts';
import { watchAgent, watchStarts, watchStateFiles, type ChaosPhase, type Sighting } from './watch.ts';

export const WHO = [
  'launcher',
  'agent',
  'worker',
  'parent',
  'compiler',
  "Debian's distccd",
  "Debian's distcc",
] as const;
export type Who = (typeof WHO)[number];

export interface StageOptions {
  readonly who: Who;
  readonly jobs: number;
  readonly limit: number;
  readonly blows: readonly Blow[];
  /** Built with short deadlines. */
  readonly launcher: string;
  /** Whether hosts preprocess. */
  readonly sendsHeaders?: boolean;
}

/** A blow may come too late for one that is quick; on a loaded machine, many do. */
const MOST_BUILDS = 40;

/** From a sighting to the blow, at most: a rename follows at once. */
const DELAY_MS: Partial<Record<ChaosPhase, number>> = { rename: 3, start: 30 };
/** What a proxy or a compiler can make longer, in order to hit it. */
const SLOW: Partial<Record<ChaosPhase, Arena['slow']>> = {
  connect: 'connect',
  preprocess: 'preprocess',
  send: 'send',
  queue: 'compile',
  compile: 'compile',
  receive: 'receive',
};

export class Stage implements AsyncDisposable {
  readonly #options: StageOptions;
  readonly #who: Who;
  #arena: Arena | undefined;
  #striker: Striker | undefined;
  #phase: ChaosPhase = 'queue';
  #nearest: ChaosDaemon | undefined;
  /** Debian's clients by the port of their end: looking takes longer than they stay in their last phase. */
  readonly #clients = new Map<number, number>();

  private constructor(options: StageOptions) {
    this.#options = options;
    this.#who = options.who;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { who, launcher } = options;
    const stage = new Stage(options);
    const client: Make = who === "Debian's distcc" ? 'debian' : 'ours';
    stage.#arena = await Arena.open({
      ...options,
      client,
      daemon: who === "Debian's distccd" ? 'debian' : 'ours',
      launcher: client === 'ours' ? launcher : undefined,
      onWirePhase: (phase, daemon, port) => stage.#seenOnTheWire(phase, daemon, port),
    });
    return stage;
  }

  /** Builds until all blows have met somebody. @returns what was done, for people. */
  async strike(phase: ChaosPhase): Promise<string> {
    const chance = new Chance(`${this.#who}, ${phase}`);
    const arena = this.#getArena();
    const striker = new Striker({
      chance,
      blows: this.#options.blows,
      delayMs: DELAY_MS[phase] ?? 15,
      isAlone: this.#who === 'agent' || this.#who === 'worker' || this.#who === 'parent',
      findVictim: (launcher) => this.#findVictim(launcher, this.#nearest ?? chance.pick(arena.daemons)),
    });
    this.#phase = phase;
    this.#striker = striker;
    this.#nearest = undefined;
    arena.slow = SLOW[phase];
    using _watch = this.#watch();
    let builds = 0;
    for (; builds < MOST_BUILDS && !striker.isDone; builds++) await this.#build(striker);
    arena.slow = undefined;
    const treesBefore = arena.trees;
    await arena.assertAllSlotsFree();
    if (this.#options.sendsHeaders === true) assert(arena.trees > treesBefore, 'headers are sent again');
    await arena.assertClean();
    const met = `${striker.done.length} of ${this.#options.blows.length} in ${builds} builds`;
    assert(striker.isDone, `only ${met} met somebody`);
    return met;
  }

  async #build(striker: Striker): Promise<void> {
    const arena = this.#getArena();
    const directory = arena.newBuild();
    // A build that finds an agent starts none.
    if (this.#phase === 'start') for (const pid of this.#agents) signal(pid, 'SIGKILL');
    // A make that loses its compiler to a signal says so: that is its business. It is called again.
    const losesTargets = this.#who === 'launcher' || this.#who === "Debian's distcc";
    const built = await arena.make(directory);
    await striker.settle();
    if (!losesTargets) assert.equal(built.status, 0, `make: ${built.stdout}${built.stderr}`);
    await arena.assertClean();
    arena.assertRight(directory, !losesTargets);
    if (!losesTargets) return;
    this.#striker = undefined;
    const again = await arena.make(directory);
    this.#striker = striker;
    assert.equal(again.status, 0, `make, again: ${again.stdout}${again.stderr}`);
    arena.assertRight(directory, true);
  }

  #watch(): Disposable | undefined {
    if (this.#isSeenOnTheWire) return undefined;
    const arena = this.#getArena();
    const { runtimeDirectory, distccDirectory } = arena;
    if (this.#phase === 'start')
      return watchStarts(
        () => agentsOf(arena.scratch.directory),
        (sighting) => this.#sight(sighting),
      );
    const onSighting = (sighting: Sighting): void => this.#sight(sighting);
    return this.#who === "Debian's distcc"
      ? watchStateFiles(distccDirectory, () => arena.launchers, onSighting)
      : watchAgent(runtimeDirectory, onSighting);
  }

  #sight({ phase, pid, isCurrent }: Sighting): void {
    if (phase !== this.#phase) return;
    const isQuick = phase === 'connect' || phase === 'send' || phase === 'rename';
    this.#striker?.sight(pid, isQuick ? undefined : isCurrent);
  }

  #seenOnTheWire(phase: WirePhase, daemon: ChaosDaemon, port: number): void {
    const isClients = this.#who === "Debian's distcc";
    if (isClients && phase === 'connect') {
      const pid = ownerOf(port, this.#getArena().launchers);
      if (pid !== undefined) this.#clients.set(port, pid);
    }
    if (!this.#isSeenOnTheWire || phase !== this.#wirePhase) return;
    this.#nearest = daemon;
    this.#striker?.sight(isClients ? this.#clients.get(port) : undefined);
  }

  /** The worker's side of a phase is another moment than the client's; and only ours tells where it is. */
  get #isSeenOnTheWire(): boolean {
    if (this.#who === "Debian's distcc") return this.#phase !== 'preprocess' && this.#phase !== 'queue';
    return isBehindTheWire(this.#who) && this.#phase !== 'preprocess' && this.#phase !== 'rename';
  }

  /** A job that waits at a worker is one that was sent. Debian's client writes in place what it receives. */
  get #wirePhase(): ChaosPhase {
    if (this.#phase === 'queue') return 'compile';
    return this.#phase === 'rename' ? 'receive' : this.#phase;
  }

  #findVictim(launcher: number | undefined, daemon: ChaosDaemon | undefined): number | undefined {
    const arena = this.#getArena();
    const below = (pid = 0) => descendantsOf(pid, arena.processes);
    switch (this.#who) {
      case 'launcher':
      case "Debian's distcc":
        return launcher;
      case 'agent':
        return this.#agents[0];
      case 'parent':
        return daemon?.pid;
      case 'worker':
        return below(daemon?.pid).find(isWorker)?.pid;
      case "Debian's distccd":
        return below(daemon?.pid).at(-1)?.pid;
      case 'compiler':
        return findCompiler(arena);
    }
  }

  get #agents(): readonly number[] {
    return agentsOf(this.#getArena().scratch.directory);
  }

  #getArena(): Arena {
    assert(this.#arena !== undefined);
    return this.#arena;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#arena?.[Symbol.asyncDispose]();
  }
}

/** Whether the worker's machine is where it runs. */
export function isBehindTheWire(who: Who): boolean {
  return who !== 'launcher' && who !== 'agent' && who !== "Debian's distcc";
}

/** A compiler of a daemon's, or a preprocessor of a launcher's. */
function findCompiler(arena: Arena): number | undefined {
  const all = arena.processes;
  const remote = arena.daemons
    .flatMap(({ pid }) => descendantsOf(pid, all))
    .filter((seen) => !isWorker(seen));
  const preprocessors = all.filter(({ argv }) => argv.includes('-E') && !argv[0]?.endsWith('distcc'));
  return [...preprocessors, ...remote].at(-1)?.pid;
}
