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
import { after, describe, test } from 'node:test';
import { agentsOf } from '../rig/agent-process.ts';
import { Arena, isWorker } from '../rig/chaos/arena.ts';
import { SEED } from '../rig/chaos/chance.ts';
import { buildLauncher } from '../rig/chaos/launcher.ts';
import { descendantsOf, signal } from '../rig/chaos/processes.ts';
import { isBehindTheWire, Stage, WHO, type StageOptions, type Who } from '../rig/chaos/stage.ts';
import { PHASES, type ChaosPhase } from '../rig/chaos/watch.ts';
import { BIN } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { Scratch } from '../rig/scratch.ts';

const BLOWS = ['kill', 'kill', 'kill', 'kill', 'kill', 'stop-and-resume', 'stop-and-kill'] as const;

const FEW_BLOWS = ['kill', 'kill', 'stop-and-resume', 'stop-and-kill'] as const;

/** Where hosts preprocess, the agent scans in the phase `preprocess`, and has questions for a compiler. */
const WITH_HEADERS: readonly (readonly [Who, ...ChaosPhase[]])[] = [
  ['launcher', 'preprocess', 'send', 'compile', 'receive'],
  ['agent', 'preprocess', 'send', 'compile', 'receive'],
  ['worker', 'send'],
  ['worker', 'compile'],
  ['parent', 'send', 'compile'],
  ['compiler', 'preprocess', 'compile'],
  ["Debian's distccd", 'send', 'compile', 'receive'],
];

const OURS = { client: 'ours', daemon: 'ours', jobs: 3, limit: 3, launcher: undefined } as const;

const shared = new Scratch();
after(() => shared[Symbol.dispose]());
const isBuilt = ['distcc', 'distccd'].every((name) => existsSync(path.join(BIN, name)));
const launcher = isBuilt ? await buildLauncher(shared, ['-DACK_MS=500', '-DSILENCE_MS=1000']) : '';

describe(`seed ${SEED}`, { concurrency: 3 }, () => {
  test('an agent that stays stopped in the middle of a build does not stop it', needs('agent'), async () => {
    let stopped: number | undefined;
    await using arena = await Arena.open({
      ...OURS,
      onWirePhase: (phase) => {
        if (phase !== 'compile' || stopped !== undefined) return;
        stopped = agentsOf(arena.scratch.directory)[0];
        if (stopped !== undefined) signal(stopped, 'SIGSTOP');
      },
    });
    arena.slow = 'compile';
    const directory = arena.newBuild();
    const built = await arena.make(directory);
    assert.equal(built.status, 0, built.stdout + built.stderr);
    assert(stopped !== undefined, 'there was no agent to stop');
    assert(built.elapsedMs > 15_000, `it gave up an agent after ${built.elapsedMs} ms`);
    arena.assertRight(directory, true);
    signal(stopped, 'SIGCONT');
    await arena.assertClean();
    arena.assertRight(directory, true);
    await arena.assertAllSlotsFree();
  });

  test(
    'a compiler that is always killed is an error where nothing may fall back',
    needs('compiler'),
    async () => {
      await using arena = await Arena.open({ ...OURS, onWirePhase: () => {} });
      arena.slow = 'compile';
      const directory = arena.newBuild();
      const killing = setInterval(() => {
        const all = arena.processes;
        const compilers = arena.daemons.flatMap(({ pid }) => descendantsOf(pid, all));
        for (const seen of compilers) if (!isWorker(seen)) signal(seen.pid, 'SIGKILL');
      }, 10);
      const built = await arena.make(directory, { DISTCC_FALLBACK: '0' });
      clearInterval(killing);
      assert.equal(built.status, 2);
      assert.match(built.stderr, /its compiler was killed by signal 9/);
      await arena.assertClean();
      arena.assertRight(directory, false);
      arena.slow = undefined;
      await arena.assertAllSlotsFree();
    },
  );

  for (const [who, ...phases] of WITH_HEADERS) {
    test(`with headers, ${who}: ${phases.join(', ')}`, needs(who), async (t) => {
      await using stage = await Stage.open({
        who,
        launcher,
        blows: FEW_BLOWS,
        sendsHeaders: true,
        ...boundsFor(who, phases),
      });
      for (const phase of phases) {
        await t.test(`${who}, ${phase}, with headers`, async (t) => t.diagnostic(await stage.strike(phase)));
      }
    });
  }

  for (const who of WHO) {
    for (const phases of groupsFor(who)) {
      test(`${who}: ${phases.join(', ')}`, needs(who), async (t) => {
        await using stage = await Stage.open({ who, launcher, blows: BLOWS, ...boundsFor(who, phases) });
        for (const phase of phases) {
          await t.test(`${who}, ${phase}`, async (t) => t.diagnostic(await stage.strike(phase)));
        }
      });
    }
  }
});

/** Phases that share an arena. A parent lets a worker that dies again and again wait longer each time. */
function groupsFor(who: Who): readonly (readonly ChaosPhase[])[] {
  if (who === 'worker') return PHASES.map((phase) => [phase]);
  const others = PHASES.filter((phase) => phase !== 'queue');
  return [who === 'agent' ? ['start', ...others] : others, ['queue']];
}

/** Where the queue is the question it is the agent's, or the worker's own. */
function boundsFor(who: Who, phases: readonly ChaosPhase[]): Pick<StageOptions, 'jobs' | 'limit'> {
  if (!phases.includes('queue')) return { jobs: 3, limit: 3 };
  return isBehindTheWire(who) ? { jobs: 1, limit: 3 } : { jobs: 3, limit: 1 };
}

function needs(who: Who): { readonly skip: string | false } {
  if (!isBuilt) return { skip: 'not built: distcc, distccd' };
  if (who === "Debian's distccd") return needsPeer('distccd');
  return who === "Debian's distcc" ? needsPeer('distcc') : { skip: false };
}
