/** What one way of compiling costs the client's machine: make and all below it, the agent, and what serves it. */
import { readAgentStatus, type Client } from '../../test/rig/client.ts';
import { PLAIN_ENVIRONMENT } from '../../test/rig/scratch.ts';
import { Build, type Recipe } from '../corpus/build.ts';
import type { Corpus } from '../corpus/corpus.ts';
import { cpuOfCommand, cpuOfProcess } from './cpu.ts';
import type { Summary } from './statistics.ts';

/** One way of compiling a file. */
export interface Way {
  readonly name: string;
  /** What stands before the compiler. */
  readonly prefix?: string;
  readonly recipe?: Recipe;
  readonly client?: Client;
  /** Processes that work for this way beside the agent and everything below make. */
  readonly servants?: () => readonly number[];
}

/** `empty` is the measure's own cost. */
export const EMPTY: Way = { name: 'empty program', prefix: 'true' };

export interface BuildPlan {
  readonly corpus: Corpus;
  readonly flags: readonly string[];
  readonly jobs: number;
  readonly isInTree: boolean;
}

/** CPU milliseconds of one build of all files. */
export async function cpuOfBuild(way: Way, { corpus, flags, jobs, isInTree }: BuildPlan): Promise<number> {
  const prefix = way.prefix === undefined ? '' : `${way.prefix} `;
  using build = new Build(corpus, {
    cc: `${prefix}gcc`,
    cxx: `${prefix}g++`,
    flags,
    dependencies: [],
    outOfTree: !isInTree,
    ...(way.recipe === undefined ? {} : { recipe: way.recipe }),
  });
  const besideMs = await cpuBesideMake(way);
  const command = [...build.makeCommand(jobs), '--always-make'];
  const ownMs = await cpuOfCommand(command, way.client?.env ?? PLAIN_ENVIRONMENT);
  return ownMs + (await cpuBesideMake(way)) - besideMs;
}

/**
 * Has all ways measured once for warmth, and then in each round, each round beginning with another one.
 * The samples of a round are in the order of `ways`.
 */
export async function takeTurns<Sample>(
  ways: readonly Way[],
  rounds: number,
  measure: (way: Way) => Promise<Sample>,
): Promise<Sample[][]> {
  const samples: Sample[][] = [];
  for (const way of ways) await measure(way);
  for (let round = 0; round < rounds; round++) {
    const row: Sample[] = [];
    for (let turn = 0; turn < ways.length; turn++) {
      const index = (round + turn) % ways.length;
      row[index] = await measure(ways[index] ?? EMPTY);
    }
    samples.push(row);
  }
  return samples;
}

export function formatSummary({ n, median, low, high }: Summary, digits = 2): readonly string[] {
  return [`${n}`, median.toFixed(digits), `${low.toFixed(digits)}..${high.toFixed(digits)}`];
}

async function cpuBesideMake({ client, servants }: Way): Promise<number> {
  const servantsMs = (servants?.() ?? []).reduce((sum, pid) => sum + cpuOfProcess(pid), 0);
  if (client?.make !== 'ours') return servantsMs;
  const pid = await agentOf(client);
  return servantsMs + (pid === undefined ? 0 : cpuOfProcess(pid));
}

/** Asked for once: to answer costs the agent as much as some ten jobs. undefined before the first job. */
export async function agentOf(client: Client): Promise<number | undefined> {
  const known = agents.get(client);
  if (known !== undefined) return known;
  const { pid } = await readAgentStatus(client.env);
  if (pid !== undefined) agents.set(client, pid);
  return pid;
}

const agents = new WeakMap<Client, number>();
