/** What the jobs that the agent remembers say of the build. */
import type { Story } from '../../events/history.ts';
import type { DescribeReason } from '../web/told-story.ts';
import { finding, type Finding } from './finding.ts';

export interface JobsQuestion {
  readonly stories: readonly Story[];
  readonly describe: DescribeReason;
  /** Of all hosts. */
  readonly slots: number;
  readonly makeFlags: string;
}

/** What fewer say is chance. */
const LEAST_JOBS = 20;
const MANY = 0.2;

export function examineJobs({ stories, describe, slots, makeFlags }: JobsQuestion): Finding[] {
  const findings: Finding[] = [];
  const jobs = /(?:^|\s)(?:-j|--jobs=?)\s*(\d+)/.exec(makeFlags)?.[1];
  if (jobs !== undefined && Number(jobs) < slots / 2) {
    const sentence = `MAKEFLAGS has -j${jobs}, and the hosts have ${slots} slots: most of them have nothing to do`;
    findings.push(finding('few-jobs', sentence, `export MAKEFLAGS=-j${slots}`));
  }
  const ended = stories.filter(({ ending }) => ending !== undefined).slice(-500);
  if (ended.length < LEAST_JOBS) return findings;
  if (slots > 1 && mostAtOnce(ended) === 1)
    findings.push(
      finding(
        'one-job',
        `Of the last ${ended.length} compiles no two ran at the same time: the build runs one job only`,
        `give it -j${slots} (make, ninja), MAKEFLAGS=-j${slots} (makepkg), MAKEOPTS=-j${slots} (Portage)`,
      ),
    );
  const local = Map.groupBy(
    ended.filter(({ ending }) => ending === 'local'),
    ({ reason }) => reason,
  );
  for (const [reason, some] of local) {
    if (some.length < ended.length * MANY || reason === 'local-turn') continue;
    const { sentence = reason, remedy } = describe(reason);
    const text = `${some.length} of the last ${ended.length} compiles stayed here: ${sentence}`;
    findings.push(finding('stays-here', text, remedy ?? 'see manyhands explain --local'));
  }
  return findings;
}

function mostAtOnce(stories: readonly Story[]): number {
  const steps = stories.flatMap(({ startedMs, elapsedMs }) => [
    { atMs: startedMs, by: 1 },
    { atMs: startedMs + elapsedMs, by: -1 },
  ]);
  steps.sort((one, other) => one.atMs - other.atMs || one.by - other.by);
  let [now, most] = [0, 0];
  for (const { by } of steps) most = Math.max(most, (now += by));
  return most;
}
