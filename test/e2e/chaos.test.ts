/**
 * Whatever is killed or stopped, and whenever: the build ends with right objects, and a moment later
 * nothing is left of what was hit, neither file nor process nor slot in use.
 *
 * Each test is one process in one phase: builds go on, with one hit after another, until all hits are
 * done. The seed (MANYHANDS_SEED) says who is hit when. Phases are made long enough by proxies and
 * compilers that take their time.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { buildLauncher } from '../rig/chaos/arena.ts';
import { SEED } from '../rig/chaos/chance.ts';
import { isBehindTheWire, Stage, WHO, type StageOptions, type Who } from '../rig/chaos/stage.ts';
import { PHASES, type ChaosPhase } from '../rig/chaos/watch.ts';
import { BIN } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { Scratch } from '../rig/scratch.ts';

const BLOWS = ['kill', 'kill', 'kill', 'kill', 'kill', 'stop-and-resume', 'stop-and-kill'] as const;

const shared = new Scratch();
after(() => shared[Symbol.dispose]());
const isBuilt = ['distcc', 'distccd'].every((name) => existsSync(path.join(BIN, name)));
const launcher = isBuilt ? await buildLauncher(shared, ['-DACK_MS=500', '-DSILENCE_MS=1000']) : '';

describe(`seed ${SEED}`, { concurrency: 3 }, () => {
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
