/**
 * Whatever is killed or stopped, and whenever: the build ends with right objects, and a moment later
 * nothing is left of what was hit, neither file nor process nor slot in use.
 *
 * Each test is one process in one phase: builds go on, with one hit after another, until all hits are
 * done. The seed (MANYHANDS_SEED) says who is hit when. Phases are made long enough by proxies and
 * compilers that take their time.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { Arena, buildLauncher, isWorker, type ArenaOptions } from '../rig/chaos/arena.ts';
import { Chance, SEED } from '../rig/chaos/chance.ts';
import type { ChaosDaemon } from '../rig/chaos/daemon.ts';
import { descendantsOf } from '../rig/chaos/processes.ts';
import { Striker, type Blow } from '../rig/chaos/striker.ts';
import { PHASES, watchAgent, watchStateFiles, type ChaosPhase } from '../rig/chaos/watch.ts';
import { agentsOf } from '../rig/agent-process.ts';
import { BIN, type Make } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { Scratch } from '../rig/scratch.ts';

interface Cell {
  readonly who: Who;
  readonly phase: ChaosPhase;
}

const WHO = [
  'launcher',
  'agent',
  'worker',
  'parent',
  'compiler',
  "Debian's distccd",
  "Debian's distcc",
] as const;
type Who = (typeof WHO)[number];

const BLOWS: readonly Blow[] = ['kill', 'kill', 'kill', 'kill', 'kill', 'stop-and-resume', 'stop-and-kill'];
const MOST_BUILDS = 8;

const shared = new Scratch();
after(() => shared[Symbol.dispose]());
const launcher = await buildLauncher(shared, ['-DACK_MS=500', '-DSILENCE_MS=1000']);

describe(`seed ${SEED}`, { concurrency: 3 }, () => {
  for (const who of WHO) {
    for (const phase of PHASES) {
      test(`${who}, ${phase}`, needs(who), (t) => strike(t, { who, phase }));
    }
  }
});

async function strike(t: TestContext, { who, phase }: Cell): Promise<void> {
  const chance = new Chance(`${who}, ${phase}`);
  let onWirePhase: ArenaOptions['onWirePhase'] = () => {};
  const client: Make = who === "Debian's distcc" ? 'debian' : 'ours';
  await using arena = await Arena.open({
    client,
    daemon: who === "Debian's distccd" ? 'debian' : 'ours',
    // The worker's own queue is another one than the agent's.
    jobs: phase === 'queue' && isBehindTheWire(who) ? 1 : 3,
    limit: phase === 'queue' && !isBehindTheWire(who) ? 1 : 3,
    slow: phase === 'queue' ? 'compile' : phase === 'rename' ? undefined : phase,
    onWirePhase: (wirePhase, daemon) => onWirePhase(wirePhase, daemon),
    ...(client === 'ours' ? { launcher } : {}),
  });
  let nearest: ChaosDaemon | undefined;
  const striker = new Striker({
    chance,
    blows: BLOWS,
    delayMs: phase === 'rename' ? 3 : 15,
    stopMs: [300, 1500],
    findVictim: (pid) => findVictim(arena, who, pid, nearest ?? chance.pick(arena.daemons)),
  });
  const wirePhase = phase === 'queue' ? 'compile' : phase;
  if (isBehindTheWire(who) && phase !== 'preprocess' && phase !== 'rename') {
    onWirePhase = (seen, daemon) => {
      if (seen !== wirePhase) return;
      nearest = daemon;
      striker.sight();
    };
  }
  const onSighting: Parameters<typeof watchAgent>[1] = (sighting) => {
    const isQuick = phase === 'connect' || phase === 'send' || phase === 'rename';
    if (sighting.phase === phase) striker.sight(sighting.pid, isQuick ? undefined : sighting.isCurrent);
  };
  using _watch = isOurs(onWirePhase)
    ? undefined
    : client === 'ours'
      ? watchAgent(arena.runtimeDirectory, onSighting)
      : watchStateFiles(arena.distccDirectory, onSighting);

  let builds = 0;
  for (; builds < MOST_BUILDS && !striker.isDone; builds++) {
    const directory = arena.newBuild();
    const built = await arena.make(directory);
    await striker.settle();
    const isForgiven = who === 'launcher' || who === "Debian's distcc";
    if (!isForgiven) assert.equal(built.status, 0, `make: ${built.stdout}${built.stderr}`);
    await arena.assertClean();
    arena.assertRight(directory, !isForgiven);
    if (isForgiven) {
      const again = await arena.make(directory);
      await striker.settle();
      arena.assertRight(directory, again.status === 0);
    }
  }
  await arena.assertClean();
  await arena.assertAllSlotsFree();
  await arena.assertClean();
  t.diagnostic(`${who}, ${phase}: ${striker.done.length} of ${BLOWS.length} in ${builds} builds`);
  assert(striker.isDone, `only ${striker.done.length} of ${BLOWS.length} could be hit in ${builds} builds`);

  function isOurs(handler: unknown): boolean {
    return handler !== undefined && isBehindTheWire(who) && phase !== 'preprocess' && phase !== 'rename';
  }
}

/** Whom only the wire shows at work. */
function isBehindTheWire(who: Who): boolean {
  return who !== 'launcher' && who !== 'agent' && who !== "Debian's distcc";
}

function findVictim(
  arena: Arena,
  who: Who,
  pid: number | undefined,
  daemon: ChaosDaemon | undefined,
): number | undefined {
  switch (who) {
    case 'launcher':
    case "Debian's distcc":
      return pid;
    case 'agent':
      return agentsOf(arena.scratch.directory)[0];
    case 'parent':
      return daemon?.pid;
    case 'worker':
      return descendantsOf(daemon?.pid ?? 0, arena.processes).find(isWorker)?.pid;
    case "Debian's distccd":
      return descendantsOf(daemon?.pid ?? 0, arena.processes).at(-1)?.pid;
    case 'compiler':
      return findCompiler(arena);
  }
}

/** A preprocessor of a launcher's, or a compiler of a daemon's. */
function findCompiler(arena: Arena): number | undefined {
  const all = arena.processes;
  const remote = arena.daemons
    .flatMap(({ pid }) => descendantsOf(pid, all))
    .filter((seen) => !isWorker(seen));
  const preprocessors = all.filter(({ argv }) => argv.includes('-E') && !argv[0]?.endsWith('distcc'));
  return [...remote, ...preprocessors].at(-1)?.pid;
}

function needs(who: Who): { readonly skip: string | false } {
  const unbuilt = ['distcc', 'distccd'].filter((name) => !existsSync(path.join(BIN, name)));
  if (unbuilt.length > 0) return { skip: `not built: ${unbuilt.join(', ')}` };
  if (who === "Debian's distccd") return needsPeer('distccd');
  return who === "Debian's distcc" ? needsPeer('distcc') : { skip: false };
}
